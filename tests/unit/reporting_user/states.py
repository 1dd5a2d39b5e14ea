"""Servers as the catalogues tell of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lambda_src.reporting_user.acting import Acting
from lambda_src.reporting_user.state import (
    MARK,
    PUBLIC,
    Administrator,
    Database,
    Login,
    Role,
    ServerState,
)

BOTH = frozenset({"CONNECT", "TEMPORARY"})
CONNECT = frozenset({"CONNECT"})

KEPT = Role(
    comment=MARK,
    logs_in=True,
    superuser=False,
    creates_databases=False,
    creates_roles=False,
    replicates=False,
    bypasses_row_security=False,
    connection_limit=10,
    valid_until=float("inf"),
    settings={
        "default_transaction_read_only": "on",
        "statement_timeout": "3600s",
        "idle_in_transaction_session_timeout": "600s",
    },
)
"""The reporting user as a run leaves it."""


def login(name: str, **changes: Any) -> Login:
    """Return a role that the administrator may become a member of."""
    usual = {
        "superuser": False,
        "can_log_in": True,
        "used": False,
        "administered": True,
        "granted": False,
    }
    return Login(name, **(usual | changes))


LOGINS = (
    login("rdsadmin", superuser=True, administered=False),
    login("rds_superuser", can_log_in=False, used=True, administered=False),
    login("admin", used=True, administered=False),
    login("app"),
    login("jobs"),
)


def database(name: str, owner: str = "admin", **privileges: frozenset[str]) -> Database:
    """Return a database whose PUBLIC has nothing any more, unless `public` says so."""
    found = {PUBLIC if role == "public" else role: each for role, each in privileges.items()}
    return Database(name, owner, True, False, {owner: BOTH | {"CREATE"}} | found)


def fresh(name: str, owner: str = "admin") -> Database:
    """Return a database as CREATE DATABASE leaves it."""
    return database(name, owner, public=BOTH)


def server(
    *databases: Database, role: Role | None = None, major: int = 16, logins: tuple[Login, ...] = ()
) -> ServerState:
    """Return a server of RDS's kind."""
    known = (*LOGINS, *logins, *([login("analyst")] if role else []))
    return ServerState(
        version=major * 10_000 + 4,
        administrator=Administrator("admin", superuser=False, creates_roles=True, inherits=True),
        logins={each.name: each for each in known},
        databases={each.name: each for each in databases},
        role=role,
    )


def without_rds(state: ServerState) -> ServerState:
    """Return the same server without the role that may do more on RDS than elsewhere."""
    logins = {name: each for name, each in state.logins.items() if name != "rds_superuser"}
    return replace(state, logins=logins)


def acting(state: ServerState, *refused: str) -> Acting:
    """Return what its administrator can become."""
    return Acting(state, frozenset(refused))
