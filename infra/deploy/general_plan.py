"""What the reporting user's function would run on a new server, without asking any.

The function's own planner says it, of a server as the settings describe it: every database and
every schema that they name is there and empty, and the administrator owns them. Tables that are
there are granted one by one, so only the function's own plan has those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.config import Environment
from infra.config.reporting_user import properties
from infra.deploy.grants import Answer, DatabasePlan, reporting_user
from infra.errors import InputError
from lambda_src.reporting_user.acting import DATABASE_OWNER, Acting
from lambda_src.reporting_user.database_plan import database_plan
from lambda_src.reporting_user.errors import PropertiesError
from lambda_src.reporting_user.invocation import Action, Wish
from lambda_src.reporting_user.plan import Kind, Plan
from lambda_src.reporting_user.properties import Wanted, parse
from lambda_src.reporting_user.server_plan import server_plan
from lambda_src.reporting_user.state import (
    PUBLIC,
    Administrator,
    Database,
    DatabaseState,
    Login,
    Schema,
    ServerState,
)

_MAINTENANCE = "postgres"
_FOR_ALL = frozenset({"CONNECT", "TEMPORARY"})
"""https://www.postgresql.org/docs/current/ddl-priv.html."""


def general_plan(environment: Environment, added: Mapping[str, tuple[str, ...]]) -> Answer:
    """The statements for a new server, with what is added to the settings."""
    settings, database = reporting_user(environment), environment.database
    assert database is not None
    wanted = _wanted(properties(settings), added)
    state = _server(int(database.major), database.master_username, wanted)
    acting = Acting(state)
    plans = [
        server_plan(settings.name, wanted, acting, password_matches=False, database=_MAINTENANCE),
        *(_in_database(settings.name, name, wanted, acting) for name in wanted.databases),
    ]
    return Answer(
        role=settings.name,
        named=wanted.databases,
        plans=tuple(_as_told(plan) for plan in plans),
        omitted=0,
    )


def _wanted(named: Mapping[str, Any], added: Mapping[str, tuple[str, ...]]) -> Wanted:
    """As the function reads it; secrets have no part in a plan."""
    secrets = {"AdministratorSecret": "administrator", "ReportingSecret": "reporting"}
    more = ({"Name": name, "Schemas": [*schemas]} for name, schemas in added.items())
    together = Wish(Action.PLAN, tuple(more)).properties({**named, **secrets})
    try:
        return parse(together).wanted
    except PropertiesError as error:
        raise InputError(str(error)) from None


def _server(major: int, administrator: str, wanted: Wanted) -> ServerState:
    owners = {name: _login(name) for name in wanted.owners}
    everybody = {PUBLIC: _FOR_ALL}
    return ServerState(
        version=major * 10_000,
        administrator=Administrator(
            administrator, superuser=False, creates_roles=True, inherits=True
        ),
        logins={**owners, administrator: _login(administrator, used=True)},
        databases={
            name: Database(
                name, administrator, takes_connections=True, template=False, privileges=everybody
            )
            for name in dict.fromkeys((_MAINTENANCE, *wanted.databases))
        },
        role=None,
    )


def _login(name: str, *, used: bool = False) -> Login:
    """An owner that the administrator has made, or the administrator."""
    return Login(
        name, superuser=False, can_log_in=True, used=used, administered=True, granted=False
    )


def _in_database(role: str, name: str, wanted: Wanted, acting: Acting) -> Plan:
    schemas, administrator = wanted.databases[name], acting.state.administrator.name
    state = DatabaseState(
        schemas={each: Schema(each, _owner(each, administrator)) for each in schemas},
        relations=(),
        defaults=(),
        creators=dict.fromkeys(schemas, (administrator,)),
    )
    return database_plan(
        role, name, schemas, wanted.owners, acting, state, revoke_public=wanted.revoke_public
    )


def _owner(schema: str, administrator: str) -> str:
    """https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PUBLIC."""
    return DATABASE_OWNER if schema == "public" else administrator


def _as_told(plan: Plan) -> DatabasePlan:
    return DatabasePlan(
        database=plan.database,
        statements=plan.statements,
        missing=_texts(plan, Kind.MISSING),
        problems=_texts(plan, Kind.PROBLEM),
    )


def _texts(plan: Plan, kind: Kind) -> tuple[str, ...]:
    return tuple(note.text for note in plan.notes if note.kind is kind)
