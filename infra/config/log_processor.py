"""The settings of the log processor, and the function's environment variables that they become."""

from __future__ import annotations

import ipaddress
import json
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import Field, Strict, ValidationInfo, field_validator

from infra.config.private_link import PrivateLink
from infra.config.values import (
    BucketPrefix,
    Certificates,
    CompressionLevel,
    FilterRules,
    Host,
    Hosts,
    KeyPrefix,
    Namespace,
    ParameterNames,
    Port,
    PrefixListId,
    RetentionDays,
    SecretArn,
    Settings,
    TargetCidr,
    Text,
    refusal,
)
from infra.runtime import Architecture

Protocol = Literal["tcp", "tls", "lumberjack", "lumberjack+tls"]
Schema = Literal["original", "ecs"]


class Logstash(Settings):
    """Where events go: Logstash's inputs tcp (with the codec json_lines) or beats."""

    protocol: Protocol = Field(
        default="tcp",
        description="tcp or tls for its tcp input, lumberjack or lumberjack+tls for its beats "
        "input; only lumberjack is acknowledged by Logstash itself",
    )
    private_link: PrivateLink | None = Field(
        default=None, description="the endpoint service that leads to it, instead of a cidr"
    )
    host: Hosts | None = Field(
        default=None,
        validate_default=True,
        description="its host name or IPv4 address; or a list of up to 8, of which any one will "
        "do; with private_link may be left out",
    )
    port: Port = Field(description="the port of its input, the same for all hosts")
    cidr: TargetCidr | None = Field(
        default=None,
        validate_default=True,
        description="the IPv4 network its addresses are in: the only egress",
    )
    server_name: Host | None = Field(
        default=None,
        description="with TLS: the name in its certificate, where that is not the host",
    )
    ca: Certificates | None = Field(
        default=None,
        description="with TLS: the certificates to trust, as PEM, instead of the public ones",
    )
    secret_arn: SecretArn | None = Field(
        default=None,
        validate_default=True,
        description="with TLS: the whole ARN of a secret of this region, JSON with any of ca, "
        "certificate, private_key (each PEM) and server_name, encrypted with aws/secretsmanager; "
        "the function reads it through an interface endpoint, which a new network gets and an "
        "existing one has to have (or network.secrets_manager_endpoint): the function gets no way "
        "out to the internet, NAT or not",
    )
    compression_level: CompressionLevel | None = Field(
        default=None, description="of lumberjack: 0 (default, none) to 9"
    )

    @field_validator("host")
    @classmethod
    def _is_known(
        cls, host: tuple[str, ...] | None, info: ValidationInfo
    ) -> tuple[str, ...] | None:
        link = info.data.get("private_link", ...)
        if link is None and host is None:
            raise refusal("its host name or IPv4 address, or private_link")
        if isinstance(link, PrivateLink) and host is None and link.private_dns:
            raise refusal("with private_link.private_dns the service's private DNS name")
        return host

    @field_validator("cidr")
    @classmethod
    def _is_the_way(cls, cidr: str | None, info: ValidationInfo) -> str | None:
        link = info.data.get("private_link", ...)
        if link is None and cidr is None:
            raise refusal("the IPv4 network of its addresses, or private_link")
        if isinstance(link, PrivateLink) and cidr is not None:
            raise refusal("only without private_link: the endpoint is then the only way out")
        return cidr

    @field_validator("cidr")
    @classmethod
    def _holds_the_hosts(cls, cidr: str | None, info: ValidationInfo) -> str | None:
        for host in (cidr and info.data.get("host")) or ():
            with suppress(ipaddress.AddressValueError):
                address = ipaddress.IPv4Address(host)
                if address not in ipaddress.IPv4Network(cidr):
                    raise refusal(f"a network that holds the host, such as {address}/32")
        return cidr

    @field_validator("server_name", "ca", "secret_arn")
    @classmethod
    def _goes_with_tls(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None and not info.data.get("protocol", "tls").endswith("tls"):
            raise refusal("only with the protocol tls or lumberjack+tls")
        return value

    @field_validator("secret_arn")
    @classmethod
    def _tells_whom_to_expect(cls, value: str | None, info: ValidationInfo) -> str | None:
        """No certificate has the name that AWS makes for an endpoint."""
        known = {"protocol", "private_link", "host", "server_name"} <= info.data.keys()
        if known and value is None and _is_anonymous(info.data):
            raise refusal(
                "with TLS to a private_link, and no host, also logstash.server_name, the name in "
                "Logstash's certificate (or a secret that has it): the endpoint's own name is "
                "made by AWS"
            )
        return value

    @field_validator("compression_level")
    @classmethod
    def _goes_with_lumberjack(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None and not info.data.get("protocol", "lumberjack").startswith("l"):
            raise refusal("only with the protocol lumberjack or lumberjack+tls")
        return value


def _is_anonymous(found: dict[str, Any]) -> bool:
    """Whether neither the settings nor the address say what name a certificate has to have."""
    tls = str(found["protocol"]).endswith("tls")
    return tls and found["host"] is None and found["server_name"] is None


class EventFields(Settings):
    """The fields that are the same in every event of the environment."""

    component: Text = Field(description="Component of every event")
    source_module_name: Text = Field(default="ELB", description="SourceModuleName of every event")
    type: Text = Field(default="logs", description="Type of every event")


class Function(Settings):
    """What the function runs on, its size, and how long its own log is kept."""

    architecture: Architecture = Field(
        default="arm64", description="of its processor: arm64, which costs less, or x86_64"
    )

    # It needs 110 MiB at most, whatever the size of an object. Processor time is shared out by
    # memory, and parsing needs just that: twice the memory costs the same for half the time.
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
    memory_mb: Annotated[int, Strict(), Field(ge=128, le=10240)] = Field(
        default=512, description="megabytes of memory, 128 to 10240; processor time grows with it"
    )
    timeout_seconds: Annotated[int, Strict(), Field(ge=10, le=900)] = Field(
        default=120, description="seconds for one attempt at an object, 10 to 900"
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
        description="days that log objects and rejected lines are kept in the bucket"
    )
    s3_prefix_list_id: PrefixListId | None = Field(
        default=None,
        description="the id of the region's S3 prefix list, com.amazonaws.<region>.s3 in "
        "`aws ec2 describe-managed-prefix-lists`; known for the 15 regions that stand in "
        "infra/config/prefix_lists.py, needed in any other",
    )
    logstash: Logstash = Field(description="where events go")
    # Not `schema`: that is a method of pydantic's models.
    event_schema: Schema = Field(
        default="original",
        alias="schema",
        description="names of an event's fields: original, or Elastic's common schema (ecs)",
    )
    event: EventFields = Field(description="fields that are the same in every event")
    filters: FilterRules = Field(
        default=(),
        description="rules about which lines are delivered, as lambda_src/log_processor/filters.py "
        "explains them; without one, all are",
    )
    redact: ParameterNames = Field(
        default=(), description="names of query parameters whose values are taken out of URLs"
    )
    metrics_namespace: Namespace = Field(
        default="LogProcessor", description="the CloudWatch namespace of the function's metrics"
    )
    function: Function = Field(description="the function's size")


def variables(settings: LogProcessor, *, environment: str, application: str) -> dict[str, str]:
    """The function's environment variables, but for those that only CloudFormation can know."""
    target, event = settings.logstash, settings.event
    return {
        "LOGSTASH_PROTOCOL": target.protocol,
        "LOGSTASH_HOST": ",".join(target.host or ()),
        "LOGSTASH_PORT": str(target.port),
        "LOGSTASH_SERVER_NAME": target.server_name or "",
        "LOGSTASH_CA": target.ca or "",
        "LOGSTASH_COMPRESSION_LEVEL": str(target.compression_level or 0),
        **({"LOGSTASH_SECRET": target.secret_arn} if target.secret_arn else {}),
        "EVENT_SCHEMA": settings.event_schema,
        "EVENT_COMPONENT": event.component,
        "EVENT_SOURCE_MODULE_NAME": event.source_module_name,
        "EVENT_ENVIRONMENT": environment,
        "EVENT_APPLICATION": application,
        "EVENT_TYPE": event.type,
        "FILTERS": _compact(settings.filters) if settings.filters else "",
        "REDACT": ",".join(settings.redact),
        "METRICS_NAMESPACE": settings.metrics_namespace,
    }


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
