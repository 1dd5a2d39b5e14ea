"""The function's environment variables."""

from __future__ import annotations

import pytest

from lambda_src.log_processor.errors import SettingsError
from lambda_src.log_processor.settings import Settings, parse

from .samples import ENVIRONMENT, STATIC


def test_variables_become_settings() -> None:
    """Host, port and the static keys of the events come from the environment."""
    assert parse(ENVIRONMENT) == Settings("127.0.0.1", 5000, STATIC)


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
@pytest.mark.parametrize("missing", [True, False])
def test_a_missing_or_empty_variable_is_named(name: str, missing: bool) -> None:
    """An empty value is as bad as none."""
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}
    if not missing:
        environment[name] = ""
    with pytest.raises(SettingsError) as caught:
        parse(environment)
    assert str(caught.value) == f"{name} is missing or empty"


@pytest.mark.parametrize(
    "port", ["0", "65536", "05", "+5", "5_0", " 5", "\u0665", "beats", "5000\n"]
)
def test_a_port_is_a_plain_number_in_range(port: str) -> None:
    """What int() would take is not enough."""
    with pytest.raises(SettingsError) as caught:
        parse(ENVIRONMENT | {"LOGSTASH_PORT": port})
    assert str(caught.value) == f"LOGSTASH_PORT is {port!r}, expected a number from 1 to 65535"


def test_all_problems_are_reported_at_once() -> None:
    """Nobody corrects one variable to learn of the next."""
    environment = ENVIRONMENT | {"LOGSTASH_HOST": "", "LOGSTASH_PORT": "x"}
    with pytest.raises(SettingsError) as caught:
        parse(environment)
    assert str(caught.value) == (
        "LOGSTASH_HOST is missing or empty; LOGSTASH_PORT is 'x', expected a number from 1 to 65535"
    )
