"""The settings of the log processor, and the function's environment variables that they become."""

from __future__ import annotations

import ipaddress
import json
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Strict, ValidationInfo, field_validator

from infra.config.elk import Elk
from infra.config.operations import LogProcessorOperations
from infra.config.private_link import PrivateLink
from infra.config.triggers import VISIBILITY_FACTOR, Asynchronous, QueueSettings, Trigger
from infra.config.values import (
    AccountId,
    BucketName,
    BucketPrefix,
    Certificates,
    CompressionLevel,
    FilterRules,
    Folders,
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
        default=5,
        description="invocations at once that the queue asks for, 2 to 1000, so that Logstash is "
        "not flooded; with another trigger, reserved_concurrency limits them",
    )
    reserved_concurrency: Annotated[int, Strict(), Field(ge=1, le=10000)] | None = Field(
        default=None,
        description="invocations that are kept for the function out of the account's, and the "
        "most there can be; at least maximum_concurrency",
    )
    tracing: Annotated[bool, Strict()] = Field(
        default=False,
        description="whether X-Ray traces it; the VPC then needs an interface endpoint for X-Ray, "
        "with private DNS, that admits HTTPS from the VPC",
    )


class AccessLog(Settings):
    """Where S3 writes down who asked for what in the buckets that are made here.

    The bucket has to let logging.s3.amazonaws.com write, for these buckets:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """

    bucket: BucketName = Field(description="an existing bucket of this region and account")
    prefix: Folders = Field(default="", description="folders in it, each with its slash")


def _sse_s3(value: str) -> str:
    if value != "SSE-S3":
        raise refusal(
            "SSE-S3: load balancers deliver to no bucket with another encryption, and say nothing"
        )
    return value


# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
Encryption = Annotated[str, AfterValidator(_sse_s3)]


