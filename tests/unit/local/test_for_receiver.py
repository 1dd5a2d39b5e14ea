"""What the demo changes of an environment, so that the receiver understands what it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from infra.config import Environment, Protocol, load
from infra.local.demo import Address, for_receiver
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
