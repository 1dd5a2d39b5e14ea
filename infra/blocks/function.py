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
    PolicyDocument,
    Principal,
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
from awacs.sts import AssumeRole
from troposphere import AWSHelperFn, GetAtt, Ref, Sub, Template, awslambda, ec2, iam, logs

from infra.blocks.gaps import LoggingConfig
from infra.blocks.references import arn
from infra.runtime import RUNTIME, Architecture

_NAME = "${AWS::StackName}"
"""Known before the function exists, so that the role can name the function without a circle."""

_NETWORK_INTERFACES = [
    AssignPrivateIpAddresses,
    CreateNetworkInterface,
    DeleteNetworkInterface,
    DescribeNetworkInterfaces,
    DescribeSubnets,
    UnassignPrivateIpAddresses,
]


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
class Function:
    """Handles to what `vpc_function` made."""

    function: awslambda.Function
    log_group: logs.LogGroup
    security_group: ec2.SecurityGroup


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
    memory_mb: AWSHelperFn,
    timeout_seconds: int,
    log_retention_days: AWSHelperFn,
) -> Function:
    """A function that nothing can connect to, and that reaches only what `placement` names.

    Its code may do what `permissions` say and write to its own log, nothing else: the rights on
    network interfaces that Lambda itself needs are denied to the code.
    """
    log_group = template.add_resource(
        logs.LogGroup(
            f"{title}LogGroup",
            LogGroupName=Sub(f"/aws/lambda/{_NAME}"),
            RetentionInDays=log_retention_days,
        )
    )
    role = _role(template, title, [*permissions, *_own_log(log_group), *_interfaces()])
    group = _security_group(template, title, placement)
    function = template.add_resource(
        awslambda.Function(
            f"{title}Function",
            FunctionName=Ref("AWS::StackName"),
            Description=description,
            Runtime=RUNTIME,
            Architectures=[architecture],
            Handler=code.handler,
            Code=code_property(code),
            Role=GetAtt(role, "Arn"),
            MemorySize=memory_mb,
            Timeout=timeout_seconds,
            Environment=awslambda.Environment(Variables=dict(variables)),
            LoggingConfig=LoggingConfig(LogFormat="JSON", LogGroup=Ref(log_group)),
            VpcConfig=awslambda.VPCConfig(
                SecurityGroupIds=[Ref(group)], SubnetIds=placement.subnet_ids
            ),
        )
    )
    return Function(function=function, log_group=log_group, security_group=group)


def code_property(code: Code) -> awslambda.Code:
    """A function's `Code`, whichever way it is carried."""
    match code:
        case StoredCode():
            return awslambda.Code(S3Bucket=code.bucket, S3Key=code.key)
        case InlineCode():
            return awslambda.Code(ZipFile=code.source)


def _role(template: Template, title: str, statements: Sequence[Statement]) -> iam.Role:
    return template.add_resource(
        iam.Role(
            f"{title}Role",
            AssumeRolePolicyDocument=PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    Statement(
                        Effect=Allow,
                        Principal=Principal("Service", "lambda.amazonaws.com"),
                        Action=[AssumeRole],
                    )
                ],
            ),
            Policies=[
                iam.Policy(
                    PolicyName="function",
                    PolicyDocument=PolicyDocument(Version="2012-10-17", Statement=list(statements)),
                )
            ],
        )
    )


def _own_log(log_group: logs.LogGroup) -> list[Statement]:
    return [
        Statement(
            Sid="OwnLog",
            Effect=Allow,
            Action=[CreateLogStream, PutLogEvents],
            Resource=[GetAtt(log_group, "Arn")],
        )
    ]


def _interfaces() -> list[Statement]:
    """Lambda makes the function's network interfaces in the role's name; the code never may.

    Most of the actions know no resource. The Deny tells the code's calls from Lambda's own.
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
                ArnEquals("lambda:SourceFunctionArn", [arn("lambda", f"function:{_NAME}")])
            ),
        ),
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
