"""What the demo changes of an environment, so that the receiver understands what it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from infra.config import Environment, Protocol, load
from infra.local.differences import Address, for_receiver
from tests.unit.test_config import CERTIFICATE

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-AbCdEf"
TLS = {"server_name": "logstash.example.net", "ca": CERTIFICATE}


def asking(**logstash: Any) -> Environment:
    """The example `dev` with other settings of Logstash."""
    data = load("dev").model_dump(exclude_unset=True, by_alias=True)
    data["log_processor"]["logstash"] |= logstash
    return Environment.model_validate(data)


@pytest.mark.parametrize("to", [None, Address("127.0.0.1", 5045)])
def test_what_is_plain_tcp_stays_as_it_is(to: Address | None) -> None:
    """There is nothing to say of it."""
    assert for_receiver(load("dev"), to) == (load("dev"), [])


def test_the_bundled_receiver_is_sent_plain_tcp() -> None:
    """And the user is told what is not tried."""
    asked = asking(protocol="lumberjack+tls", compression_level=3, secret_arn=SECRET, **TLS)
    changed, notes = for_receiver(asked, None)
    assert changed.log_processor == load("dev").log_processor
    assert notes == [
        "the receiver speaks tcp: lumberjack+tls of the settings is not tried",
        "logstash.secret_arn is left out: no secret of yours is known here",
    ]


@pytest.mark.parametrize(
    ("protocol", "kept"),
    [
        ("tls", TLS),
        ("lumberjack", {"compression_level": 3}),
        ("lumberjack+tls", TLS | {"compression_level": 3}),
    ],
)
def test_a_receiver_of_the_users_own_is_sent_what_it_speaks(
    protocol: Protocol, kept: dict[str, Any]
) -> None:
    """With all of the settings that belong to the protocol."""
    asked = asking(protocol="lumberjack+tls", compression_level=3, **TLS)
    changed, _ = for_receiver(asked, Address("127.0.0.1", 5045, protocol))
    expected = asking(protocol=protocol, **kept)
    assert changed.log_processor == expected.log_processor


def test_an_environment_without_log_processor_stays_as_it_is() -> None:
    """That it has none is said later."""
    without = load("dev").model_copy(update={"log_processor": None})
    assert for_receiver(without, None) == (without, [])


LINK = {"service_name": "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d"}


@pytest.mark.parametrize("host", ["logstash.example.net", None])
def test_a_receiver_is_reached_by_address_and_not_through_an_endpoint(host: str | None) -> None:
    """The parameters of address and network are there, so that the receiver's can be given."""
    asked = asking(private_link=LINK, host=host, cidr=None)
    changed, notes = for_receiver(asked, None)
    expected = asking(host=host or "localhost", cidr="127.0.0.0/8")
    assert changed.log_processor == expected.log_processor
    assert notes == ["logstash.private_link is left out: an endpoint here leads nowhere"]


PEERING = {
    "vpc_id": "vpc-0e0e0e0e",
    "cidrs": ["10.90.16.0/20"],
    "route_table_ids": ["rtb-0e0e0e0e"],
    "security_group_id": "sg-0e0e0e0e",
}


@pytest.mark.parametrize(
    ("elsewhere", "notes"),
    [
        ({}, ["network.peering is left out: the other VPC is not here"]),
        ({"account": "210987654321", "own_account": "123456789012"}, []),
        ({"region": "eu-central-1"}, []),
    ],
)
def test_a_vpc_that_would_have_to_be_here_is_left_out(
    elsewhere: dict[str, str], notes: list[str]
) -> None:
    """This account's side of a peering is made; another account's side is not ours to make."""
    data = load("dev").model_dump(exclude_unset=True, by_alias=True)
    data["network"]["peering"] = PEERING | elsewhere
    asked = Environment.model_validate(data)
    expected = load("dev") if notes else asked
    assert for_receiver(asked, None) == (expected, notes)


def test_a_database_comes_along_without_what_is_elsewhere() -> None:
    """Its servers are real; a zone and a function of the account's are not."""
    data = load("prod").model_dump(exclude_unset=True, by_alias=True)
    data["database"]["rotation"] = {"every_days": 30}
    zone = {"hosted_zone_id": "Z0123456789ABCDEFGHIJ", "name": "reports.shop.example.com"}
    data["database"]["replicas"][0]["dns"] = zone
    changed, notes = for_receiver(Environment.model_validate(data), None)
    assert changed.database == load("prod").database
    assert notes[:2] == [
        "database.rotation is left out: the function that rotates is not here",
        "database.replicas.dns is left out: the hosted zone is not here",
    ]


def test_a_database_in_a_vpc_of_somebodys_is_left_out() -> None:
    """There is none of its subnets here."""
    data = load("reporting").model_dump(exclude_unset=True, by_alias=True)
    data["network"] = {
        "vpc_id": "vpc-0a1b2c3d",
        "cidr": "10.60.0.0/16",
        "private_subnet_ids": ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
        "public_subnet_ids": ["subnet-2a1b2c3d", "subnet-3a1b2c3d"],
        "private_route_table_ids": ["rtb-0a1b2c3d"],
    }
    changed, notes = for_receiver(Environment.model_validate(data), None)
    assert changed.database is None
    assert notes == ["database is left out: the VPC that it is to stand in is not here"]
