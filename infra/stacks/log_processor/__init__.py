"""The log processor stack: log bucket → queue → function in the VPC → Logstash."""

from __future__ import annotations

from dataclasses import dataclass

from awacs.aws import Statement
from troposphere import AWSObject, Equals, GetAtt, If, Join, Not, Ref, Split, Sub

from infra import packaging, rules
from infra.blocks.bucket_notification import ForeignBucket, bucket_notification
from infra.blocks.function import (
    Code,
    Function,
    InlineCode,
    Size,
    StoredCode,
    vpc_function,
)
from infra.blocks.log_bucket import LogLocation
from infra.blocks.references import placeholder
from infra.blocks.role import RoleOptions
from infra.config import Asynchronous, Environment, LogProcessor, variables
from infra.model import Asset, Output, Stack
from infra.stacks.draft import Draft
from infra.stacks.log_processor.permissions import permissions
from infra.stacks.log_processor.place import made_bucket, place
from infra.stacks.log_processor.reach import admit, reach
from infra.stacks.log_processor.triggers import Trigger, trigger
from infra.stacks.log_processor.values import events, logstash
from infra.stacks.log_processor_watch import Watched, watch
from infra.stacks.network import Network
from infra.stacks.roles import role_options

ID = "log-processor"
FUNCTION = "log_processor"
HANDLER = packaging.handler(FUNCTION)
NOTIFICATION_FUNCTION = "bucket_notification"

DESCRIPTION = "Load balancer logs from S3 to Logstash, every line accounted for"


@dataclass(frozen=True, kw_only=True)
class Codes:
    """How the code of the stack's functions is carried."""

    processor: Asset | str
    """A zip, or source to embed."""
    notification: str | None
    """Source to embed of the function that a bucket of somebody else takes; else None."""

    @property
    def assets(self) -> tuple[Asset, ...]:
        """What has to stand in S3 before."""
        return () if isinstance(self.processor, str) else (self.processor,)


@dataclass(frozen=True, kw_only=True)
class LogProcessorHandles:
    """What a template has after `add`."""

    function: Function
    trigger: Trigger
    location: LogLocation
    bucket: AWSObject
    """The log bucket, or the one for state where the log bucket is somebody else's."""
    security_group_id: Output
    """The function's, which Logstash's side may admit."""


def compose(
    environment: Environment,
    settings: LogProcessor,
    network: Network,
    codes: Codes,
    secret_group: Output | None = None,
) -> tuple[Stack, Output]:
    """The stack that brings load balancer logs to Logstash, and the function's security group.

    `secret_group` is the group of Secrets Manager's endpoint, where it is one of ours.
    """
    draft = Draft(ID, DESCRIPTION)
    made = add(draft, environment, settings, network, codes, secret_group)
    stack = draft.finish(
        environment.name,
        assets=codes.assets,
        capabilities=("CAPABILITY_IAM",),
        protected=settings.operations.protected,
    )
    return stack, made.security_group_id


def add(
    draft: Draft,
    environment: Environment,
    settings: LogProcessor,
    network: Network,
    codes: Codes,
    secret_group: Output | None = None,
) -> LogProcessorHandles:
    """The same in a template that may hold more."""
    with draft.group("Logs"):
        where = place(draft, settings)
        source = trigger(draft, settings, where.location)
    roles = role_options(draft, environment.roles)
    function = _function(
        draft,
        environment,
        settings,
        network,
        codes.processor,
        where.location,
        source.permissions(),
        roles,
        secret_group,
    )
    with draft.group("Function"):
        told = source.join(function)
    bucket = made_bucket(draft, settings, where, told)
    if codes.notification is not None:
        location = where.location
        bucket_notification(
            draft.template,
            "LogNotification",
            bucket=ForeignBucket(name=location.bucket_name, owner=location.owner),
            told=told,
            code=InlineCode(source=codes.notification),
            architecture=settings.function.architecture,
            log_retention_days=Ref("LogRetentionDays"),
            role_options=roles,
        )
    made = LogProcessorHandles(
        function=function,
        trigger=source,
        location=where.location,
        bucket=bucket,
        security_group_id=_outputs(draft, function, source, where.location, bucket),
    )
    with draft.group("Alarms"):
        _watch(draft, settings, made)
    draft.hold(bucket, source.dead_letters, *([source.queue] if source.queue else []))
    return made


