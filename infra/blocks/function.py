"""A function in a VPC, with a role, a log and a security group of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from awacs.aws import (
    Allow,
    ArnEquals,
    Condition,
    Deny,
    Statement,
)
from awacs.ec2 import (
    AssignPrivateIpAddresses,
    CreateNetworkInterface,
    DeleteNetworkInterface,
    DescribeNetworkInterfaces,
    DescribeSubnets,
    UnassignPrivateIpAddresses,
)
from awacs.logs import CreateLogStream, PutLogEvents
from awacs.xray import PutTelemetryRecords, PutTraceSegments
from troposphere import AWSHelperFn, GetAtt, Ref, Sub, Template, awslambda, ec2, logs

from infra.blocks.gaps import LoggingConfig
from infra.blocks.reasons import reasons
from infra.blocks.references import arn
from infra.blocks.role import RoleOptions, service_role
from infra.runtime import RUNTIME, Architecture

NAME = "${AWS::StackName}"
"""Known before the function exists, so that the role can name the function without a circle."""

_NETWORK_INTERFACES = [
    AssignPrivateIpAddresses,
    CreateNetworkInterface,
    DeleteNetworkInterface,
    DescribeNetworkInterfaces,
    DescribeSubnets,
    UnassignPrivateIpAddresses,
]

_INTERFACES_OF_ANY = {
    "NetworkInterfaces": "Lambda makes the function's network interfaces in this role's name, and "
    "most of these actions know no resource",
    "NotFromTheCode": "the code itself may do so with no interface at all",
}
LOG_ACCEPTED = {
    "CKV_AWS_158": "encrypted with CloudWatch's own key; one of the account's costs by the month, "
    "and whoever spoils its policy loses the log"
}
"""Of any log group: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""

_TRACES_OF_ANY = {"Traces": "X-Ray knows no resources"}


@dataclass(frozen=True, kw_only=True)
class StoredCode:
    """Where the function's zip stands, and what in it is called."""

    bucket: AWSHelperFn
    key: AWSHelperFn
    handler: str


@dataclass(frozen=True, kw_only=True)
class InlineCode:
    """Python that stands in the template itself, as the module `index`, and what in it is called.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
    """

    source: str
    name: str = "handle"

    @property
    def handler(self) -> str:
        """The function's `Handler`."""
        return f"index.{self.name}"


Code = StoredCode | InlineCode


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The network a function runs in, and all that it may reach from there."""

    vpc_id: AWSHelperFn
    subnet_ids: AWSHelperFn
    egress: Sequence[ec2.SecurityGroupRule]


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of the account's means a function takes."""

    memory_mb: AWSHelperFn | int
    timeout_seconds: int
    reserved_concurrency: AWSHelperFn | None
    """Invocations that are kept for it, and the most there can be; None for what is left over."""

    @property
    def reserved(self) -> dict[str, Any]:
        """The same as a property of the function."""
        if self.reserved_concurrency is None:
            return {}
        return {"ReservedConcurrentExecutions": self.reserved_concurrency}


@dataclass(frozen=True, kw_only=True)
class Function:
    """Handles to what `vpc_function` made."""

    function: awslambda.Function
    log_group: logs.LogGroup
    security_group: ec2.SecurityGroup
    concurrency: AWSHelperFn | None
    """The most invocations at once, where it has such a limit."""


