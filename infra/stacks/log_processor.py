"""The log processor stack: log bucket → queue → function in the VPC → Logstash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from awacs.aws import Allow, Statement
from awacs.s3 import GetObject
from awacs.sqs import DeleteMessage, GetQueueAttributes, ReceiveMessage
from troposphere import GetAtt, Ref, awslambda, ec2, sqs

from infra import rules
from infra.blocks.function import Code, Function, Placement, vpc_function
from infra.blocks.gaps import ScalingConfig
from infra.blocks.log_bucket import LogLocation, log_bucket
from infra.blocks.queue import Queue, queue
from infra.config import Environment, LogProcessor
from infra.model import Asset, Stack
from infra.stacks.draft import Draft
from infra.stacks.network import Network

ID = "log-processor"
FUNCTION = "log_processor"
HANDLER = "log_processor.handler.handle"

VISIBILITY_FACTOR = 6
"""Times the function's timeout that a message stays hidden, as Lambda's documentation asks.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

MAXIMUM_RECEIVES = 5
"""Attempts at an object before it becomes a dead letter: the least that the same page asks for."""

BATCH_SIZE = 1
"""An object that is slow, or that ends the function, takes no other one with it."""


def compose(
    environment: Environment, settings: LogProcessor, network: Network, code: Asset
) -> Stack:
    """The stack that brings load balancer logs to Logstash."""
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
    function = _function(draft, environment, settings, network, code, location, logs)
    _subscribe(draft, settings, function, logs)
    draft.output("BucketName", Ref(bucket), "The bucket that load balancers write their logs to")
    _outputs(draft, function, logs)
    return draft.finish(environment.name, assets=(code,), capabilities=("CAPABILITY_IAM",))


def _function(
    draft: Draft,
    environment: Environment,
    settings: LogProcessor,
    network: Network,
    code: Asset,
    location: LogLocation,
    logs: Queue,
) -> Function:
    host, port, egress = _logstash(draft, settings)
    return vpc_function(
        draft.template,
        "Processor",
        description="Reads load balancer logs from S3 and delivers each line to Logstash",
        code=Code(
            bucket=draft.text(
                "CodeS3Bucket", code.bucket, rules.BUCKET_NAME, "Bucket of the function's zip"
            ),
            key=draft.text(
                "CodeS3Key", code.key, rules.ASSET_KEY, "Key of the zip, which names its content"
            ),
            handler=HANDLER,
        ),
        placement=Placement(
            vpc_id=draft.resource_id(
                "VpcId", network.vpc_id, "AWS::EC2::VPC::Id", "VPC that the function runs in"
            ),
            subnet_ids=draft.resource_id(
                "PrivateSubnetIds",
                network.private_subnet_ids,
                "List<AWS::EC2::Subnet::Id>",
                "Subnets of that VPC that reach S3 and Logstash",
            ),
            egress=egress,
        ),
        permissions=_permissions(location, logs.queue),
        variables={
            "LOGSTASH_HOST": host,
            "LOGSTASH_PORT": port,
            **_event_variables(draft, environment, settings),
        },
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


def _logstash(draft: Draft, settings: LogProcessor) -> tuple[Ref, Ref, list[ec2.SecurityGroupRule]]:
    """Logstash's host and port, and the only two ways out: there, and to S3."""
    target = settings.logstash
    host = draft.text("LogstashHost", target.host, rules.HOST, "Logstash's host name or address")
    port = draft.number(
        "LogstashPort", target.port, "Port of Logstash's TCP input", minimum=1, maximum=65535
    )
    cidr = draft.text("LogstashCidr", target.cidr, rules.CIDR, "Network of Logstash's addresses")
    s3_prefix_list = draft.text(
        "S3PrefixListId",
        settings.s3_prefix_list_id,
        rules.PREFIX_LIST_ID,
        "Prefix list com.amazonaws.<region>.s3 of the region",
    )
    egress = [
        ec2.SecurityGroupRule(
            Description="Logstash", IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp=cidr
        ),
        ec2.SecurityGroupRule(
            Description="S3, through the gateway endpoint",
            IpProtocol="tcp",
            FromPort=443,
            ToPort=443,
            DestinationPrefixListId=s3_prefix_list,
        ),
    ]
    return host, port, egress


def _event_variables(
    draft: Draft, environment: Environment, settings: LogProcessor
) -> Mapping[str, Any]:
    """The fields that every event carries, by the name of the variable that gives each."""
    fields = (
        ("Component", "EVENT_COMPONENT", settings.event.component),
        ("SourceModuleName", "EVENT_SOURCE_MODULE_NAME", settings.event.source_module_name),
        ("Environment", "EVENT_ENVIRONMENT", environment.name),
        ("Application", "EVENT_APPLICATION", environment.application),
        ("Type", "EVENT_TYPE", settings.event.type),
    )
    return {
        variable: draft.text(f"Event{field}", value, rules.TEXT, f"{field} of every event")
        for field, variable, value in fields
    }


def _permissions(location: LogLocation, source: sqs.Queue) -> list[Statement]:
    return [
        Statement(
            Sid="ReadLogs", Effect=Allow, Action=[GetObject], Resource=[location.log_objects_arn]
        ),
        Statement(
            Sid="TakeMessages",
            Effect=Allow,
            Action=[DeleteMessage, GetQueueAttributes, ReceiveMessage],
            Resource=[GetAtt(source, "Arn")],
        ),
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


def _outputs(draft: Draft, function: Function, logs: Queue) -> None:
    draft.output("QueueUrl", Ref(logs.queue), "The queue of log objects to be processed")
    draft.output(
        "DeadLetterQueueUrl", Ref(logs.dead_letters), "The queue of log objects that were given up"
    )
    draft.output("FunctionName", Ref(function.function), "The function")
    draft.output("LogGroupName", Ref(function.log_group), "The log group of the function")
    draft.output(
        "SecurityGroupId",
        GetAtt(function.security_group, "GroupId"),
        "The function's security group, which Logstash's side may admit",
    )
