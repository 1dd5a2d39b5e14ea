"""A primary and its standby as RDS sets them up, and what tests do with them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from infra.errors import NotInstalledError
from infra.local import postgresql, rds_roles
from infra.local.authority import Identity, identity
from infra.local.postgresql_installation import Installation, installations
from lambda_src.reporting_user import handler, tls
from lambda_src.reporting_user.connection import Login, Server, Session
from lambda_src.reporting_user.verifier import verifier
from tests.conftest import unavailable
from tests.unit.custom_resource.cloudformation import Invocation, event, presigned

DATABASE = "shop"

ADMINISTRATOR = Login("shop_admin", "the administrator's long password")
ANALYST = Login("analyst", "the analyst's 40 characters, all of them")

ADMINISTRATOR_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:master-AbCdEf"
REPORTING_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:analyst-AbCdEf"

_KEPT = f"'rdsadmin', 'rds_superuser', '{ADMINISTRATOR.user}'"

VERSIONS = ("Debian", "16", "18")
"""Debian's, with TLS of its own, and those of PyPI's package."""


@cache
def certificate() -> Identity:
    """What both servers show."""
    try:
        return identity("localhost", "127.0.0.1")
    except NotInstalledError as error:
        unavailable(str(error))


def installed(version: str) -> Installation:
    """Return the PostgreSQL that is meant, or skip the test."""
    for each in installations():
        is_debians = each.programs.is_relative_to("/usr/lib/postgresql")
        if is_debians if version == "Debian" else str(each.major) == version:
            return each
    return unavailable(f"{version} has no PostgreSQL here: scripts/test installs it as root")


@dataclass
class Manager:
    """Secrets Manager, with what it holds."""

    secrets: dict[str, Any]

    def get_secret_value(self, **request: str) -> Any:
        found = self.secrets[request["SecretId"]]
        if isinstance(found, Exception):
            raise found
        return {"SecretString": found if isinstance(found, str) else json.dumps(found)}


@dataclass
class Pair:
    """A primary and its standby."""

    primary: postgresql.Server
    standby: postgresql.Server
    ca: str
    _names: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    @property
    def major(self) -> int:
        return self.primary.installation.major

    def name(self, kind: str) -> str:
        """Return a name that no other test has."""
        return f"{kind}_{next(self._names)}"

    def session(self, server: postgresql.Server, login: Login, database: str) -> Session:
        """Log in as an analyst or an application does, from another machine."""
        return self.way_to(server).session(login, database)

    def way_to(self, server: postgresql.Server, ca: str | None = None) -> Server:
        return Server("localhost", server.port, tls.context(ca or self.ca), lambda: 20.0)

    def administrator(self, database: str = "postgres") -> Session:
        return self.session(self.primary, ADMINISTRATOR, database)

    def run(self, database: str, *statements: str) -> None:
        """Run statements as the administrator."""
        with self.administrator(database) as session:
            for statement in statements:
                session.run(statement)

    def run_as(self, role: str, database: str, *statements: str) -> None:
        """Run statements as somebody whose password nobody has."""
        self.primary.run(f'SET ROLE "{role}"', *statements, database=database)

    def replicated(self) -> postgresql.Server:
        """Return the standby, with all that is on the primary."""
        self.primary.wait_for(self.standby)
        return self.standby


@contextmanager
def pair_of(version: str) -> Iterator[Pair]:
    """Run a primary and its standby until the block's end."""
    installation, shown = installed(version), certificate()
    with ExitStack() as stack:
        primary = stack.enter_context(postgresql.primary(installation, shown))
        rds_roles.set_up(primary, ADMINISTRATOR.user, verifier(ADMINISTRATOR.password))
        primary.run(f"CREATE DATABASE {DATABASE} OWNER {ADMINISTRATOR.user} STRATEGY file_copy")
        standby = stack.enter_context(postgresql.standby(primary, shown))
        yield Pair(primary, standby, shown.ca)


