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


def problems(vpc_id: str, facts: NetworkFacts) -> Iterator[str]:
    """What is wrong with a network, and the fix."""
    for subnet_id, leads_out in facts.leads_to_internet.items():
        if not leads_out:
            yield (
                f"Subnet {subnet_id} has no route to an internet gateway: nobody would reach the "
                "public replica. Name public subnets in network.public_subnet_ids, or give its "
                "route table a route 0.0.0.0/0 to one."
            )
    for name, is_on in (
        ("DNS support", facts.dns_support),
        ("DNS host names", facts.dns_hostnames),
    ):
        if not is_on:
            option = f"--enable-{name.lower().replace('host names', 'hostnames').replace(' ', '-')}"
            yield (
                f"{vpc_id} has {name} switched off, without which RDS makes no server with a "
                f"public address: aws ec2 modify-vpc-attribute --vpc-id {vpc_id} {option}"
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
    found = list(problems(parameters[_VPC], facts))
    if found:
        raise InputError("\n".join(found))
