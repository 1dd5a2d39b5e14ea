"""The kinds of value that settings hold, each refusing with what would be allowed instead."""

from __future__ import annotations

import ipaddress
import itertools
import json
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from infra import rules
from infra.rules import Rule
from lambda_src.log_processor import filters
from lambda_src.log_processor.errors import SettingsError as FunctionSettingsError
from lambda_src.log_processor.schemas.original import ORIGINAL


class Settings(BaseModel):
    """A group of settings: frozen, and refusing what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def refusal(allowed: str) -> PydanticCustomError:
    """The error that says what would be allowed."""
    return PydanticCustomError("not_allowed", allowed.replace("{", "{{").replace("}", "}}"))


def _matching(rule: Rule) -> AfterValidator:
    def check(value: str) -> str:
        if not rule.accepts(value):
            raise refusal(rule.allowed)
        return value

    return AfterValidator(check)


def _one_of(values: tuple[int, ...]) -> AfterValidator:
    def check(value: int) -> int:
        if value not in values:
            raise refusal(f"one of {', '.join(map(str, values))}")
        return value

    return AfterValidator(check)


def _network(shortest: int, longest: int, example: str) -> Callable[[str], str]:
    allowed = f"an IPv4 network from /{shortest} to /{longest}, such as {example}"

    def check(value: str) -> str:
        try:
            network = ipaddress.IPv4Network(value)
        except ValueError as error:
            raise refusal(f"{allowed} ({error})") from error
        if not shortest <= network.prefixlen <= longest or "/" not in value:
            raise refusal(allowed)
        return str(network)

    return check


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


def _each_once(noun: str, least: int, most: int) -> AfterValidator:
    """Also the length: pydantic's own limits count only the entries that are valid."""

    def check(values: tuple[str, ...]) -> tuple[str, ...]:
        if not least <= len(values) <= most:
            raise refusal(f"{least} to {most} entries")
        if len(set(values)) < len(values):
            raise refusal(f"each {noun} once")
        return values

    return AfterValidator(check)


def _apart() -> AfterValidator:
    def check(networks: tuple[str, ...]) -> tuple[str, ...]:
        for one, other in overlaps(networks, networks):
            if one != other:
                raise refusal(f"networks that do not overlap, unlike {one} and {other}")
        return networks

    return AfterValidator(check)


