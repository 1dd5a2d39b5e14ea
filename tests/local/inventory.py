"""Everything that there is in the local account, so that what a stack leaves behind can be seen."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.local.stacks import TEMPLATES, Client


class Kind(NamedTuple):
    """How things of one kind are listed, and what tells one from another."""

    service: str
    call: str
    list: str
    name: str
    """Empty where the list holds names alone."""


KINDS = {
    "bucket": Kind("s3", "list_buckets", "Buckets", "Name"),
    "queue": Kind("sqs", "list_queues", "QueueUrls", ""),
    "topic": Kind("sns", "list_topics", "Topics", "TopicArn"),
    "subscription": Kind("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    "function": Kind("lambda", "list_functions", "Functions", "FunctionName"),
    "mapping": Kind("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    "rule": Kind("events", "list_rules", "Rules", "Name"),
    "role": Kind("iam", "list_roles", "Roles", "RoleName"),
    "log group": Kind("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "alarm": Kind("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "dashboard": Kind("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "VPC": Kind("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    "subnet": Kind("ec2", "describe_subnets", "Subnets", "SubnetId"),
    "route table": Kind("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    "gateway": Kind("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "NAT gateway": Kind("ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    "peering": Kind(
        "ec2",
        "describe_vpc_peering_connections",
        "VpcPeeringConnections",
        "VpcPeeringConnectionId",
    ),
    "flow log": Kind("ec2", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    "address": Kind("ec2", "describe_addresses", "Addresses", "AllocationId"),
    "endpoint": Kind("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "secret": Kind("secretsmanager", "list_secrets", "SecretList", "Name"),
    "server": Kind("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    "subnet group": Kind("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"),
    "parameter group": Kind(
        "rds", "describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupName"
    ),
    "security group": Kind("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
}


def everything(client: Client) -> set[tuple[str, str]]:
    """The kind and the name of each thing; what the tests themselves keep templates in is none."""
    return {
        (title, name)
        for title, kind in KINDS.items()
        for name in _names(client, kind)
        if name != TEMPLATES
    }


def _names(client: Client, kind: Kind) -> list[str]:
    answer = getattr(client(kind.service), kind.call)()
    found = answer.get(kind.list, ())
    return [str(one[kind.name] if kind.name else one) for one in found if not _is_gone(one)]


def _is_gone(one: Any) -> bool:
    """EC2 goes on listing some things for a while."""
    return isinstance(one, dict) and "deleted" in (
        one.get("State"),
        *(one["Status"].values() if isinstance(one.get("Status"), dict) else ()),
    )
