"""The network stack: a VPC of the environment's own, or handles to one that exists."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from troposphere import GetAtt, Join, Ref

from infra import rules
from infra.blocks.vpc import SLOTS, vpc
from infra.config import ExistingNetwork, NewNetwork
from infra.model import Stack, Value
from infra.stacks.draft import Draft

ID = "network"


@dataclass(frozen=True, kw_only=True)
class Network:
    """What other stacks need of a network, wherever it comes from."""

    vpc_id: Value
    private_subnet_ids: Value
    """Separated by commas."""
    cidr: Value | None
    """The VPC's IPv4 network, where it is known."""


def existing(settings: ExistingNetwork) -> Network:
    """The handles of a VPC that somebody else made: no stack."""
    return Network(
        vpc_id=settings.vpc_id,
        private_subnet_ids=",".join(settings.private_subnet_ids),
        cidr=settings.cidr,
    )


def compose(environment: str, settings: NewNetwork) -> tuple[Stack, Network]:
    """The stack of a VPC of the environment's own, and its handles."""
    draft = Draft(ID, "VPC with public and private subnets, their routes and a way to S3")
    cidr = draft.text("VpcCidr", settings.cidr, rules.CIDR, "IPv4 network of the VPC")
    subnet_bits = draft.number(
        "SubnetBits",
        _subnet_bits(settings.cidr),
        f"Bits of the address that each subnet keeps; a VPC of /n has {SLOTS} subnets "
        f"of 32 - n - {SLOTS.bit_length() - 1}",
        minimum=4,
        maximum=16,
    )
    made = vpc(
        draft.template, cidr=cidr, subnet_bits=subnet_bits, zones=settings.zones, nat=settings.nat
    )
    vpc_id = draft.output("VpcId", Ref(made.vpc), "The VPC")
    vpc_cidr = draft.output("VpcCidr", GetAtt(made.vpc, "CidrBlock"), "IPv4 network of the VPC")
    draft.output(
        "PublicSubnetIds",
        _joined(made.public_subnets),
        "Subnets that route to the internet gateway, separated by commas",
    )
    private_subnet_ids = draft.output(
        "PrivateSubnetIds",
        _joined(made.private_subnets),
        "Subnets that nothing outside can reach, separated by commas",
    )
    draft.output(
        "PrivateRouteTableIds",
        _joined(made.private_route_tables),
        "Route tables of the private subnets, one a zone, separated by commas",
    )
    stack = draft.finish(environment)
    return stack, Network(vpc_id=vpc_id, private_subnet_ids=private_subnet_ids, cidr=vpc_cidr)


def _subnet_bits(cidr: str) -> int:
    return 32 - IPv4Network(cidr).prefixlen - (SLOTS.bit_length() - 1)


def _joined(resources: tuple[object, ...]) -> Join:
    return Join(",", [Ref(resource) for resource in resources])