def vpc_function(
    template: Template,
    title: str,
    *,
    description: str,
    code: Code,
    architecture: Architecture,
    placement: Placement,
    permissions: Sequence[Statement],
    variables: Mapping[str, Any],
    size: Size,
    log_retention_days: AWSHelperFn,
    role_options: RoleOptions,
    tracing: bool,
    name: str = NAME,
) -> Function:
    """A function that nothing can connect to, and that reaches only what `placement` names.

    Its code may do what `permissions` say and write to its own log, nothing else: the rights on
    network interfaces that Lambda itself needs are denied to the code. It has the stack's name, or
    another `name`, which stands inside an Fn::Sub.
    """
    log_group = template.add_resource(
        logs.LogGroup(
            f"{title}LogGroup",
            Metadata=reasons(accepted=LOG_ACCEPTED),
            LogGroupName=Sub(f"/aws/lambda/{name}"),
            RetentionInDays=log_retention_days,
        )
    )
    role = service_role(
        template,
        f"{title}Role",
        service="lambda.amazonaws.com",
        policy_name="function",
        statements=[*permissions, own_log(log_group), *_interfaces(name), *_traces(wanted=tracing)],
        options=role_options,
        Metadata=reasons(
            wildcards=_INTERFACES_OF_ANY | (_TRACES_OF_ANY if tracing else {}),
            accepted={
                "CKV_AWS_111": "only network interfaces, of which Lambda makes any it needs, and "
                "never the code"
            },
        ),
    )
    group = _security_group(template, title, placement)
    function = template.add_resource(
        awslambda.Function(
            f"{title}Function",
            Metadata=reasons(accepted=_accepted(size)),
            FunctionName=Ref("AWS::StackName") if name == NAME else Sub(name),
            Description=description,
            Runtime=RUNTIME,
            Architectures=[architecture],
            Handler=code.handler,
            Code=code_property(code),
            Role=GetAtt(role, "Arn"),
            MemorySize=size.memory_mb,
            Timeout=size.timeout_seconds,
            **size.reserved,
            **_traced(wanted=tracing),
            Environment=awslambda.Environment(Variables=dict(variables)),
            LoggingConfig=LoggingConfig(LogFormat="JSON", LogGroup=Ref(log_group)),
            VpcConfig=awslambda.VPCConfig(
                SecurityGroupIds=[Ref(group)], SubnetIds=placement.subnet_ids
            ),
        )
    )
    return Function(
        function=function,
        log_group=log_group,
        security_group=group,
        concurrency=size.reserved_concurrency,
    )


def _accepted(size: Size) -> dict[str, str]:
    accepted = {
        "CKV_AWS_116": "what hands events over keeps those that fail",
        "CKV_AWS_173": "encrypted with Lambda's own key, and none is a secret: those stand in "
        "Secrets Manager",
    }
    if size.reserved_concurrency is None:
        accepted["CKV_AWS_115"] = (
            "a reservation takes from all other functions of the account, so it is made where the "
            "setting reserved_concurrency asks for it"
        )
    return accepted


def code_property(code: Code) -> awslambda.Code:
    """A function's `Code`, whichever way it is carried."""
    match code:
        case StoredCode():
            return awslambda.Code(S3Bucket=code.bucket, S3Key=code.key)
        case InlineCode():
            return awslambda.Code(ZipFile=code.source)


def own_log(log_group: logs.LogGroup) -> Statement:
    """The right to write to that log, and to no other."""
    return Statement(
        Sid="OwnLog",
        Effect=Allow,
        Action=[CreateLogStream, PutLogEvents],
        Resource=[GetAtt(log_group, "Arn")],
    )


def _interfaces(name: str) -> list[Statement]:
    """Lambda makes the function's network interfaces in the role's name; the code never may.

    The Deny tells the code's calls from Lambda's own.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
    """
    return [
        Statement(
            Sid="NetworkInterfaces", Effect=Allow, Action=_NETWORK_INTERFACES, Resource=["*"]
        ),
        Statement(
            Sid="NotFromTheCode",
            Effect=Deny,
            Action=_NETWORK_INTERFACES,
            Resource=["*"],
            Condition=Condition(
                ArnEquals("lambda:SourceFunctionArn", [arn("lambda", f"function:{name}")])
            ),
        ),
    ]


def _traced(*, wanted: bool) -> dict[str, Any]:
    return {"TracingConfig": awslambda.TracingConfig(Mode="Active")} if wanted else {}


def _traces(*, wanted: bool) -> list[Statement]:
    """X-Ray knows no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html."""
    if not wanted:
        return []
    return [
        Statement(
            Sid="Traces",
            Effect=Allow,
            Action=[PutTelemetryRecords, PutTraceSegments],
            Resource=["*"],
        )
    ]


def _security_group(template: Template, title: str, placement: Placement) -> ec2.SecurityGroup:
    return template.add_resource(
        ec2.SecurityGroup(
            f"{title}SecurityGroup",
            # Changing the description would replace the group.
            GroupDescription="Of a function: nothing in, only the listed egress out",
            VpcId=placement.vpc_id,
            # Left out, everything would be allowed; a rule of its own would not take that back.
            SecurityGroupEgress=list(placement.egress),
        )
    )