def overlaps(ours: Iterable[str], theirs: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of IPv4 networks, one of ours and one of theirs, that have addresses in common."""
    return [
        (one, other)
        for one, other in itertools.product(ours, theirs)
        if ipaddress.IPv4Network(one).overlaps(ipaddress.IPv4Network(other))
    ]


def within(network: str, wholes: Iterable[str]) -> bool:
    """Whether one of the IPv4 networks holds all of this one."""
    inner = ipaddress.IPv4Network(network)
    return any(inner.subnet_of(ipaddress.IPv4Network(whole)) for whole in wholes)


def _certificates(value: str) -> str:
    import ssl

    if not rules.CERTIFICATES.accepts(value):
        raise refusal(rules.CERTIFICATES.allowed)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=value)
    except ssl.SSLError as error:
        raise refusal(f"{rules.CERTIFICATES.allowed} ({error.reason})") from error
    return value


_A_RULE = "a rule as the function takes it"


def _filter_rule(rule: dict[str, Any]) -> dict[str, Any]:
    try:
        filters.parse(json.dumps([rule]), ORIGINAL)
    except FunctionSettingsError as error:
        # The key path says which rule it is.
        found = str(error).removeprefix("filter ").replace("filter rule 1: ", "")
        raise refusal(f"{_A_RULE} ({found.removeprefix('rule 1: ')})") from error
    except (TypeError, ValueError, RecursionError) as error:
        # YAML knows values that JSON has no form for, such as dates.
        raise refusal(f"{_A_RULE} ({error}; put text in quotes)") from error
    return rule


def _filter_rules(listed: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """Each is one already; together they can still have the same name."""
    try:
        filters.parse(json.dumps(listed), ORIGINAL)
    except FunctionSettingsError as error:
        raise refusal(f"a list as the function takes it ({error})") from error
    return listed


def _minutes_or_never(value: Any) -> int | str:
    shortest, longest = rules.SILENT_MINUTES
    if value == "never" or (type(value) is int and shortest <= value <= longest):
        return cast("int | str", value)
    raise refusal(f"a whole number of minutes from {shortest} to {longest}, or never")


Name = Annotated[str, _matching(rules.ENVIRONMENT_NAME)]
Region = Annotated[str, _matching(rules.REGION)]
BucketName = Annotated[str, _matching(rules.BUCKET_NAME)]
BucketPrefix = Annotated[str, _matching(rules.BUCKET_PREFIX)]
PolicyArn = Annotated[str, _matching(rules.POLICY_ARN)]
RolePath = Annotated[str, _matching(rules.ROLE_PATH)]
Folders = Annotated[str, _matching(rules.FOLDERS_WITH_SLASH)]
KeyPrefix = Annotated[str, _matching(rules.KEY_PREFIX)]
Host = Annotated[str, _matching(rules.HOST)]
Hosts = Annotated[
    tuple[Host, ...],
    Field(strict=False),
    _each_once("host", 1, rules.HOSTS_LIMIT),
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 1,
                    "maxItems": rules.HOSTS_LIMIT,
                    "uniqueItems": True,
                },
            ]
        }
    ),
]
Port = Annotated[int, Strict(), Field(ge=1, le=65535)]
VpcCidr = Annotated[str, AfterValidator(_network(16, 25, "10.20.0.0/16"))]
ExistingVpcCidr = Annotated[str, AfterValidator(_network(16, 28, "10.20.0.0/16"))]
TargetCidr = Annotated[str, AfterValidator(_network(8, 32, "10.90.16.0/24"))]
PrefixListId = Annotated[str, _matching(rules.PREFIX_LIST_ID)]
VpcId = Annotated[str, _matching(rules.VPC_ID)]
SubnetId = Annotated[str, _matching(rules.SUBNET_ID)]
# https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html
SubnetIds = Annotated[tuple[SubnetId, ...], Field(strict=False), _each_once("subnet", 1, 16)]
NetworkCidrs = Annotated[
    tuple[TargetCidr, ...], Field(strict=False), _each_once("network", 1, 5), _apart()
]
RouteTableId = Annotated[str, _matching(rules.ROUTE_TABLE_ID)]
RouteTableIds = Annotated[
    tuple[RouteTableId, ...], Field(strict=False), _each_once("route table", 1, 20)
]
SecurityGroupId = Annotated[str, _matching(rules.SECURITY_GROUP_ID)]
AccountId = Annotated[str, _matching(rules.ACCOUNT_ID)]
RoleArn = Annotated[str, _matching(rules.ROLE_ARN)]
EndpointService = Annotated[str, _matching(rules.ENDPOINT_SERVICE)]
BucketPattern = Annotated[str, _matching(rules.BUCKET_PATTERN)]
BucketPatterns = Annotated[
    tuple[BucketPattern, ...], Field(strict=False), _each_once("bucket", 0, 20)
]
RetentionDays = Annotated[int, Strict(), _one_of(rules.LOG_RETENTION_DAYS)]
Text = Annotated[str, _matching(rules.TEXT)]
Tags = dict[Annotated[str, _matching(rules.TAG_KEY)], Annotated[str, _matching(rules.TAG_VALUE)]]
Certificates = Annotated[str, AfterValidator(_certificates)]
SecretArn = Annotated[str, _matching(rules.SECRET_ARN)]
CompressionLevel = Annotated[int, Strict(), Field(ge=0, le=9)]
IndexPrefix = Annotated[str, _matching(rules.INDEX_PREFIX)]
AbsolutePath = Annotated[str, _matching(rules.ABSOLUTE_PATH)]
ElasticsearchUrl = Annotated[str, _matching(rules.ELASTICSEARCH_URL)]
ElasticsearchUrls = Annotated[
    tuple[ElasticsearchUrl, ...], Field(strict=False), _each_once("URL", 1, 32)
]
ParameterName = Annotated[str, _matching(rules.QUERY_PARAMETER)]
ParameterNames = Annotated[
    tuple[ParameterName, ...], Field(strict=False), _each_once("name", 0, 64)
]
FilterRule = Annotated[dict[str, Any], AfterValidator(_filter_rule)]
FilterRules = Annotated[tuple[FilterRule, ...], Field(strict=False), AfterValidator(_filter_rules)]
Namespace = Annotated[str, _matching(rules.METRICS_NAMESPACE)]
TopicArn = Annotated[str, _matching(rules.TOPIC_ARN)]
Email = Annotated[str, _matching(rules.EMAIL)]
Emails = Annotated[tuple[Email, ...], Field(strict=False), _each_once("address", 0, 10)]
MinutesOrNever = Annotated[
    int | Literal["never"],
    PlainValidator(_minutes_or_never),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "integer",
                    "minimum": rules.SILENT_MINUTES[0],
                    "maximum": rules.SILENT_MINUTES[1],
                },
                {"const": "never"},
            ]
        }
    ),
]
