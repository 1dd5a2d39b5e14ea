"""The settings of an environment: one YAML file, read once into frozen models.

Every problem of a file is reported at once, each with file, line, key, value found, what is
allowed and the nearest known name. After that nobody checks again.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from infra import problems, rules, yaml_source
from infra.errors import SettingsError
from infra.naming import did_you_mean
from infra.rules import Rule


def _refusal(allowed: str) -> PydanticCustomError:
    return PydanticCustomError("not_allowed", allowed.replace("{", "{{").replace("}", "}}"))


def _matching(rule: Rule) -> AfterValidator:
    def check(value: str) -> str:
        if not rule.accepts(value):
            raise _refusal(rule.allowed)
        return value

    return AfterValidator(check)


def _one_of(values: tuple[int, ...]) -> AfterValidator:
    def check(value: int) -> int:
        if value not in values:
            raise _refusal(f"one of {', '.join(map(str, values))}")
        return value

    return AfterValidator(check)


def _network(shortest: int, longest: int, example: str) -> Callable[[str], str]:
    allowed = f"an IPv4 network from /{shortest} to /{longest}, such as {example}"

    def check(value: str) -> str:
        try:
            network = ipaddress.IPv4Network(value)
        except ValueError as error:
            raise _refusal(f"{allowed} ({error})") from error
        if not shortest <= network.prefixlen <= longest or "/" not in value:
            raise _refusal(allowed)
        return str(network)

    return check


Name = Annotated[str, _matching(rules.ENVIRONMENT_NAME)]
Region = Annotated[str, _matching(rules.REGION)]
BucketName = Annotated[str, _matching(rules.BUCKET_NAME)]
BucketPrefix = Annotated[str, _matching(rules.BUCKET_PREFIX)]
KeyPrefix = Annotated[str, _matching(rules.KEY_PREFIX)]
Host = Annotated[str, _matching(rules.HOST)]
Port = Annotated[int, Strict(), Field(ge=1, le=65535)]
VpcCidr = Annotated[str, AfterValidator(_network(16, 25, "10.20.0.0/16"))]
TargetCidr = Annotated[str, AfterValidator(_network(8, 32, "10.90.16.0/24"))]
PrefixListId = Annotated[str, _matching(rules.PREFIX_LIST_ID)]
VpcId = Annotated[str, _matching(rules.VPC_ID)]
SubnetId = Annotated[str, _matching(rules.SUBNET_ID)]
RetentionDays = Annotated[int, Strict(), _one_of(rules.LOG_RETENTION_DAYS)]
Text = Annotated[str, _matching(rules.TEXT)]
Tags = dict[Annotated[str, _matching(rules.TAG_KEY)], Annotated[str, _matching(rules.TAG_VALUE)]]


class Settings(BaseModel):
    """A group of settings: frozen, and refusing what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class NewNetwork(Settings):
    """A VPC of the environment's own."""

    model_config = ConfigDict(title="new network")

    cidr: VpcCidr = Field(
        description="the VPC's IPv4 network, /16 to /25; each subnet gets an eighth of it"
    )
    zones: Literal[2, 3] = Field(description="availability zones to spread over: 2 or 3")
    nat: Literal["none", "one", "per-zone"] = Field(
        description="the way out for private subnets: none, one gateway, or one per-zone"
    )


class ExistingNetwork(Settings):
    """A VPC that somebody else made.

    Its private subnets need a route to an S3 gateway endpoint: the function reads logs through it.
    """

    model_config = ConfigDict(title="existing network")

    vpc_id: VpcId = Field(description="the VPC's id")
    private_subnet_ids: Annotated[tuple[SubnetId, ...], Field(strict=False, min_length=1)] = Field(
        description="subnets that reach S3 and Logstash; better in two zones than in one"
    )

    @field_validator("private_subnet_ids")
    @classmethod
    def _each_once(cls, ids: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(ids)) < len(ids):
            raise _refusal("each subnet once")
        return ids


def _network_kind(value: Any) -> str:
    keys = set(value) if isinstance(value, dict) else set(getattr(value, "model_fields_set", ()))
    return "existing network" if {"vpc_id", "private_subnet_ids"} & keys else "new network"


