"""A VPC with public and private subnets, and the ways out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from awacs.aws import PolicyDocument
from troposphere import AWSHelperFn, Cidr, GetAtt, GetAZs, Ref, Select, Sub, Tags, Template, ec2

from infra.blocks.reasons import reasons
from infra.blocks.s3_access import wildcard_reasons

Nat = Literal["none", "one", "per-zone"]

SLOTS = 8
"""Equal parts that the VPC's network is cut into: more than 3 zones of 2 subnets need, so that
adding a zone never moves, and so replaces, a subnet that exists."""

_PRIVATE_FROM = SLOTS // 2


@dataclass(frozen=True, kw_only=True)
class Vpc:
    """Handles to what `vpc` made, zone by zone."""

    vpc: ec2.VPC
    public_subnets: tuple[ec2.Subnet, ...]
    private_subnets: tuple[ec2.Subnet, ...]
    private_route_tables: tuple[ec2.RouteTable, ...]


def vpc(
    template: Template,
    *,
    cidr: AWSHelperFn,
    subnet_bits: AWSHelperFn,
    zones: int,
    nat: Nat,
    s3_access: PolicyDocument,
) -> Vpc:
    """A VPC that resolves names, whose private subnets nothing outside can reach.

    Public subnets route to an internet gateway. Private ones have a route table a zone, which
    leads to S3 inside AWS's network, and further out only through the NAT that `nat` asks for.
    Of the region's S3 all subnets reach what `s3_access` lets through, and no more.
    `subnet_bits` is what each subnet keeps of the address: 13 cuts a /16 into `SLOTS` /19.
    """
    network = template.add_resource(
        ec2.VPC(
            "Vpc",
            CidrBlock=cidr,
            EnableDnsSupport=True,
            EnableDnsHostnames=True,
            Tags=_named("vpc"),
        )
    )
    blocks = Cidr(GetAtt(network, "CidrBlock"), SLOTS, subnet_bits)
    public_table = _public_route_table(template, network)
    public = [_subnet(template, network, blocks, "Public", zone) for zone in range(zones)]
    private = [_subnet(template, network, blocks, "Private", zone) for zone in range(zones)]
    tables = [_route_table(template, network, f"Private{zone + 1}") for zone in range(zones)]
    for subnet in public:
        _associate(template, subnet, public_table)
    for subnet, table in zip(private, tables, strict=True):
        _associate(template, subnet, table)
    _nat_routes(template, public, tables, nat)
    _s3_endpoint(template, network, [public_table, *tables], s3_access)
    return Vpc(
        vpc=network,
        public_subnets=tuple(public),
        private_subnets=tuple(private),
        private_route_tables=tuple(tables),
    )


def _public_route_table(template: Template, network: ec2.VPC) -> ec2.RouteTable:
    gateway = template.add_resource(ec2.InternetGateway("InternetGateway", Tags=_named("internet")))
    attachment = template.add_resource(
        ec2.VPCGatewayAttachment(
            "InternetGatewayAttachment", VpcId=Ref(network), InternetGatewayId=Ref(gateway)
        )
    )
    table = _route_table(template, network, "Public")
    template.add_resource(
        ec2.Route(
            "PublicDefaultRoute",
            # A route to a gateway that is not attached yet is refused.
            DependsOn=attachment.title,
            RouteTableId=Ref(table),
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=Ref(gateway),
        )
    )
    return table


def _subnet(template: Template, network: ec2.VPC, blocks: Cidr, kind: str, zone: int) -> ec2.Subnet:
    slot = zone if kind == "Public" else _PRIVATE_FROM + zone
    return template.add_resource(
        ec2.Subnet(
            f"{kind}Subnet{zone + 1}",
            VpcId=Ref(network),
            AvailabilityZone=Select(zone, GetAZs("")),
            CidrBlock=Select(slot, blocks),
            # Public addresses are for what asks for one, never for whatever is started here.
            MapPublicIpOnLaunch=False,
            Tags=_named(f"{kind.lower()}-{zone + 1}"),
        )
    )


def _route_table(template: Template, network: ec2.VPC, kind: str) -> ec2.RouteTable:
    return template.add_resource(
        ec2.RouteTable(
            f"{kind}RouteTable", VpcId=Ref(network), Tags=_named(f"{kind.lower()}-routes")
        )
    )


def _associate(template: Template, subnet: ec2.Subnet, table: ec2.RouteTable) -> None:
    template.add_resource(
        ec2.SubnetRouteTableAssociation(
            f"{subnet.title}RouteTable", SubnetId=Ref(subnet), RouteTableId=Ref(table)
        )
    )


def _nat_routes(
    template: Template,
    public: Sequence[ec2.Subnet],
    tables: Sequence[ec2.RouteTable],
    nat: Nat,
) -> None:
    gateways = {"none": 0, "one": 1, "per-zone": len(public)}[nat]
    nats = [_nat_gateway(template, subnet, i + 1) for i, subnet in enumerate(public[:gateways])]
    for zone, table in enumerate(tables if nats else ()):
        template.add_resource(
            ec2.Route(
                f"Private{zone + 1}DefaultRoute",
                RouteTableId=Ref(table),
                DestinationCidrBlock="0.0.0.0/0",
                NatGatewayId=Ref(nats[zone % len(nats)]),
            )
        )


def _nat_gateway(template: Template, subnet: ec2.Subnet, number: int) -> ec2.NatGateway:
    address = template.add_resource(
        ec2.EIP(
            f"NatAddress{number}",
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html:
            # an address of a VPC made in the same template waits for the gateway's attachment.
            DependsOn="InternetGatewayAttachment",
            Domain="vpc",
            Tags=_named(f"nat-{number}"),
        )
    )
    return template.add_resource(
        ec2.NatGateway(
            f"NatGateway{number}",
            DependsOn="PublicDefaultRoute",
            AllocationId=GetAtt(address, "AllocationId"),
            SubnetId=Ref(subnet),
            Tags=_named(f"nat-{number}"),
        )
    )


def _s3_endpoint(
    template: Template,
    network: ec2.VPC,
    tables: Sequence[ec2.RouteTable],
    policy: PolicyDocument,
) -> ec2.VPCEndpoint:
    wildcards = wildcard_reasons(policy)
    why: dict[str, Any] = {"Metadata": reasons(wildcards=wildcards)} if wildcards else {}
    return template.add_resource(
        ec2.VPCEndpoint(
            "S3Endpoint",
            **why,
            VpcId=Ref(network),
            VpcEndpointType="Gateway",
            ServiceName=Sub("com.amazonaws.${AWS::Region}.s3"),
            RouteTableIds=[Ref(table) for table in tables],
            PolicyDocument=policy,
        )
    )


def _named(suffix: str) -> Any:
    return Tags(Name=Sub(f"${{AWS::StackName}}-{suffix}"))
