"""Database stacks of any settings, without the rest of an environment."""

from __future__ import annotations

from typing import Any

from infra.config import Environment, NewNetwork
from infra.model import Assembly, Asset, Output, Stack
from infra.stacks import database, database_watch
from infra.stacks.network import Network, compose, existing
from tests.unit.test_database_settings import environment

CODE = Asset("reporting_user", b"zip", "ab" * 32, "artifacts", f"reporting_user/{'ab' * 32}.zip")


def stacks(*, topic: Output | None = None, **changes: Any) -> Assembly:
    """The database's stacks alone; `network` and the like are other keys of the environment."""
    others = {key: changes.pop(key) for key in ("network", "roles", "region") if key in changes}
    settings = Environment.model_validate(environment(changes, **others))
    assert settings.database is not None
    code = CODE if settings.database.reporting_user else None
    given = database.Given(network=_network(settings), code=code)
    stack, told = database.compose(settings, settings.database, given)
    watching = database_watch.compose(settings, settings.database, told, topic)
    return Assembly("shop", settings.region, {}, (stack, *([watching] if watching else [])))


def database_of(**changes: Any) -> Stack:
    """The stack of the servers."""
    return stacks(**changes).stacks[0]


def watch_of(**changes: Any) -> Stack:
    """The stack that watches them."""
    return stacks(**changes).stacks[1]


def _network(settings: Environment) -> Network:
    if isinstance(settings.network, NewNetwork):
        return compose(settings, settings.network)[1]
    return existing(settings.network)
