"""Sessions on PostgreSQL over verified TLS, as psql has them: what is asked, and the answer.

The psql of PyPI's servers speaks no TLS, so this is the driver that our function has.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from infra.errors import NotInstalledError
from infra.local.account import PostgresqlError
from lambda_src.reporting_user.connection import Login

DRIVER = "pg8000==1.31.6"
"""The extra `local` of setup.cfg has the same, and so has the function."""

_PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Place:
    """Where a server is, and whom it is recognised by."""

    host: str
    port: int
    ca: str = field(repr=False)
    """PEM."""


@dataclass(frozen=True)
class Answer:
    """What a query found, as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Refusal:
    """What the server said in place of an answer, such as `ERROR:  permission denied …`."""

    words: str


class Session:
    """A connection to one database."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def ask(self, statement: str, **values: str) -> Answer | Refusal:
        """Run a statement; `:name` in it stands for a value."""
        try:
            rows = self._connection.run(statement, **values) or []
        except _driver().DatabaseError as error:
            return Refusal(_said(error))
        columns = tuple(each["name"] for each in self._connection.columns or ())
        return Answer(columns, tuple(tuple(map(str, row)) for row in rows))

    def run(self, *statements: str) -> None:
        """Run statements of which none may fail."""
        for each in statements:
            self._answer(each)

    def value(self, query: str, **values: str) -> str:
        """The one value that a query finds."""
        return self._answer(query, **values).rows[0][0]

    def _answer(self, statement: str, **values: str) -> Answer:
        answer = self.ask(statement, **values)
        if isinstance(answer, Refusal):
            raise PostgresqlError(f"PostgreSQL refused {statement!r}: {answer.words}")
        return answer


@contextmanager
def session(place: Place, login: Login, database: str) -> Iterator[Session]:
    """Log in, until the block's end."""
    driver = _driver()
    try:
        connection = driver.Connection(
            user=login.user,
            password=login.password,
            host=place.host,
            port=place.port,
            database=database,
            ssl_context=ssl.create_default_context(cadata=place.ca),
            timeout=_PATIENCE_SECONDS,
        )
    except (driver.DatabaseError, driver.InterfaceError, OSError) as error:
        raise PostgresqlError(
            f"{login.user} cannot log in to {database} at {place.host}:{place.port}: {_said(error)}"
        ) from None
    try:
        yield Session(connection)
    finally:
        connection.close()


def check_installed() -> None:
    """Raise NotInstalledError unless the driver is here."""
    try:
        _driver()
    except ImportError:
        raise NotInstalledError(
            f"The driver of PostgreSQL is not installed. Install it with: pip install {DRIVER}"
        ) from None


def _driver() -> Any:
    import pg8000.native

    return pg8000.native


def _said(error: Exception) -> str:
    """As psql prints it."""
    said = error.args[0] if error.args else ""
    if isinstance(said, dict):
        return f"{said.get('S', 'ERROR')}:  {said.get('M', '')}"
    return str(error)
