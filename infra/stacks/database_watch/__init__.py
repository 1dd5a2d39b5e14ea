"""The stack that watches a database: alarms for whoever is on call, a dashboard of all servers.

It is a stack of its own: together with the servers it would be larger than what CloudFormation
takes in one request.
"""

from __future__ import annotations

from infra import rules
from infra.blocks.alarms import alarm
from infra.blocks.dashboard import dashboard
from infra.config import Database, DatabaseOperations, Environment
from infra.model import Stack, Value
from infra.stacks.database.outputs import DatabaseOutputs, ServerOutputs
from infra.stacks.database_watch.alarms import alarms
from infra.stacks.database_watch.handles import Server, Watched
from infra.stacks.database_watch.of_logins import count_failed_logins
from infra.stacks.database_watch.widgets import rows
from infra.stacks.draft import Draft
from infra.stacks.ringing import topic_of

__all__ = ["ID", "Server", "Watched", "compose", "watch"]

ID = "database-watch"

_BURSTABLE = "db.t"


def compose(
    environment: Environment, settings: Database, database: DatabaseOutputs, topic: Value | None
) -> Stack | None:
    """The stack, where anything of it is wanted.

    `topic` is what alarms of another stack of the environment ring, if there is one.
    """
    operations = settings.operations
    if not (operations.alarms or operations.dashboard):
        return None
    draft = Draft(ID, "Alarms and a dashboard of the database's servers")
    with draft.group("Servers"):
        watched = _watched(draft, settings, database)
    with draft.group("Alarms"):
        watch(draft, operations, watched, topic)
    return draft.finish(environment.name)


def watch(
    draft: Draft, settings: DatabaseOperations, watched: Watched, shared: Value | None
) -> None:
    """Add the alarms, the topic that they ring, and the dashboard, as far as they are wanted."""
    count_failed_logins(draft.template, watched)
    made = {}
    if settings.alarms:
        topic = topic_of(draft, settings, shared)
        made = {
            each.title: alarm(draft.template, each, topic=topic)
            for each in alarms(draft, settings.thresholds, watched)
        }
    if settings.dashboard:
        dashboard(draft.template, "Dashboard", rows=rows(watched, made))


def _watched(draft: Draft, settings: Database, database: DatabaseOutputs) -> Watched:
    function, log = database.function, database.function_log
    return Watched(
        master=_server(draft, database.master),
        replicas=tuple(_server(draft, each) for each in database.replicas),
        allocated_gb=settings.storage.allocated_gb,
        max_connections=settings.max_connections,
        function=None
        if function is None
        else draft.text(
            "ReportingFunctionName", function, rules.FUNCTION_NAME, "Function that keeps the grants"
        ),
        function_log=None
        if log is None
        else draft.text("ReportingLogGroupName", log, rules.LOG_GROUP_NAME, "Its log"),
    )


def _server(draft: Draft, server: ServerOutputs) -> Server:
    group = server.log_group
    return Server(
        title=server.title,
        name=server.name,
        identifier=draft.text(
            f"{server.title}Identifier",
            server.identifier,
            rules.SERVER_IDENTIFIER,
            f"What RDS calls the server {server.name}",
        ),
        burstable=server.instance_class.startswith(_BURSTABLE),
        log_group=None
        if group is None
        else draft.text(
            f"{server.title}LogGroupName",
            group,
            rules.LOG_GROUP_NAME,
            f"Log group of the server {server.name}",
        ),
    )
