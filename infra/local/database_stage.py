"""A master, its replica and who logs in to them, for what application and analyst do there.

Everything goes over verified TLS, and by the stack's own outputs and secrets.
"""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.aws.services import Aws
from infra.config import Database
from infra.local import psql
from infra.local.account import PostgresqlError
from infra.local.database_outcome import Asked
from infra.local.psql import Answer, Place, Refusal, Session
from infra.naming import title_of
from lambda_src.reporting_user.connection import Login

_MAINTENANCE = "postgres"
_FOLLOWS_WITHIN = 30.0
_LOOK_EVERY = 0.01


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Where master and replica are, and who logs in, as the stack tells it."""

    master: Place
    replica: Place
    replica_name: str
    administrator: Login
    analyst: Login
    analyst_secret: str
    """Its ARN."""
    function: str
    """What keeps the grants."""
    ca_file: Path

    def psql(self, database: str) -> str:
        """The line for a shell that connects an analyst to the replica."""
        parts = {
            "host": self.replica.host,
            "port": self.replica.port,
            "dbname": database,
            "user": self.analyst.user,
            "sslmode": "verify-full",
            "sslrootcert": self.ca_file,
        }
        words = (f"{name}={_value(str(value))}" for name, value in parts.items())
        return "psql " + shlex.quote(" ".join(words))


def servers(settings: Database, outputs: Mapping[str, str], aws: Aws, ca_file: Path) -> Servers:
    """Read the outputs and the secrets; the replica is the first that has a public address."""
    chosen = next(each for each in settings.replicas if each.public)
    ca = ca_file.read_text()

    def place(title: str) -> Place:
        return Place(outputs[f"{title}Host"], int(outputs[f"{title}Port"]), ca)

    return Servers(
        master=place("Master"),
        replica=place(f"{title_of(chosen.name)}Replica"),
        replica_name=chosen.name,
        administrator=_login(aws.secrets.text(outputs["MasterSecretArn"])),
        analyst=_login(aws.secrets.text(outputs["ReportingSecretArn"])),
        analyst_secret=outputs["ReportingSecretArn"],
        function=outputs["ReportingFunctionName"],
        ca_file=ca_file,
    )


@dataclass(frozen=True)
class Table:
    """A table that an analyst is to count the rows of."""

    database: str
    place: str
    """Schema and name, as SQL has them."""
    name: str
    rows: int

    @property
    def query(self) -> str:
        """The analyst's own."""
        return f"SELECT count(*) AS {self.name} FROM {self.place}"  # noqa: S608 - quoted

    @property
    def write(self) -> str:
        """What an analyst may not do."""
        return f"INSERT INTO {self.place} VALUES (0)"  # noqa: S608 - quoted

    @property
    def count(self) -> Answer:
        """What it has to find."""
        return Answer((self.name,), ((str(self.rows),),))


@dataclass(frozen=True)
class Stage:
    """Sessions on both servers, and what is done by others."""

    where: Servers
    master: Session
    """Of the administrator, who owns the databases."""
    replica: Session
    """Of the same, who looks how far it has come."""

    def role(self, name: str) -> None:
        """Make a role that owns things, in whose place the administrator may act."""
        role = self.quoted(name)
        self.master.run(f"CREATE ROLE {role}", f"GRANT {role} TO CURRENT_USER")

    def database(self, name: str) -> None:
        """Make a database."""
        self.master.run(f"CREATE DATABASE {self.quoted(name)}")

    def schema(self, database: str, name: str, owner: str) -> None:
        """Make a schema where there is none, and let the owner make things in it."""
        schema = self.quoted(name)
        with self._as_administrator(database) as session:
            session.run(
                f"CREATE SCHEMA IF NOT EXISTS {schema}",
                f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {self.quoted(owner)}",
            )

    def table(
        self, database: str, schema: str, name: str, rows: int, owner: str | None = None
    ) -> Table:
        """Make a table with some rows, and wait until the replica has it."""
        made = Table(database, f"{self.quoted(schema)}.{name}", name, rows)
        with self._as_administrator(database) as session:
            session.run(
                *([f"SET ROLE {self.quoted(owner)}"] if owner else []),
                f"CREATE TABLE {made.place} AS SELECT generate_series(1, {rows}) AS number",
            )
        self.wait_for_replica()
        return made

    def asked(self, shows: str, database: str, statement: str, wanted: Answer | Refusal) -> Asked:
        """What the analyst is told on the replica; not to be let in is an answer, too."""
        try:
            with psql.session(self.where.replica, self.where.analyst, database) as session:
                answer = session.ask(statement)
        except PostgresqlError as error:
            answer = Refusal(str(error))
        return Asked(shows, database, statement, answer, wanted)

    def wait_for_replica(self) -> None:
        """Wait until the replica has all that has been done on the master."""
        here = self.master.value("SELECT pg_current_wal_insert_lsn()")
        deadline = time.monotonic() + _FOLLOWS_WITHIN
        query = "SELECT pg_last_wal_replay_lsn() >= CAST(:here AS pg_lsn)"
        while self.replica.value(query, here=here) != str(True):
            if time.monotonic() > deadline:
                raise PostgresqlError(
                    f"the replica {self.where.replica_name} did not follow its master within "
                    f"{_FOLLOWS_WITHIN:.0f} s"
                )
            time.sleep(_LOOK_EVERY)

    def quoted(self, name: str) -> str:
        """A name as SQL has it, with quotes only where it needs them."""
        return self.master.value("SELECT quote_ident(:name)", name=name)

    @contextmanager
    def _as_administrator(self, database: str) -> Iterator[Session]:
        with psql.session(self.where.master, self.where.administrator, database) as session:
            yield session


@contextmanager
def stage(where: Servers) -> Iterator[Stage]:
    """The servers, to be played on until the block's end."""
    with (
        psql.session(where.master, where.administrator, _MAINTENANCE) as master,
        psql.session(where.replica, where.administrator, _MAINTENANCE) as replica,
    ):
        yield Stage(where, master, replica)


def _value(text: str) -> str:
    """https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE."""
    if re.fullmatch(r"[\w./-]+", text):
        return text
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _login(secret: str) -> Login:
    said: dict[str, Any] = json.loads(secret)
    return Login(said["username"], said["password"])
