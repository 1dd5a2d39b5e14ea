"""What the database stack tells: where servers are, which secrets open them, how to connect."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from troposphere import AWSHelperFn, Ref, Sub

from infra.blocks.postgres import Server
from infra.blocks.references import embedded
from infra.blocks.reporting_user import ReportingUser
from infra.model import Output
from infra.stacks.database.secrets import Users
from infra.stacks.draft import Draft

LOGINS = "postgresql"
"""The kind of log that failed logins stand in."""

CA_FILE = "global-bundle.pem"
"""Of https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem."""


@dataclass(frozen=True, kw_only=True)
class ServerOutputs:
    """What another stack needs of a server."""

    title: str
    name: str
    instance_class: str
    identifier: Output
    log_group: Output | None
    """Of PostgreSQL's own log, where it is exported."""


@dataclass(frozen=True, kw_only=True)
class DatabaseOutputs:
    """What another stack needs of the database."""

    master: ServerOutputs
    replicas: tuple[ServerOutputs, ...]
    function: Output | None
    """The name of the reporting user's function."""
    function_log: Output | None


def server_outputs(draft: Draft, server: Server, instance_class: str) -> ServerOutputs:
    """Declare where a server is, and what it is called."""
    title, log_group = server.title, server.log_groups.get(LOGINS)
    draft.output(f"{title}Host", server.host, f"Host of the server {server.name}")
    draft.output(f"{title}Port", server.port, f"Port of the server {server.name}")
    return ServerOutputs(
        title=title,
        name=server.name,
        instance_class=instance_class,
        identifier=draft.output(
            f"{title}Identifier", Ref(server.instance), f"What RDS calls the server {server.name}"
        ),
        log_group=None
        if log_group is None
        else draft.output(
            f"{title}LogGroupName", Ref(log_group), f"Log group of the server {server.name}"
        ),
    )


def users_outputs(draft: Draft, who: Users) -> None:
    """Declare the secrets."""
    draft.output("MasterSecretArn", Ref(who.administrator.secret), "Secret of the administrator")
    if who.reporting is not None:
        draft.output("ReportingSecretArn", Ref(who.reporting.secret), "Secret of who reads")


def function_outputs(
    draft: Draft, reader: ReportingUser | None
) -> tuple[Output | None, Output | None]:
    """Declare the name of the reporting user's function, and of its log."""
    if reader is None:
        return None, None
    return (
        draft.output(
            "ReportingFunctionName",
            Ref(reader.function.function),
            "The function that keeps the grants; invoked with {} it repeats them",
        ),
        draft.output("ReportingLogGroupName", Ref(reader.function.log_group), "Its log"),
    )


def psql(draft: Draft, server: Server, *, database: str | AWSHelperFn, username: Ref) -> None:
    """Declare the line that an analyst connects with; psql asks for the password.

    By the server's own name: a certificate has no other, whatever name leads there.
    """
    name = _quoted(database) if isinstance(database, str) else database
    line = _psql(server, embedded(name), embedded(username))
    draft.output(f"{server.title}Psql", Sub(line), f"How to connect to the replica {server.name}")


def _psql(server: Server, database: str, username: str) -> str:
    parts = {
        "host": embedded(server.host),
        "port": embedded(server.port),
        "dbname": database,
        "user": username,
        "sslmode": "verify-full",
        "sslrootcert": CA_FILE,
    }
    return "psql " + shlex.quote(" ".join(f"{name}={value}" for name, value in parts.items()))


def _quoted(value: str) -> str:
    """https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE."""
    if re.fullmatch(r"\w+", value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
