"""The stacks that a peering needs on the other side: for Logstash's account, not for this one."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, Ref, ec2

from infra import rules
from infra.blocks.peering import accepter_role, routes
from infra.blocks.role import RoleOptions
from infra.config import Environment, Peering
from infra.model import Output, Stack, Value
from infra.naming import accepter_role_name
from infra.stacks.draft import Draft
from infra.stacks.network import Network
from infra.stacks.peering import each_of, resolve_names
from infra.stacks.roles import role_options

ROLE_ID, ID = "peering-role", "peering-accepter"


def compose_role(environment: Environment, peering: Peering) -> Stack | None:
    """The stack of the role in the other account, where one is needed and none is given."""
    if peering.own_account is None or peering.accepter_role_arn is not None:
        return None
    draft = Draft(ROLE_ID, "Role by which another account accepts its own peering with this VPC")
    with draft.group("Peering"):
        role = accepter_role(
            draft.template,
            "AccepterRole",
            name=draft.text(
                "RoleName",
                accepter_role_name(environment.name, peering.own_account),
                rules.ROLE_NAME,
                "Name of the role, as the template peering has it",
            ),
            requester=draft.text(
                "RequesterAccountId",
                peering.own_account,
                rules.ACCOUNT_ID,
                "Account that may accept its own requests",
            ),
            vpc_id=draft.resource_id(
                "PeerVpcId",
                peering.vpc_id,
                "AWS::EC2::VPC::Id",
                "The only VPC that it may peer with",
            ),
        )
    draft.output("RoleArn", GetAtt(role, "Arn"), "The role")
    return draft.finish(
        environment.name,
        capabilities=("CAPABILITY_NAMED_IAM",),
        account=peering.account,
        region=peering.elsewhere(environment.region),
    )


def compose(
    environment: Environment,
    network: Network,
    peering: Peering,
    connection_id: Output,
    function_group: Output | None,
    resolution: str | None,
) -> Stack:
    """The stack of the other side; `function_group` is the function's security group."""
    assert isinstance(network.cidr, Value), "settings with a peering know the VPC's network"
    draft = Draft(ID, "The other side of the peering: routes back, and Logstash's port")
    with draft.group("Peering"):
        cidr = draft.text(
            "RequesterCidr", network.cidr, rules.CIDR, "IPv4 network of the VPC that sends logs"
        )
        connection = draft.text(
            "PeeringConnectionId",
            connection_id,
            rules.PEERING_ID,
            "The connection: output PeeringConnectionId of the stack peering",
        )
        routes(
            draft.template,
            route_tables=each_of(
                draft.texts(
                    "RouteTableIds",
                    ",".join(peering.route_table_ids),
                    rules.ROUTE_TABLE_ID,
                    "Route tables of this VPC that get a route back, separated by commas",
                ),
                len(peering.route_table_ids),
            ),
            cidrs=[cidr],
            connection=connection,
        )
    if peering.security_group_id is not None and function_group is not None:
        _admit(draft, environment, peering, cidr, function_group)
    if resolution is not None:
        resolve_names(
            draft, connection, "accepter", resolution, _roles(draft, environment, peering)
        )
    return draft.finish(
        environment.name,
        capabilities=() if resolution is None else ("CAPABILITY_IAM",),
        account=peering.account,
        region=peering.elsewhere(environment.region),
    )


def _roles(draft: Draft, environment: Environment, peering: Peering) -> RoleOptions:
    """What this account asks of roles, another one does not."""
    return role_options(draft, environment.roles) if peering.account is None else RoleOptions()


def _admit(
    draft: Draft, environment: Environment, peering: Peering, cidr: Ref, function_group: Output
) -> None:
    assert environment.log_processor is not None, "there is no function without one"
    with draft.group("Logstash"):
        port = draft.number(
            "LogstashPort",
            environment.log_processor.logstash.port,
            "Port of Logstash's input",
            minimum=1,
            maximum=65535,
        )
        source = _source(draft, environment, peering, cidr, function_group)
        draft.template.add_resource(
            ec2.SecurityGroupIngress(
                "LogstashIngress",
                GroupId=draft.resource_id(
                    "LogstashSecurityGroupId",
                    peering.security_group_id or "",
                    "AWS::EC2::SecurityGroup::Id",
                    "Security group of Logstash",
                ),
                Description="Load balancer logs of the other side",
                IpProtocol="tcp",
                FromPort=port,
                ToPort=port,
                **source,
            )
        )


def _source(
    draft: Draft, environment: Environment, peering: Peering, cidr: Ref, function_group: Output
) -> dict[str, Any]:
    """The function's own group; its VPC's network where that group is unknown.

    https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html: a group can be
    named over a peering connection within a region only.
    """
    if peering.elsewhere(environment.region) is not None:
        return {"CidrIp": cidr}
    group = draft.text(
        "FunctionSecurityGroupId",
        function_group,
        rules.SECURITY_GROUP_ID,
        "The function's security group: output SecurityGroupId of the stack log-processor",
    )
    if peering.own_account is None:
        return {"SourceSecurityGroupId": group}
    owner = draft.text(
        "RequesterAccountId", peering.own_account, rules.ACCOUNT_ID, "Account of that group"
    )
    return {"SourceSecurityGroupId": group, "SourceSecurityGroupOwnerId": owner}
