"""The role by which RDS writes figures of its servers' operating systems to CloudWatch Logs."""

from __future__ import annotations

from awacs.aws import Allow, Statement
from awacs.logs import (
    CreateLogGroup,
    CreateLogStream,
    DescribeLogStreams,
    GetLogEvents,
    PutLogEvents,
    PutRetentionPolicy,
)
from troposphere import Template, iam

from infra.blocks.reasons import reasons
from infra.blocks.references import arn
from infra.blocks.role import RoleOptions, service_role

_GROUP = "log-group:RDS*"


def monitoring_role(template: Template, title: str, *, options: RoleOptions) -> iam.Role:
    """What AWS's own policy for it allows, in this account and region alone.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonRDSEnhancedMonitoringRole.html
    """
    return service_role(
        template,
        title,
        service="monitoring.rds.amazonaws.com",
        policy_name="figures",
        statements=[
            Statement(
                Sid="Groups",
                Effect=Allow,
                Action=[CreateLogGroup, PutRetentionPolicy],
                Resource=[arn("logs", _GROUP)],
            ),
            Statement(
                Sid="Streams",
                Effect=Allow,
                Action=[CreateLogStream, DescribeLogStreams, GetLogEvents, PutLogEvents],
                Resource=[arn("logs", f"{_GROUP}:log-stream:*")],
            ),
        ],
        options=options,
        Metadata=reasons(
            wildcards=dict.fromkeys(
                ("Groups", "Streams"),
                "RDS names its groups itself; AWS's own policy has the same pattern",
            )
        ),
    )