class Logstash(Settings):
    """Where events go: Logstash's TCP input with the codec json_lines."""

    host: Host = Field(description="its host name or IPv4 address")
    port: Port = Field(description="the port of its tcp input")
    cidr: TargetCidr = Field(description="the IPv4 network its addresses are in: the only egress")

    @field_validator("cidr")
    @classmethod
    def _holds_the_host(cls, cidr: str, info: ValidationInfo) -> str:
        with suppress(ipaddress.AddressValueError):
            address = ipaddress.IPv4Address(info.data.get("host", ""))
            if address not in ipaddress.IPv4Network(cidr):
                raise _refusal(f"a network that holds the host, such as {address}/32")
        return cidr


class EventFields(Settings):
    """The fields that are the same in every event of the environment."""

    component: Text = Field(description="Component of every event")
    source_module_name: Text = Field(default="ELB", description="SourceModuleName of every event")
    type: Text = Field(default="logs", description="Type of every event")


class Function(Settings):
    """The size of the function, and how long its own log is kept."""

    memory_mb: Annotated[int, Strict(), Field(ge=128, le=10240)] = Field(
        default=256, description="megabytes of memory, 128 to 10240"
    )
    timeout_seconds: Annotated[int, Strict(), Field(ge=10, le=900)] = Field(
        default=120, description="seconds for one batch of objects, 10 to 900"
    )
    log_retention_days: RetentionDays = Field(description="days that the function's log is kept")
    maximum_concurrency: Annotated[int, Strict(), Field(ge=2, le=1000)] = Field(
        default=5, description="invocations at once, 2 to 1000, so that Logstash is not flooded"
    )


class LogProcessor(Settings):
    """Load balancer logs from S3 to Logstash."""

    bucket_name_prefix: BucketPrefix = Field(description="the log bucket's name up to its suffix")
    key_prefix: KeyPrefix = Field(
        default="", description="the folder in the bucket, as load balancers have it"
    )
    log_expiry_days: Annotated[int, Strict(), Field(ge=1, le=36500)] = Field(
        description="days that log objects are kept in the bucket"
    )
    s3_prefix_list_id: PrefixListId = Field(
        description="the id of the region's S3 prefix list, com.amazonaws.<region>.s3 in "
        "`aws ec2 describe-managed-prefix-lists`"
    )
    logstash: Logstash = Field(description="where events go")
    event: EventFields = Field(description="fields that are the same in every event")
    function: Function = Field(description="the function's size")


class Environment(Settings):
    """Everything about one environment."""

    name: Name = Field(description="the environment's name; its stacks' names begin with it")
    application: Text = Field(description="what runs here; Application of every event")
    region: Region = Field(description="the AWS region")
    artifact_bucket: BucketName = Field(
        description="an existing bucket of that region, which function code is uploaded to"
    )
    tags: Annotated[Tags, Field(max_length=45)] = Field(
        default_factory=dict, description="tags on every resource"
    )
    network: Annotated[
        Annotated[NewNetwork, Tag("new network")]
        | Annotated[ExistingNetwork, Tag("existing network")],
        Discriminator(_network_kind),
    ] = Field(description="a VPC to make (cidr, zones, nat) or an existing one (vpc_id, …)")
    log_processor: LogProcessor | None = Field(
        default=None, description="load balancer logs to Logstash"
    )


def load(name_or_path: str) -> Environment:
    """Read an environment: the name of a shipped example, or the path of a YAML file.

    Raises SettingsError with every problem of the file.
    """
    return parse(yaml_source.read(_find(name_or_path)))


def parse(source: yaml_source.YamlSource) -> Environment:
    """Check a file that has been read; raises SettingsError with every problem of it."""
    data = {} if source.data is None else source.data
    try:
        return Environment.model_validate(data)
    except ValidationError as error:
        raise SettingsError(problems.lines(error, Environment, source)) from error


def shipped() -> dict[str, Path]:
    """The example environments that come with the package, by name."""
    folder = Path(str(resources.files("infra.environments")))
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def _find(name_or_path: str) -> Path:
    examples = shipped()
    if name_or_path in examples:
        return examples[name_or_path]
    path = Path(name_or_path)
    if path.exists() or path.suffix in {".yaml", ".yml"} or "/" in name_or_path:
        return path
    raise SettingsError(
        [
            f'environment "{name_or_path}": neither a shipped example ({", ".join(examples)}) '
            f"nor a file here{did_you_mean(name_or_path, examples)}; "
            "give one of these names or the path of a YAML file"
        ]
    )
