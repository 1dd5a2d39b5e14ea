"""The database stack: a PostgreSQL master, its public read replica, and who reads from that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troposphere import GetAtt, Ref

from infra import rules
from infra.blocks.postgres import Server
from infra.blocks.postgres_secrets import attach
from infra.blocks.reporting_user import ReportingUser
from infra.config import Database, Environment
from infra.config.database_reach import needs_a_secret
from infra.model import Asset, Output, Stack
from infra.naming import DATABASE
from infra.stacks.database import functions
from infra.stacks.database.foundation import Common, common
from infra.stacks.database.functions import Surroundings
from infra.stacks.database.outputs import (
    DatabaseOutputs,
    function_outputs,
    psql,
    server_outputs,
    users_outputs,
)
from infra.stacks.database.secrets import User, Users, users
from infra.stacks.database.servers import master, replica
from infra.stacks.draft import Draft
from infra.stacks.network import Network

ID = DATABASE
FUNCTION = functions.FUNCTION

DESCRIPTION = "PostgreSQL: a master, read replicas for analysts, and the user that reads"


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the stack takes from elsewhere."""

    network: Network
    code: Asset | None
    """The zip of the reporting user's function, where the settings have that user."""
    secret_group: Output | None = None
    """The group of Secrets Manager's endpoint, where it is one of ours."""


@dataclass(frozen=True, kw_only=True)
class DatabaseHandles:
    """What a template has after `add`."""

    master: Server
    replicas: tuple[Server, ...]
    reader: ReportingUser | None
    outputs: DatabaseOutputs


def compose(
    environment: Environment, settings: Database, given: Given
) -> tuple[Stack, DatabaseOutputs]:
    """The stack of the servers, their secrets and the reporting user, and what it tells."""
    draft = Draft(ID, DESCRIPTION)
    made = add(draft, environment, settings, given)
    stack = draft.finish(
        environment.name,
        assets=() if given.code is None else (given.code,),
        capabilities=tuple(_capabilities(settings)),
        protected=settings.operations.protected,
    )
    return stack, made.outputs


def add(
    draft: Draft, environment: Environment, settings: Database, given: Given
) -> DatabaseHandles:
    """The same in a template that may hold more."""
    shared = common(draft, environment.roles, settings, given.network)
    who = users(draft, settings)
    source = _master(draft, settings, shared, who.administrator)
    replicas = tuple(_replicas(draft, settings, shared, source))
    with draft.group("Functions"):
        reader = _functions(draft, environment, settings, given, shared, source, who)
    draft.hold(source.instance, who.administrator.secret)
    return DatabaseHandles(
        master=source,
        replicas=replicas,
        reader=reader,
        outputs=_outputs(draft, settings, source, replicas, reader, who),
    )


def _master(draft: Draft, settings: Database, shared: Common, owner: User) -> Server:
    with draft.group("Master"):
        database = draft.text(
            "DatabaseName",
            settings.database_name,
            rules.DATABASE_NAME,
            "The first database; another one replaces the master",
        )
        return master(draft, settings, shared, database=database, owner=owner)


def _replicas(draft: Draft, settings: Database, shared: Common, source: Server) -> Iterator[Server]:
    before = None
    for chosen in settings.replicas:
        with draft.group(f"Replica {chosen.name}"):
            before = replica(draft, settings, chosen, shared, source=source, after=before)
        yield before


def _functions(
    draft: Draft,
    environment: Environment,
    settings: Database,
    given: Given,
    shared: Common,
    source: Server,
    who: Users,
) -> ReportingUser | None:
    secret = who.administrator.secret
    around = Surroundings(
        place=shared.place,
        master=source,
        administrator=secret,
        attachment=attach(draft.template, secret, source.instance),
        options=shared.options,
        secrets=functions.way_to_secrets(draft, given.network, given.secret_group)
        if needs_a_secret(settings)
        else None,
        roles=shared.roles,
    )
    if settings.rotation is not None:
        functions.rotation(draft, settings.rotation, around)
    if settings.reporting_user is None:
        return None
    assert given.code is not None
    assert who.reporting is not None
    return functions.reader(
        draft, environment, settings.reporting_user, given.code, around, who.reporting.secret
    )


def _outputs(
    draft: Draft,
    settings: Database,
    source: Server,
    replicas: tuple[Server, ...],
    reader: ReportingUser | None,
    who: Users,
) -> DatabaseOutputs:
    draft.output("DatabaseName", Ref("DatabaseName"), "The first database")
    draft.output(
        "MasterSecurityGroupId",
        GetAtt(source.security_group, "GroupId"),
        "Security group of the master, whose rules say who may connect",
    )
    users_outputs(draft, who)
    told = [server_outputs(draft, source, settings.instance_class)]
    for server, chosen in zip(replicas, settings.replicas, strict=True):
        told.append(server_outputs(draft, server, chosen.instance_class))
        if settings.reporting_user is not None and who.reporting is not None:
            first = next(iter(settings.reporting_user.databases))
            psql(draft, server, database=first, username=who.reporting.name)
    function, function_log = function_outputs(draft, reader)
    return DatabaseOutputs(
        master=told[0], replicas=tuple(told[1:]), function=function, function_log=function_log
    )


def _capabilities(settings: Database) -> Iterator[str]:
    if needs_a_secret(settings) or settings.monitoring_seconds:
        yield "CAPABILITY_IAM"
    if settings.rotation is not None and settings.rotation.function_arn is None:
        # AWS makes a stack of its own for the function.
        yield "CAPABILITY_AUTO_EXPAND"
