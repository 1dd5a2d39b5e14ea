"""The peering stack: the connection to the VPC that Logstash is in, requested here.

A peering takes three stacks. They are made in this order, which is also theirs in the manifest:

1. `peering-role`, in the other account: the role that lets this one accept;
2. `peering`, here: the connection, active at once, and the routes there;
3. `peering-accepter`, in the other account: the routes back, and the way through Logstash's
   security group for the function, which has to exist by then.

Within one account there is no role, and nobody else to do the third.
"""

from __future__ import annotations

from typing import Literal

from troposphere import Ref, Select, Sub, ec2

from infra import rules
from infra.blocks.function import InlineCode
from infra.blocks.peering import peering_connection, routes
from infra.blocks.peering_options import peering_options
from infra.blocks.role import RoleOptions
from infra.config import Environment, Peering
from infra.model import Output, Stack
from infra.naming import accepter_role_name
from infra.stacks.draft import Draft
from infra.stacks.network import Network
from infra.stacks.roles import role_options

ID = "peering"
FUNCTION = "peering_options"
"""Of lambda_src: what sets DNS resolution, on each side."""

_LOG_RETENTION_DAYS = 30


def compose(
    environment: Environment,
    network: Network,
    peering: Peering,
    role: Stack | None,
    resolution: str | None,
) -> tuple[Stack, Output]:
    """The stack of the connection, requested here, and its id; `role` has to be made before.

    `resolution` is the source of the function that lets each side resolve the other's names.
    """
    assert network.private_route_table_ids is not None, "settings with a peering know them"
    draft = Draft(ID, "Peering with the VPC that Logstash is in, and the routes there")
    with draft.group("Peering"):
        connection = _connection(draft, environment, network, peering)
        routes(
            draft.template,
            route_tables=each_of(
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
    capabilities: tuple[str, ...] = ()
    if resolution is not None:
        roles = role_options(draft, environment.roles)
        resolve_names(draft, Ref(connection), "requester", resolution, roles)
        capabilities = ("CAPABILITY_IAM",)
    after = (role.id,) if role else ()
    return draft.finish(environment.name, after=after, capabilities=capabilities), connection_id


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
        rules.ROLE_NAME_WITH_PATH,
        "Role there (with its path) that may accept, such as the one of the template peering-role",
    )
    return account, Sub("arn:${AWS::Partition}:iam::${PeerAccountId}:role/${PeerRoleName}")


def _role_name(environment: Environment, peering: Peering, own_account: str) -> str:
    if peering.accepter_role_arn is not None:
        return peering.accepter_role_arn.partition(":role/")[2]
    return accepter_role_name(environment.name, own_account)


def each_of(ids: Ref, count: int) -> list[Select]:
    """The ids of a list parameter, one by one; how many there are is the template's shape."""
    return [Select(number, ids) for number in range(count)]


def resolve_names(
    draft: Draft,
    connection: Ref,
    side: Literal["requester", "accepter"],
    source: str,
    roles: RoleOptions,
) -> None:
    """Let the other side resolve this one's names, by a function with this source."""
    with draft.group("DNS resolution"):
        peering_options(
            draft.template,
            "DnsResolution",
            connection=connection,
            side=side,
            code=InlineCode(source=source),
            log_retention_days=draft.choice(
                "LogRetentionDays",
                _LOG_RETENTION_DAYS,
                rules.LOG_RETENTION_DAYS,
                "Days that the log of the function that sets DNS resolution is kept",
            ),
            role_options=roles,
        )
