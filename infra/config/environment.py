"""Everything about one environment, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import Discriminator, Field, Tag, ValidationError, ValidationInfo, field_validator

from infra import problems, yaml_source
from infra.config import reach
from infra.config.log_processor import LogProcessor, variables
from infra.config.network import ExistingNetwork, NewNetwork, network_kind
from infra.config.operations import Operations
from infra.config.roles import Roles
from infra.config.values import BucketName, Name, Region, Settings, Tags, Text, refusal
from infra.errors import SettingsError
from infra.naming import BUCKET_NAME_LIMIT, did_you_mean
from infra.rules import STATE_FOLDER

VARIABLES_LIMIT = 4096
"""Bytes of all environment variables of a function together, as JSON.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


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
        Discriminator(network_kind),
    ] = Field(description="a VPC to make (cidr, zones, nat) or an existing one (vpc_id, …)")
    roles: Roles = Field(
        default_factory=Roles, description="what holds for every role that is made"
    )
    log_processor: LogProcessor | None = Field(
        default=None, validate_default=True, description="load balancer logs to Logstash"
    )

    @field_validator("log_processor")
    @classmethod
    def _fits_the_rest(
        cls, settings: LogProcessor | None, info: ValidationInfo
    ) -> LogProcessor | None:
        network, region = info.data.get("network"), info.data.get("region")
        allowed = list(reach.problems(settings, network, region))
        if settings is not None:
            allowed += _topic_problems(settings.operations, info)
            allowed += _size_problems(settings, info)
        if allowed:
            raise refusal("; ".join(allowed))
        return settings


def _topic_problems(settings: Operations, info: ValidationInfo) -> Iterator[str]:
    """An alarm rings a topic of its own region only."""
    arn, region = settings.topic_arn, info.data.get("region")
    if arn is not None and region is not None and arn.split(":")[3] != region:
        yield f"an operations.topic_arn of the region {region}"


def _size_problems(settings: LogProcessor, info: ValidationInfo) -> Iterator[str]:
    name, application = info.data.get("name"), info.data.get("application")
    if name is None or application is None:
        return
    # The bucket's name is not known before the account is.
    state = {"STATE_LOCATION": f"s3://{'b' * BUCKET_NAME_LIMIT}/{STATE_FOLDER}/"}
    found = variables(settings, environment=name, application=application) | state
    size = _size(found)
    if size > VARIABLES_LIMIT:
        largest = sorted(found, key=lambda each: -len(found[each]))[:2]
        yield (
            f"settings that fit into Lambda's {VARIABLES_LIMIT:,} bytes of environment variables; "
            f"these take {size:,}, the most of them {' and '.join(largest)}: shorten "
            "filters, or keep the CA in a secret (logstash.secret_arn)"
        )


def _size(found: Mapping[str, str]) -> int:
    """As Lambda measures: what is escaped in JSON counts twice."""
    return len(json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode())


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
