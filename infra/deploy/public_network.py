"""Whether an existing network is as servers with a public address need it.

A network of ours is looked at where it is synthesised (`infra.lint.public_access`); of one that
somebody else made, only AWS can tell. CloudFormation takes any: RDS then refuses after minutes, or
makes a server that nobody reaches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra.aws.services import Aws, NetworkFacts
from infra.errors import AwsError, InputError
from infra.lint.public_access import public_subnets_of
from infra.model import Stack

_VPC = "VpcId"
"""The parameter that every stack of ours has for it."""


def problems(vpc_id: str, facts: NetworkFacts) -> list[str]:
    """What is wrong with a network and its public subnets, and the fix."""
    return [
        *strangers(vpc_id, facts),
        *without_a_way_out(facts),
        *in_one_zone(facts),
        *without_names(vpc_id, facts, "RDS makes no server with a public address"),
    ]


def strangers(vpc_id: str, facts: NetworkFacts) -> Iterator[str]:
    """Subnets that the VPC has not."""
    for subnet_id in facts.leads_to_internet:
        if subnet_id not in facts.zones:
            yield f"{vpc_id} has no subnet {subnet_id}: correct network in the environment's file."


def without_a_way_out(facts: NetworkFacts) -> Iterator[str]:
    """Subnets that the internet does not reach."""
    for subnet_id, leads_out in facts.leads_to_internet.items():
        if subnet_id in facts.zones and not leads_out:
            yield (
                f"Subnet {subnet_id} has no route to an internet gateway: nobody would reach the "
                "public replica. Name public subnets in network.public_subnet_ids, or give its "
                "route table a route 0.0.0.0/0 to one."
            )


def in_one_zone(facts: NetworkFacts) -> Iterator[str]:
    """Subnets that RDS makes no subnet group of.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
    """
    if len(set(facts.zones.values())) == 1:
        [zone] = set(facts.zones.values())
        yield (
            f"{', '.join(facts.zones)}: all in the zone {zone}, and RDS wants subnets in two or "
            "more. Name another one in the environment's file."
        )


def without_names(vpc_id: str, facts: NetworkFacts, why: str) -> Iterator[str]:
    """Settings of the VPC that are off, without which `why`."""
    for name, is_on in (
        ("DNS support", facts.dns_support),
        ("DNS host names", facts.dns_hostnames),
    ):
        if not is_on:
            option = f"--enable-{name.lower().replace('host names', 'hostnames').replace(' ', '-')}"
            yield (
                f"{vpc_id} has {name} switched off, without which {why}: "
                f"aws ec2 modify-vpc-attribute --vpc-id {vpc_id} {option}"
            )


def refuse_private(stack: Stack, parameters: Mapping[str, str], aws: Aws) -> None:
    """Raise an InputError before a stack is made whose public servers nobody would reach.

    Who may not look a network up is not kept from deploying: the check is a convenience.
    """
    named = [name for name in public_subnets_of(stack) if isinstance(stack.values[name], str)]
    if not named or _VPC not in parameters:
        return
    subnet_ids = [each for name in named for each in parameters[name].split(",")]
    try:
        facts = aws.networks.facts(parameters[_VPC], subnet_ids)
    except AwsError:
        return
    found = problems(parameters[_VPC], facts)
    if found:
        raise InputError("\n".join(found))
