"""A record of a VPC's connections, in CloudWatch Logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from awacs.aws import Allow, ArnLike, Condition, Statement, StringEquals
from awacs.logs import CreateLogStream, DescribeLogStreams, PutLogEvents
from troposphere import AWSHelperFn, GetAtt, Ref, Sub, Template, ec2, iam, logs

from infra.blocks.references import arn
from infra.blocks.role import RoleOptions, service_role

Traffic = Literal["ALL", "ACCEPT", "REJECT"]


@dataclass(frozen=True, kw_only=True)
class FlowLogs:
    """Handles to what `flow_logs` made."""

    flow_log: ec2.FlowLog
    log_group: logs.LogGroup


def flow_logs(
    template: Template,
    title: str,
    *,
    vpc_id: AWSHelperFn,
    traffic: AWSHelperFn,
    retention_days: AWSHelperFn,
    role_options: RoleOptions,
) -> FlowLogs:
    """The VPC's accepted or rejected connections, or all, in a log group that forgets in time.

    Only flow logs of this account may use the role, and only to write to that group.
    """
    group = template.add_resource(
        logs.LogGroup(
            f"{title}LogGroup",
            LogGroupName=Sub("/vpc/${AWS::StackName}/flow-logs"),
            RetentionInDays=retention_days,
        )
    )
    role = _role(template, title, group, role_options)
    flow_log = template.add_resource(
        ec2.FlowLog(
            title,
            ResourceType="VPC",
            ResourceId=vpc_id,
            TrafficType=traffic,
            LogDestinationType="cloud-watch-logs",
            LogGroupName=Ref(group),
            DeliverLogsPermissionArn=GetAtt(role, "Arn"),
        )
    )
    return FlowLogs(flow_log=flow_log, log_group=group)


def _role(template: Template, title: str, group: logs.LogGroup, options: RoleOptions) -> iam.Role:
    """As AWS asks for, but for one group alone, and of no use to another account's flow logs.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    return service_role(
        template,
        f"{title}Role",
        service="vpc-flow-logs.amazonaws.com",
        policy_name="flow-logs",
        statements=[
            Statement(
                Sid="OwnGroup",
                Effect=Allow,
                Action=[CreateLogStream, DescribeLogStreams, PutLogEvents],
                Resource=[GetAtt(group, "Arn")],
            )
        ],
        options=options,
        condition=Condition(
            [
                StringEquals("aws:SourceAccount", Ref("AWS::AccountId")),
                ArnLike("aws:SourceArn", arn("ec2", "vpc-flow-log/*")),
            ]
        ),
    )