def _function(
    draft: Draft,
    environment: Environment,
    settings: LogProcessor,
    network: Network,
    code: Asset | str,
    location: LogLocation,
    statements: list[Statement],
    roles: RoleOptions,
    secret_group: Output | None,
) -> Function:
    found = variables(settings, environment=environment.name, application=environment.application)
    with draft.group("Logstash"):
        target = logstash(draft, found)
    with draft.group("Events"):
        content = events(draft, found)
    with draft.group("Network"):
        reached = reach(
            draft,
            environment,
            settings,
            network,
            port=target["LOGSTASH_PORT"],
            secret_group=secret_group,
        )
    with draft.group("Function"):
        function = vpc_function(
            draft.template,
            "Processor",
            description="Reads load balancer logs from S3 and delivers each line to Logstash",
            code=_code(draft, code),
            architecture=settings.function.architecture,
            placement=reached.placement,
            permissions=[*permissions(location, target.get("LOGSTASH_SECRET")), *statements],
            variables={
                **reached.variables,
                **target,
                **content,
                "STATE_LOCATION": location.state_url,
            },
            size=_size(draft, settings),
            log_retention_days=draft.choice(
                "LogRetentionDays",
                settings.function.log_retention_days,
                rules.LOG_RETENTION_DAYS,
                "Days that the function's own log is kept",
            ),
            role_options=roles,
            tracing=settings.function.tracing,
        )
    admit(draft, reached, function.security_group)
    return function


def _code(draft: Draft, code: Asset | str) -> Code:
    """The zip, wherever an operator keeps it, or the source itself."""
    if isinstance(code, str):
        return InlineCode(source=code)
    return StoredCode(
        bucket=draft.text(
            "CodeS3Bucket", code.bucket, rules.BUCKET_NAME, "Bucket of the function's zip"
        ),
        key=draft.text(
            "CodeS3Key", code.key, rules.ASSET_KEY, "Key of the zip, which names its content"
        ),
        handler=HANDLER,
    )


def _size(draft: Draft, settings: LogProcessor) -> Size:
    reserved = settings.function.reserved_concurrency
    return Size(
        memory_mb=draft.number(
            "FunctionMemory",
            settings.function.memory_mb,
            "Megabytes of memory; processor time grows with it",
            minimum=128,
            maximum=10240,
        ),
        timeout_seconds=settings.function.timeout_seconds,
        reserved_concurrency=None
        if reserved is None
        else draft.number(
            "ReservedConcurrency",
            reserved,
            "Invocations that are kept for the function, and the most there can be",
            minimum=1,
            maximum=10000,
        ),
    )


def _watch(draft: Draft, settings: LogProcessor, made: LogProcessorHandles) -> None:
    watched = Watched(
        function=made.function.function,
        log_group=made.function.log_group,
        timeout_seconds=settings.function.timeout_seconds,
        namespace=Ref("MetricsNamespace"),
        bucket=made.location.bucket_name,
        key_prefix=made.location.key_prefix,
        queue=made.trigger.queue,
        dead_letters=made.trigger.dead_letters,
        concurrency=made.trigger.concurrency or made.function.concurrency,
        given_up_seconds=(settings.asynchronous or Asynchronous()).maximum_age_seconds,
        rule=made.trigger.rule,
    )
    watch(draft, settings.operations, watched)


def _outputs(
    draft: Draft, function: Function, source: Trigger, location: LogLocation, bucket: AWSObject
) -> Output:
    _attributes(draft, location)
    draft.output(
        "BucketName", location.bucket_name, "The bucket that load balancers write their logs to"
    )
    if location.keeps_state_apart:
        draft.output("StateBucketName", Ref(bucket), "The bucket of rejected lines and checkpoints")
    if source.queue is not None:
        draft.output("QueueUrl", Ref(source.queue), "The queue of log objects to be processed")
    draft.output(
        "DeadLetterQueueUrl",
        Ref(source.dead_letters),
        "The queue of log objects that were given up",
    )
    draft.output("FunctionName", Ref(function.function), "The function")
    draft.output("LogGroupName", Ref(function.log_group), "The log group of the function")
    return draft.output(
        "SecurityGroupId",
        GetAtt(function.security_group, "GroupId"),
        "The function's security group, which Logstash's side may admit",
    )


def _attributes(draft: Draft, location: LogLocation) -> None:
    """What switches the logs of a load balancer on, ready for the command.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    # As load balancers have it, the prefix ends without the slash; where there is none, it is "".
    draft.template.add_condition("HasKeyPrefix", Not(Equals(location.key_prefix, "")))
    marked = Sub(f"{placeholder(location.key_prefix)}|")
    prefix = If("HasKeyPrefix", Join("", Split("/|", marked)), "")
    values = {"enabled": "true", "bucket": location.bucket_name, "prefix": prefix}
    draft.output(
        "AccessLogAttributes",
        Join(
            " ",
            [
                Join("", [f"Key=access_logs.s3.{name},Value=", value])
                for name, value in values.items()
            ],
        ),
        "For a load balancer whose logs are wanted: "
        "aws elbv2 modify-load-balancer-attributes --attributes",
    )
