"""How analysts connect to the public replicas, from what the database's stack tells.

Pure: settings and outputs in, lines for a shell out. No line holds a password: it holds the command
that reads it, whose output goes into a variable that no list of processes shows.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from infra.aws.services import DeployedStack
from infra.config import Database
from infra.naming import title_of

CERTIFICATES = "curl -fsSO https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html."""

_MEMBER = re.compile(r"(\w+)=(?:'((?:[^'\\]|\\.)*)'|(\S*))")
"""https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE."""


@dataclass(frozen=True)
class Place:
    """Where the aws command is to look, as ours was told."""

    region: str
    profile: str | None = None
    endpoint_url: str | None = None

    def arguments(self) -> list[str]:
        """For any aws command."""
        options = {
            "--region": self.region,
            "--profile": self.profile,
            "--endpoint-url": self.endpoint_url,
        }
        return [word for name, value in options.items() if value for word in (name, value)]


@dataclass(frozen=True)
class Connection:
    """The way to one public replica."""

    replica: str
    host: str
    port: str
    database: str
    user: str
    psql: str
    """`psql '…'`, with sslmode=verify-full and the CA's file; it asks for the password."""
    password: str
    """The command that prints the password."""

    @property
    def line(self) -> str:
        """The same without being asked."""
        return f'PGPASSWORD="$({self.password})" {self.psql}'


def connections(settings: Database, stack: DeployedStack, place: Place) -> Iterator[Connection]:
    """The way to each public replica that the stack tells of."""
    secret = stack.value("ReportingSecretArn")
    for replica in settings.replicas:
        psql = stack.value(f"{title_of(replica.name)}ReplicaPsql")
        if replica.public and psql is not None and secret is not None:
            known = _members(psql)
            yield Connection(
                replica=replica.name,
                host=known["host"],
                port=known["port"],
                database=known["dbname"],
                user=known["user"],
                psql=psql,
                password=_password(secret, place),
            )


def _members(psql: str) -> dict[str, str]:
    """`psql 'host=… dbname='\\''a b'\\'''` → {"host": …, "dbname": "a b"}."""
    _, text = shlex.split(psql)
    return {
        name: plain or re.sub(r"\\(.)", r"\1", quoted)
        for name, quoted, plain in _MEMBER.findall(text)
    }


def _password(secret: str, place: Place) -> str:
    command = ["aws", "secretsmanager", "get-secret-value", *place.arguments()]
    command += ["--secret-id", secret, "--query", "SecretString", "--output", "text"]
    return f"{shlex.join(command)} | jq -r .password"