class LogProcessor(Settings):
    """Load balancer logs from S3 to Logstash."""

    trigger: Trigger = Field(
        default="queue",
        description="what calls the function: queue (bucket, queue, function: buffers, and "
        "repeats each object by itself), direct (bucket, function) or eventbridge",
    )
    bucket_name_prefix: BucketPrefix | None = Field(
        default=None, description="the name of the log bucket that is made, up to its suffix"
    )
    existing_bucket: BucketName | None = Field(
        default=None,
        validate_default=True,
        description="a bucket that somebody else owns and load balancers already write to; what "
        "others are told of it stays as it is",
    )
    existing_bucket_account: AccountId | None = Field(
        default=None,
        description="the account that existing_bucket belongs to, where that is another one; its "
        "bucket policy has to admit what the stack's roles may do",
    )
    state_bucket_name_prefix: BucketPrefix | None = Field(
        default=None,
        validate_default=True,
        description="with existing_bucket: the name, up to its suffix, of the bucket that is made "
        "for rejected lines and checkpoints",
    )
    encryption: Encryption = Field(
        default="SSE-S3", description="of the buckets: load balancers deliver to SSE-S3 only"
    )
    network_load_balancers: Annotated[bool, Strict()] = Field(
        default=False,
        description="whether network load balancers may write to the bucket: another service "
        "delivers their logs",
    )
    access_log: AccessLog | None = Field(
        default=None, description="where S3 logs requests to the buckets that are made"
    )
    key_prefix: KeyPrefix = Field(
        default="", description="the folder in the bucket, as load balancers have it"
    )
    log_expiry_days: Annotated[int, Strict(), Field(ge=1, le=36500)] = Field(
        description="days that log objects and rejected lines are kept; in an existing_bucket its "
        "owner decides about log objects"
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
    queue: QueueSettings | None = Field(
        default=None, description="the queue, with the trigger queue"
    )
    asynchronous: Asynchronous | None = Field(
        default=None,
        description="how Lambda repeats what has failed, with the triggers direct and eventbridge",
    )
    elk: Elk = Field(
        default=Elk(), description="what receives the events: Logstash, Elasticsearch, Kibana"
    )
    operations: LogProcessorOperations = Field(
        default_factory=LogProcessorOperations, description="how it is watched and protected"
    )

    @field_validator("existing_bucket")
    @classmethod
    def _one_of_two(cls, name: str | None, info: ValidationInfo) -> str | None:
        if "bucket_name_prefix" in info.data:
            given = [one for one in (info.data["bucket_name_prefix"], name) if one is not None]
            if len(given) != 1:
                raise refusal("either bucket_name_prefix, for a bucket that is made, or this")
        return name

    @field_validator("existing_bucket_account")
    @classmethod
    def _of_an_existing_bucket(cls, account: str | None, info: ValidationInfo) -> str | None:
        if account is not None:
            if info.data.get("existing_bucket", "") is None:
                raise refusal("only with existing_bucket")
            if info.data.get("trigger") == "eventbridge":
                raise refusal(
                    "none with the trigger eventbridge: a bucket's events go to its own account; "
                    "use the trigger queue"
                )
        return account

    @field_validator("state_bucket_name_prefix")
    @classmethod
    def _beside_an_existing_bucket(cls, prefix: str | None, info: ValidationInfo) -> str | None:
        if "existing_bucket" in info.data:
            exists = info.data["existing_bucket"] is not None
            if exists and prefix is None:
                raise refusal("with existing_bucket a bucket's name up to its suffix")
            if not exists and prefix is not None:
                raise refusal("only with existing_bucket: else all is kept in the log bucket")
        return prefix

    @field_validator("network_load_balancers")
    @classmethod
    def _of_a_bucket_of_ours(cls, admitted: bool, info: ValidationInfo) -> bool:
        if admitted and info.data.get("existing_bucket") is not None:
            raise refusal("false with existing_bucket: whom it admits is its owner's affair")
        return admitted

    @field_validator("function")
    @classmethod
    def _reserves_what_the_queue_asks_for(
        cls, function: Function, info: ValidationInfo
    ) -> Function:
        kept, most = function.reserved_concurrency, function.maximum_concurrency
        if kept is not None and kept < most and info.data.get("trigger", "queue") == "queue":
            raise refusal(
                f"a reserved_concurrency of {most} or more, as maximum_concurrency says: with "
                "fewer, the queue's messages would be throttled, and become dead letters untried"
            )
        return function

    @field_validator("queue")
    @classmethod
    def _goes_with_the_trigger(
        cls, queue: QueueSettings | None, info: ValidationInfo
    ) -> QueueSettings | None:
        if queue is None:
            return None
        if info.data.get("trigger", "queue") != "queue":
            raise refusal("only with the trigger queue")
        function: Function | None = info.data.get("function")
        if function is not None and queue.visibility_seconds is not None:
            least = VISIBILITY_FACTOR * function.timeout_seconds
            if queue.visibility_seconds < least:
                raise refusal(
                    f"visibility_seconds of {least} or more, {VISIBILITY_FACTOR} times "
                    "function.timeout_seconds: sooner, a second attempt would begin while the "
                    "first may still be at work"
                )
        return queue

    @field_validator("asynchronous")
    @classmethod
    def _goes_without_a_queue(
        cls, retries: Asynchronous | None, info: ValidationInfo
    ) -> Asynchronous | None:
        if retries is not None and info.data.get("trigger", "direct") == "queue":
            raise refusal("only with the trigger direct or eventbridge")
        return retries

    @field_validator("operations")
    @classmethod
    def _rings_with_the_trigger(
        cls, operations: LogProcessorOperations, info: ValidationInfo
    ) -> LogProcessorOperations:
        if {"trigger", "asynchronous"} <= info.data.keys():
            found = operations.thresholds.without_effect(
                queue=info.data["trigger"] == "queue",
                given_up_seconds=(info.data["asynchronous"] or Asynchronous()).maximum_age_seconds,
            )
            if found is not None:
                raise refusal(found)
        return operations

    @field_validator("elk")
    @classmethod
    def _asks_for_what_the_function_has(cls, elk: Elk, info: ValidationInfo) -> Elk:
        target: Logstash | None = info.data.get("logstash")
        if elk.pipeline.client_ca is not None and target is not None and target.secret_arn is None:
            raise refusal(
                "pipeline.client_ca only with logstash.secret_arn: Logstash would ask the function "
                "for a certificate, which it has from there"
            )
        return elk

    @property
    def visibility_seconds(self) -> int:
        """How long the queue hides a message that the function has taken."""
        chosen = self.queue and self.queue.visibility_seconds
        return chosen or VISIBILITY_FACTOR * self.function.timeout_seconds

    @property
    def maximum_receives(self) -> int:
        """How often the queue hands a message out before it becomes a dead letter."""
        return (self.queue or QueueSettings()).maximum_receives


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