@dataclass
class Shop:
    """A database of an application, with an owner's schema and a table in it, and its analyst."""

    pair: Pair
    database: str
    owner: str
    analyst: Login
    manager: Manager
    schema: str = "sales"

    def properties(self, **changes: Any) -> dict[str, Any]:
        """Return what the stack asks for, as CloudFormation passes it on."""
        usual = {
            "ServiceToken": "arn:aws:lambda:eu-west-1:123456789012:function:reporting-user",
            "AdministratorSecret": ADMINISTRATOR_SECRET,
            "ReportingSecret": REPORTING_SECRET,
            "Certificates": self.pair.ca,
            "Databases": [{"Name": self.database, "Schemas": [self.schema]}],
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def asked(self, type_: str, seconds: float = 100.0, **changes: Any) -> dict[str, Any]:
        """Ask as CloudFormation does; return its one answer."""
        physical_id = {} if type_ == "Create" else {"PhysicalResourceId": self.analyst.user}
        with presigned() as there:
            asked = event(type_, there.url, self.properties(**changes), **physical_id)
            context = Invocation(seconds)
            assert handler.process(asked, context, lambda: self.manager, {}) is None
        [answer] = there.taken
        return answer

    def made(self, type_: str = "Create", **changes: Any) -> dict[str, str]:
        """Ask for what must succeed; return the answer's data."""
        answer = self.asked(type_, **changes)
        assert answer["Status"] == "SUCCESS", answer["Reason"]
        data: dict[str, str] = answer["Data"]
        return data

    def repeated(self, **changes: Any) -> Mapping[str, str]:
        """Run as the schedule does, with properties out of the environment."""
        environment = {handler.VARIABLE: json.dumps(self.properties(**changes))}
        scheduled = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
        done = handler.process(scheduled, Invocation(), lambda: self.manager, environment)
        assert done is not None
        return done

    def on_standby(self, database: str | None = None) -> Session:
        """Log in as the analyst does, with the password of the secret."""
        standby = self.pair.replicated()
        return self.pair.session(standby, self.analyst, database or self.database)

    def on_primary(self, database: str | None = None) -> Session:
        """Log in where analysts have no business."""
        return self.pair.session(self.pair.primary, self.analyst, database or self.database)

    def read(self, table: str, database: str | None = None) -> list[list[Any]]:
        """Return what the analyst reads on the standby."""
        with self.on_standby(database) as session:
            return session.rows(f"SELECT * FROM {table}")

    def as_owner(self, *statements: str) -> None:
        """Do what the application does."""
        self.pair.run_as(self.owner, self.database, *statements)


@contextmanager
def shop_of(pair: Pair) -> Iterator[Shop]:
    """The shop for one test; afterwards nothing of it is left on the server."""
    owner, user = pair.name("owner"), pair.name("analyst")
    pair.run(
        DATABASE,
        f"CREATE ROLE {owner} LOGIN",
        "CREATE SCHEMA sales",
        f"GRANT USAGE, CREATE ON SCHEMA sales TO {owner}",
    )
    analyst = Login(user, ANALYST.password)
    secrets = {
        ADMINISTRATOR_SECRET: {
            "engine": "postgres",
            "username": ADMINISTRATOR.user,
            "password": ADMINISTRATOR.password,
            "host": "localhost",
            "port": pair.primary.port,
        },
        REPORTING_SECRET: {"username": user, "password": analyst.password},
    }
    shop = Shop(pair, DATABASE, owner, analyst, Manager(secrets))
    shop.as_owner("CREATE TABLE sales.orders (number int)", "INSERT INTO sales.orders VALUES (1)")
    try:
        yield shop
    finally:
        swept(pair)


def swept(pair: Pair) -> None:
    """Remove all that a test has made, but for the empty database of the shop."""
    found = pair.primary.run(
        "SELECT 'DATABASE ' || quote_ident(datname) FROM pg_database "
        f"WHERE NOT datistemplate AND datname NOT IN ('postgres', '{DATABASE}') "
        "UNION ALL SELECT 'SCHEMA ' || quote_ident(nspname) FROM pg_namespace "
        "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' "
        "UNION ALL SELECT 'ROLE ' || quote_ident(rolname) FROM pg_roles "
        f"WHERE rolname !~ '^pg_' AND rolname NOT IN ({_KEPT})",
        database=DATABASE,
    ).splitlines()
    ends = {"DATABASE": " WITH (FORCE)", "SCHEMA": " CASCADE"}
    dropped = [f"DROP {each}{ends[each.split()[0]]}" for each in found if each[0] != "R"]
    roles = [each.removeprefix("ROLE ") for each in found if each[0] == "R"]
    pair.primary.run(
        *dropped,
        # Together they trip over default privileges of one for the other.
        *(f"DROP OWNED BY {role} CASCADE" for role in roles),
        *(f"DROP ROLE {role}" for role in roles),
        "CREATE SCHEMA public AUTHORIZATION pg_database_owner",
        "GRANT USAGE ON SCHEMA public TO PUBLIC",
        *(
            f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO PUBLIC"
            for name in ("postgres", "template1", DATABASE)
        ),
        database=DATABASE,
    )


def refused(work: Callable[[], object]) -> str:
    """Return why the server refuses something that must fail, without names that vary."""
    from lambda_src.reporting_user.errors import ReportingUserError

    try:
        work()
    except ReportingUserError as error:
        return re.sub(r"_\d+\b", "", re.sub(r":\d+", "", str(error)))
    raise AssertionError("it was not refused")
