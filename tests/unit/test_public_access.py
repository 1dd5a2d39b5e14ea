"""Servers with a public address, and the network that they are to stand in, seen together."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from infra.config import Environment, NewNetwork
from infra.errors import InputError
from infra.lint.public_access import findings, refuse_unreachable
from infra.model import Assembly, Stack
from infra.stacks.network import compose
from tests.templates.databases import stacks
from tests.unit.test_database_settings import EXISTING, environment

Resources = dict[str, dict[str, Any]]


def whole(change: Callable[[Resources], None], topology: str = "isolated") -> Assembly:
    """Network and database, with the network's resources changed."""
    data = Environment.model_validate(environment({"topology": topology}))
    assert isinstance(data.network, NewNetwork)
    network, _ = compose(data, data.network)
    template = copy.deepcopy(dict(network.template))
    change(template["Resources"])
    changed = Stack(network.id, network.name, template, network.values)
    database = stacks(topology=topology)
    return Assembly("shop", "eu-west-1", {}, (changed, *database.stacks))


@pytest.mark.parametrize("topology", ["isolated", "shared"])
def test_a_network_of_ours_is_as_public_servers_need_it(topology: str) -> None:
    """In both topologies, in each of its public subnets."""
    assert findings(whole(lambda _: None, topology)) == []


def without_route(resources: Resources) -> None:
    del resources["PublicDefaultRoute"]


def through_nat(resources: Resources) -> None:
    route = resources["PublicDefaultRoute"]["Properties"]
    route["NatGatewayId"] = route.pop("GatewayId")


def unattached(resources: Resources) -> None:
    del resources["InternetGatewayAttachment"]


def without_table(resources: Resources) -> None:
    for number in (1, 2):
        del resources[f"PublicSubnet{number}RouteTable"]


@pytest.mark.parametrize("topology", ["isolated", "shared"])
@pytest.mark.parametrize("change", [without_route, through_nat, unattached, without_table])
def test_a_subnet_that_the_internet_does_not_reach_is_found(
    change: Callable[[Resources], None], topology: str
) -> None:
    """Whichever part of the way is missing."""
    found = findings(whole(change, topology))
    assert [(one.stack, one.resource, one.rule) for one in found] == [
        ("network", "PublicSubnet1", "public-subnets"),
        ("network", "PublicSubnet2", "public-subnets"),
    ]


@pytest.mark.parametrize("setting", ["EnableDnsSupport", "EnableDnsHostnames"])
def test_a_vpc_without_names_is_found(setting: str) -> None:
    """Host names are off where nobody asks for them; RDS wants both."""

    def silent(resources: Resources) -> None:
        del resources["Vpc"]["Properties"][setting]

    assembly = whole(silent)
    (found,) = findings(assembly)
    assert str(found) == (
        f"network: Vpc: infra public-dns error: {setting} is not true, without which RDS makes no "
        "server with a public address"
    )
    with pytest.raises(InputError) as refused:
        refuse_unreachable(assembly)
    assert str(refused.value) == str(found)


def test_of_an_existing_network_nothing_can_be_seen_here() -> None:
    """AWS is asked before it is deployed."""
    assert findings(stacks(network=EXISTING)) == []
