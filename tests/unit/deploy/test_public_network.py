"""An existing network is looked at before public servers are made in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from infra.aws.ec2 import BotoNetworks
from infra.aws.services import NetworkFacts
from infra.deploy.execution import Watcher, carry_out
from infra.deploy.plan import creation
from infra.deploy.public_network import strangers, without_a_way_out
from infra.errors import AwsError, InputError
from infra.model import Assembly
from tests.templates.databases import stacks
from tests.unit.deploy.fakes import FakeAws
from tests.unit.test_database_settings import EXISTING


def database(**changes: Any) -> Assembly:
    """The database in a network of somebody else's, and nothing that watches it."""
    operations = {"alarms": False, "dashboard": False}
    return stacks(network=EXISTING, operations=operations, reporting_user=None, **changes)


@pytest.mark.parametrize("topology", ["isolated", "shared"])
def test_servers_are_made_where_the_internet_reaches_them(topology: str) -> None:
    """Nothing keeps the stack from being created then."""
    fake = FakeAws()
    carry_out(creation(database(topology=topology)), fake.aws, Watcher())
    assert [one.name for one in fake.created] == ["shop-database"]


def test_a_subnet_without_a_way_out_is_refused_before_anything_is_made() -> None:
    """Each by its id, and the VPC's settings besides."""
    fake = FakeAws(private={"subnet-3a1b2c3d"}, without_names={"vpc-0a1b2c3d"})
    with pytest.raises(InputError) as caught:
        carry_out(creation(database()), fake.aws, Watcher())
    assert str(caught.value).splitlines() == [
        "Subnet subnet-3a1b2c3d has no route to an internet gateway: nobody would reach the public "
        "replica. Name public subnets in network.public_subnet_ids, or give its route table a "
        "route 0.0.0.0/0 to one.",
        "vpc-0a1b2c3d has DNS support switched off, without which RDS makes no server with a "
        "public address: aws ec2 modify-vpc-attribute --vpc-id vpc-0a1b2c3d --enable-dns-support",
        "vpc-0a1b2c3d has DNS host names switched off, without which RDS makes no server with a "
        "public address: aws ec2 modify-vpc-attribute --vpc-id vpc-0a1b2c3d --enable-dns-hostnames",
    ]
    assert fake.created == []


def test_subnets_that_rds_makes_nothing_of_are_refused_too() -> None:
    """All in one zone."""
    fake = FakeAws(zones=("eu-west-1a",))
    with pytest.raises(InputError) as caught:
        carry_out(creation(database()), fake.aws, Watcher())
    assert str(caught.value) == (
        "subnet-2a1b2c3d, subnet-3a1b2c3d: all in the zone eu-west-1a, and RDS wants subnets in "
        "two or more. Name another one in the environment's file."
    )


def test_a_subnet_of_another_vpc_is_told_apart_from_a_private_one() -> None:
    """Whoever looks at its route table would look in vain."""
    asked = ["s-main", "s-elsewhere"]
    tables: list[dict[str, Any]] = [{"Associations": [{"Main": True}], "Routes": [route("igw-1")]}]
    facts = BotoNetworks(Client(tables)).facts("vpc-1", asked)
    assert list(facts.zones) == ["s-main"]
    assert list(strangers("vpc-1", facts)) == [
        "vpc-1 has no subnet s-elsewhere: correct network in the environment's file."
    ]
    assert list(without_a_way_out(facts)) == []


def test_who_may_not_look_is_not_kept_from_deploying() -> None:
    """The check is a convenience."""

    class Refusing:
        def facts(self, vpc_id: str, subnet_ids: Sequence[str]) -> NetworkFacts:
            raise AwsError("DescribeRouteTables was refused: no.")

    fake = FakeAws()
    carry_out(creation(database()), replace(fake.aws, networks=Refusing()), Watcher())
    assert len(fake.created) == 1


@dataclass
class Client:
    """EC2, as far as it is asked here."""

    tables: list[dict[str, Any]]
    asked: str = ""

    def get_paginator(self, name: str) -> Client:
        return replace(self, asked=name)

    def paginate(self, Filters: list[dict[str, Any]]) -> list[dict[str, Any]]:  # noqa: N803
        vpc, *subnets = Filters
        assert vpc == {"Name": "vpc-id", "Values": ["vpc-1"]}
        if self.asked == "describe_route_tables":
            return [{"RouteTables": [table]} for table in self.tables]
        assert self.asked == "describe_subnets"
        [named] = subnets
        assert named["Name"] == "subnet-id"
        return [
            {"Subnets": [{"SubnetId": each, "AvailabilityZone": f"zone of {each}"}]}
            for each in reversed(named["Values"])
            if each != "s-elsewhere"
        ]

    def describe_vpc_attribute(self, VpcId: str, Attribute: str) -> dict[str, Any]:  # noqa: N803
        name = Attribute[0].upper() + Attribute[1:]
        return {"VpcId": VpcId, name: {"Value": name == "EnableDnsSupport"}}


def route(gateway: str, **more: str) -> dict[str, str]:
    return {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway, **more}


def test_a_subnets_own_table_counts_before_the_main_one() -> None:
    """And a route that leads nowhere any more is none; nor is one through NAT."""
    tables: list[dict[str, Any]] = [
        {"Associations": [{"Main": True}], "Routes": [route("igw-1", State="active")]},
        {"Associations": [{"SubnetId": "s-gone"}], "Routes": [route("igw-2", State="blackhole")]},
        {"Associations": [{"SubnetId": "s-local"}], "Routes": [route("local")]},
        {
            "Associations": [{"SubnetId": "s-nat"}],
            "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}],
        },
        {"Associations": [{"SubnetId": "s-own"}], "Routes": [route("igw-3")]},
    ]
    asked = ["s-main", "s-gone", "s-local", "s-nat", "s-own"]
    assert BotoNetworks(Client(tables)).facts("vpc-1", asked) == NetworkFacts(
        dns_support=True,
        dns_hostnames=False,
        leads_to_internet={
            "s-main": True,
            "s-gone": False,
            "s-local": False,
            "s-nat": False,
            "s-own": True,
        },
        zones={each: f"zone of {each}" for each in asked},
    )
    assert not BotoNetworks(Client([])).facts("vpc-1", ["s-main"]).leads_to_internet["s-main"]
