"""The log processor stack: log bucket → queue → function in the VPC → Logstash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from awacs.aws import Allow, Statement
from awacs.s3 import GetObject, GetObjectVersion, ListBucket, PutObject
from awacs.secretsmanager import GetSecretValue
from awacs.sqs import DeleteMessage, GetQueueAttributes, ReceiveMessage
from troposphere import GetAtt, Ref, awslambda, sqs

from infra import packaging, rules
from infra.blocks.function import Code, Function, InlineCode, StoredCode, vpc_function
from infra.blocks.gaps import ScalingConfig
from infra.blocks.log_bucket import LogLocation, log_bucket
from infra.blocks.queue import Queue, queue
from infra.config import Environment, LogProcessor, Protocol, Schema, variables
from infra.model import Asset, Output, Stack
from infra.stacks.draft import Draft
from infra.stacks.network import Network
from infra.stacks.reach import admit, reach

ID = "log-processor"
FUNCTION = "log_processor"
HANDLER = packaging.handler(FUNCTION)

VISIBILITY_FACTOR = 6
"""Times the function's timeout that a message stays hidden, as Lambda's documentation asks.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

MAXIMUM_RECEIVES = 5
"""Attempts at an object before it becomes a dead letter: the least that the same page asks for."""

BATCH_SIZE = 1
"""An object that is slow, or that ends the function, takes no other one with it."""


def compose(
    environment: Environment,
    settings: LogProcessor,
    network: Network,
    code: Asset | str,
    secret_group: Output | None = None,
) -> tuple[Stack, Output]:
    """The stack that brings load balancer logs to Logstash, and the function's security group.

    `code` is a zip or source to embed; `secret_group` is the group of Secrets Manager's endpoint,
    where it is one of ours.
    """
    draft = Draft(ID, "Load balancer logs from S3 to Logstash, every line accounted for")
    location = LogLocation(
        name_prefix=draft.text(
            "BucketNamePrefix",
            settings.bucket_name_prefix,
            rules.BUCKET_PREFIX,
            "The log bucket's name up to -<account>-<region>-an",
        ),
        key_prefix=draft.text(
            "KeyPrefix",
            f"{settings.key_prefix}/" if settings.key_prefix else "",
            rules.KEY_PREFIX_WITH_SLASH,
            "What stands before AWSLogs/ in the keys of the logs, with its slash",
        ),
    )
    expiry_days = draft.number(
        "LogExpiryDays",
        settings.log_expiry_days,
        "Days that log objects are kept in the bucket",
        minimum=1,
        maximum=36500,
    )
    logs = queue(
        draft.template,
        "Log",
        visibility_seconds=VISIBILITY_FACTOR * settings.function.timeout_seconds,
        maximum_receives=MAXIMUM_RECEIVES,
    )
    bucket = log_bucket(
        draft.template, "LogBucket", location=location, notify=logs, expiry_days=expiry_days
    )
    function = _function(draft, environment, settings, network, code, location, logs, secret_group)
    _subscribe(draft, settings, function, logs)
    draft.output("BucketName", Ref(bucket), "The bucket that load balancers write their logs to")
    group = _outputs(draft, function, logs)
    assets = () if isinstance(code, str) else (code,)
    stack = draft.finish(environment.name, assets=assets, capabilities=("CAPABILITY_IAM",))
    return stack, group


