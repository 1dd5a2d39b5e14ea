"""The stacks of VPC peering: the connection on this side, and what the other side needs.

They are made in this order, which is also theirs in the manifest:

1. `peering-role`, in the other account: the role that lets this one accept;
2. `peering`, here: the connection, active at once, and the routes there;
3. `peering-accepter`, in the other account: the routes back, and the way through Logstash's
   security group to the function, which has to exist by then.

Within one account there is no role, and nobody else to do the third.
"""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, Ref, Select, Sub, ec2

from infra import rules
from infra.blocks.peering import accepter_role, peering_connection, routes
from infra.config import Environment, Peering
from infra.model import Output, Stack
from infra.naming import accepter_role_name
from infra.stacks.draft import Draft
from infra.stacks.network import Network

ID, ROLE_ID, ACCEPTER_ID = "peering", "peering-role", "peering-accepter"


def compose_role(environment: Environment, peering: Peering) -> Stack | None:
    """The stack of the role in the other account, where one is needed and none is given."""
    if peering.own_account is None or peering.accepter_role_arn is not None:
        return None
    draft = Draft(ROLE_ID, "Role by which another account accepts its own peering with this VPC")
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
            "PeerVpcId", peering.vpc_id, "AWS::EC2::VPC::Id", "The only VPC that it may peer with"
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
    environment: Environment, network: Network, peering: Peering, role: Stack | None
) -> tuple[Stack, Output]:
    """The stack of the connection, requested here, and its id; `role` has to be made before."""
    assert network.private_route_table_ids is not None, "settings with a peering know them"
    draft = Draft(ID, "Peering with the VPC that Logstash is in, and the routes there")
    connection = _connection(draft, environment, network, peering)
    routes(
        draft.template,
        route_tables=_each(
            draft.texts(
                "PrivateRouteTableIds",
                network.private_route_table_ids,
                rules.ROUTE_TABLE_ID,
                "Route tables of the private subnets, separated by commas",
            ),
            network.private_route_tables,
        ),
        cidrs=[
            draft.text(f"PeerCidr{number}", cidr, rules.CIDR, "IPv4 network of the other VPC")
            for number, cidr in enumerate(peering.cidrs, 1)
        ],
        connection=Ref(connection),
    )
    connection_id = draft.output(
        "PeeringConnectionId", Ref(connection), "The connection, which the other side routes to"
    )
    stack = draft.finish(environment.name, after=(role.id,) if role else ())
    return stack, connection_id


def _connection(
    draft: Draft, environment: Environment, network: Network, peering: Peering
) -> ec2.VPCPeeringConnection:
    region = peering.elsewhere(environment.region)
    account, role_arn = _account_and_role(draft, environment, peering)
    return peering_connection(
        draft.template,
        "PeeringConnection",
        vpc_id=draft.resource_id(
            "VpcId", network.vpc_id, "AWS::EC2::VPC::Id", "VPC that requests the connection"
        ),
        peer_vpc_id=draft.text(
            "PeerVpcId", peering.vpc_id, rules.VPC_ID, "VPC that accepts the connection"
        ),
        account=account,
        region=draft.text("PeerRegion", region, rules.REGION, "Region of the other VPC")
        if region
        else None,
        role_arn=role_arn,
    )


def _account_and_role(
    draft: Draft, environment: Environment, peering: Peering
) -> tuple[Ref | None, Sub | None]:
    if peering.account is None or peering.own_account is None:
        return None, None
    account = draft.text(
        "PeerAccountId", peering.account, rules.ACCOUNT_ID, "Account of the other VPC"
    )
    draft.text(
        "PeerRoleName",
        _role_name(environment, peering, peering.own_account),
        rules.ROLE_PATH,
        "Role there (with its path) that may accept, such as the one of the template peering-role",
    )
    return account, Sub("arn:${AWS::Partition}:iam::${PeerAccountId}:role/${PeerRoleName}")


def _role_name(environment: Environment, peering: Peering, own_account: str) -> str:
    if peering.accepter_role_arn is not None:
        return peering.accepter_role_arn.partition(":role/")[2]
    return accepter_role_name(environment.name, own_account)


def _each(ids: Ref, count: int) -> list[Select]:
    return [Select(number, ids) for number in range(count)]


def compose_accepter(
    environment: Environment,
    network: Network,
    peering: Peering,
    connection_id: Output,
    function_group: Output | None,
) -> Stack:
    """The stack of the other side; `function_group` is the function's security group."""
    assert network.cidr is not None, "settings with a peering know the VPC's network"
    draft = Draft(ACCEPTER_ID, "The other side of the peering: routes back, and Logstash's port")
    cidr = draft.text(
        "RequesterCidr", network.cidr, rules.CIDR, "IPv4 network of the VPC that sends logs"
    )
    routes(
        draft.template,
        route_tables=_each(
            draft.texts(
                "RouteTableIds",
                ",".join(peering.route_table_ids),
                rules.ROUTE_TABLE_ID,
                "Route tables of this VPC that get a route back, separated by commas",
            ),
            len(peering.route_table_ids),
        ),
        cidrs=[cidr],
        connection=draft.text(
            "PeeringConnectionId",
            connection_id,
            rules.PEERING_ID,
            "The connection: output PeeringConnectionId of the stack peering",
        ),
    )
    if peering.security_group_id is not None and function_group is not None:
        _admit(draft, environment, peering, cidr, function_group)
    return draft.finish(
        environment.name,
        account=peering.account,
        region=peering.elsewhere(environment.region),
    )


def _admit(
    draft: Draft, environment: Environment, peering: Peering, cidr: Ref, function_group: Output
) -> None:
    assert environment.log_processor is not None, "there is no function without one"
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
