"""The real PostgreSQL servers behind RDS's records, which end when this process does."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from infra.local import authority, postgresql, rds_roles
from infra.local.authority import Identity
from infra.local.postgresql import Server
from infra.local.postgresql_installation import nearest
from infra.local.surroundings import RDS_CA
from lambda_src.reporting_user.verifier import verifier

HOST = "localhost"
"""What all of them are called: a name, as RDS has names, which their certificate is for."""


@dataclass(frozen=True, kw_only=True)
class First:
    """What a server without a source begins with."""

    database: str
    user: str
    password: str = field(repr=False)
    major: int | None
    """Of PostgreSQL; the newest here where there is none of this."""


@dataclass(frozen=True)
class _Held:
    server: Server
    ending: ExitStack
    """What ends it."""


_lock = threading.RLock()
_held: dict[str, _Held] = {}
_identity: list[Identity] = []
"""One at most."""


def begin(name: str, first: First, settings: Mapping[str, str]) -> Server:
    """Start a primary with its administrator, who owns its first database."""
    with ExitStack() as stack:
        place = Path(os.environ["HOME"]).parent
        server = stack.enter_context(
            postgresql.primary(nearest(first.major), identity(), settings, place=place)
        )
        rds_roles.set_up(server, first.user, verifier(first.password))
        rds_roles.create_database(server, first.database, first.user)
        return _kept(name, server, stack)


def follow(name: str, source: str, settings: Mapping[str, str]) -> Server:
    """Start a streaming standby of another of these servers."""
    followed = running(source)
    if followed is None:
        raise ValueError(f"The source of {name}, {source}, is no server that runs")
    with ExitStack() as stack:
        server = stack.enter_context(postgresql.standby(followed, identity(), settings))
        return _kept(name, server, stack)


def end(name: str) -> None:
    """End a server, if it is there, and remove all that it holds."""
    with _lock:
        held = _held.pop(name, None)
    if held is not None:
        held.ending.close()


def running(name: str) -> Server | None:
    """The server of this name."""
    with _lock:
        held = _held.get(name)
    return None if held is None else held.server


def identity() -> Identity:
    """What all servers prove to be: certificates of an authority that is told in a file."""
    with _lock:
        if not _identity:
            made = authority.identity(HOST, postgresql.HOST)
            Path(os.environ["HOME"], RDS_CA).write_text(made.ca)
            _identity.append(made)
        return _identity[0]


def _kept(name: str, server: Server, stack: ExitStack) -> Server:
    with _lock:
        _held[name] = _Held(server, stack.pop_all())
    return server