def _function(
    draft: Draft,
    environment: Environment,
    settings: LogProcessor,
    network: Network,
    code: Asset | str,
    location: LogLocation,
    logs: Queue,
    secret_group: Output | None,
) -> Function:
    found = variables(settings, environment=environment.name, application=environment.application)
    logstash = _logstash(draft, found)
    reached = reach(
        draft,
        environment,
        settings,
        network,
        port=logstash["LOGSTASH_PORT"],
        secret_group=secret_group,
    )
    host = {"LOGSTASH_HOST": reached.host} if "LOGSTASH_HOST" not in logstash else {}
    events = _events(draft, found)
    function = vpc_function(
        draft.template,
        "Processor",
        description="Reads load balancer logs from S3 and delivers each line to Logstash",
        code=_code(draft, code),
        architecture=settings.function.architecture,
        placement=reached.placement,
        permissions=[
            *_permissions(location, logs.queue),
            *_secret_permissions(logstash.get("LOGSTASH_SECRET")),
        ],
        variables={**logstash, **host, **events, "STATE_LOCATION": location.state_url},
        memory_mb=draft.number(
            "FunctionMemory",
            settings.function.memory_mb,
            "Megabytes of memory; processor time grows with it",
            minimum=128,
            maximum=10240,
        ),
        timeout_seconds=settings.function.timeout_seconds,
        log_retention_days=draft.choice(
            "LogRetentionDays",
            settings.function.log_retention_days,
            rules.LOG_RETENTION_DAYS,
            "Days that the function's own log is kept",
        ),
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


def _logstash(draft: Draft, found: Mapping[str, str]) -> dict[str, Ref]:
    """The variables that say where events go and how, each a parameter."""
    return _receivers(draft, found) | _tls(draft, found) | _secret(draft, found)


def _receivers(draft: Draft, found: Mapping[str, str]) -> dict[str, Ref]:
    return {
        "LOGSTASH_PROTOCOL": draft.choice(
            "LogstashProtocol",
            found["LOGSTASH_PROTOCOL"],
            get_args(Protocol),
            "tcp or tls for Logstash's tcp input, lumberjack or lumberjack+tls for its beats input",
        ),
        **_host(draft, found["LOGSTASH_HOST"]),
        "LOGSTASH_PORT": draft.number(
            "LogstashPort",
            int(found["LOGSTASH_PORT"]),
            "Port of Logstash's input",
            minimum=1,
            maximum=65535,
        ),
        "LOGSTASH_COMPRESSION_LEVEL": draft.number(
            "LogstashCompressionLevel",
            int(found["LOGSTASH_COMPRESSION_LEVEL"]),
            "Of lumberjack: 0 for none to 9",
            minimum=0,
            maximum=9,
        ),
    }


def _host(draft: Draft, hosts: str) -> dict[str, Ref]:
    """None where only an endpoint's own name is known, once there is one."""
    if not hosts:
        return {}
    parameter = draft.text(
        "LogstashHost",
        hosts,
        rules.HOSTS,
        "Logstash's host name or address; several, separated by commas, of which any will do",
    )
    return {"LOGSTASH_HOST": parameter}


def _tls(draft: Draft, found: Mapping[str, str]) -> dict[str, Ref]:
    return {
        "LOGSTASH_SERVER_NAME": draft.text(
            "LogstashServerName",
            found["LOGSTASH_SERVER_NAME"],
            rules.HOST_OR_NONE,
            "With TLS: the name in Logstash's certificate, where that is not the host",
        ),
        "LOGSTASH_CA": draft.text(
            "LogstashCa",
            found["LOGSTASH_CA"],
            rules.CERTIFICATES_OR_NONE,
            "With TLS: the certificates to trust, as PEM, instead of the public ones",
        ),
    }


def _secret(draft: Draft, found: Mapping[str, str]) -> dict[str, Ref]:
    if "LOGSTASH_SECRET" not in found:
        return {}
    arn = draft.text(
        "LogstashSecretArn",
        found["LOGSTASH_SECRET"],
        rules.SECRET_ARN,
        "The secret with ca, certificate and private_key for TLS",
    )
    return {"LOGSTASH_SECRET": arn}


def _events(draft: Draft, found: Mapping[str, str]) -> dict[str, Ref]:
    """The variables that say which lines become events, and what those hold."""
    schema = draft.choice(
        "EventSchema",
        found["EVENT_SCHEMA"],
        get_args(Schema),
        "Names of an event's fields: original, or Elastic's common schema",
    )
    keys = {
        each: _key(each) for each in found if each.startswith(_EVENT) and each != "EVENT_SCHEMA"
    }
    static = {
        variable: draft.text(f"Event{key}", found[variable], rules.TEXT, f"{key} of every event")
        for variable, key in keys.items()
    }
    texts = (
        ("FILTERS", "Filters", rules.JSON_LIST_OR_NONE, "Rules about which lines are delivered"),
        ("REDACT", "Redact", rules.QUERY_PARAMETERS, "Query parameters whose values are taken out"),
        (
            "METRICS_NAMESPACE",
            "MetricsNamespace",
            rules.METRICS_NAMESPACE,
            "CloudWatch namespace of the function's metrics",
        ),
    )
    return {"EVENT_SCHEMA": schema, **static} | {
        variable: draft.text(title, found[variable], rule, description)
        for variable, title, rule, description in texts
    }


_EVENT = "EVENT_"


def _key(variable: str) -> str:
    """`EVENT_SOURCE_MODULE_NAME` → `SourceModuleName`."""
    return "".join(word.capitalize() for word in variable.removeprefix(_EVENT).split("_"))


def _permissions(location: LogLocation, source: sqs.Queue) -> list[Statement]:
    return [
        Statement(
            Sid="ReadLogs",
            Effect=Allow,
            Action=[GetObject, GetObjectVersion],
            Resource=[location.log_objects_arn],
        ),
        Statement(
            Sid="KeepState",
            Effect=Allow,
            Action=[PutObject],
            Resource=[location.state_objects_arn],
        ),
        Statement(
            Sid="GoOnAtCheckpoints",
            Effect=Allow,
            Action=[GetObject],
            Resource=[location.checkpoints_arn],
        ),
        # Without it S3 says of an object that is not there that access is denied. The right has to
        # be on the whole bucket: a request for an object has no prefix to put a condition on.
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        Statement(
            Sid="TellGoneFromDenied",
            Effect=Allow,
            Action=[ListBucket],
            Resource=[location.bucket_arn],
        ),
        Statement(
            Sid="TakeMessages",
            Effect=Allow,
            Action=[DeleteMessage, GetQueueAttributes, ReceiveMessage],
            Resource=[GetAtt(source, "Arn")],
        ),
    ]


def _secret_permissions(secret: Ref | None) -> list[Statement]:
    if secret is None:
        return []
    return [
        Statement(Sid="ReadSecret", Effect=Allow, Action=[GetSecretValue], Resource=[secret]),
    ]


def _subscribe(draft: Draft, settings: LogProcessor, function: Function, logs: Queue) -> None:
    draft.template.add_resource(
        awslambda.EventSourceMapping(
            "ProcessorQueueMapping",
            FunctionName=Ref(function.function),
            EventSourceArn=GetAtt(logs.queue, "Arn"),
            BatchSize=BATCH_SIZE,
            # Whatever the batch, only what failed comes back, and it is no error of the function.
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig=ScalingConfig(
                MaximumConcurrency=draft.number(
                    "MaximumConcurrency",
                    settings.function.maximum_concurrency,
                    "Invocations at once, so that Logstash is not flooded",
                    minimum=2,
                    maximum=1000,
                )
            ),
        )
    )


def _outputs(draft: Draft, function: Function, logs: Queue) -> Output:
    draft.output("QueueUrl", Ref(logs.queue), "The queue of log objects to be processed")
    draft.output(
        "DeadLetterQueueUrl", Ref(logs.dead_letters), "The queue of log objects that were given up"
    )
    draft.output("FunctionName", Ref(function.function), "The function")
    draft.output("LogGroupName", Ref(function.log_group), "The log group of the function")
    return draft.output(
        "SecurityGroupId",
        GetAtt(function.security_group, "GroupId"),
        "The function's security group, which Logstash's side may admit",
    )
