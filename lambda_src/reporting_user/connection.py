"""Sessions on the server: the only module that knows the driver.

https://codeberg.org/tlocke/pg8000
"""

from __future__ import annotations

import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

from . import tls
from .errors import NoDatabaseError, ReportingUserError, StatementError, UnreachableError
from .tls import Left

INVALID_PASSWORD = "28P01"  # noqa: S105 - an error's code
NOT_NOW = "57P03"
"""The server is starting up, or shutting down."""
_INVALID_AUTHORIZATION = "28000"
_NO_DATABASE = "3D000"

_LOCK_SECONDS = 10.0
"""How long a statement waits for somebody else's."""

_SERVERS_SHARE = 0.8

_APPLICATION = "infra reporting user"


@dataclass(frozen=True)
class Login:
    """Who logs in."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Server:
    """Where the server is, and whom it is recognised by."""

    host: str
    port: int
    context: ssl.SSLContext = field(repr=False)
    left: Left
    """Seconds for anything that is still to be done."""

    def session(self, login: Login, database: str) -> Session:
        """Log in; the session ends with the block that it is used in."""
        return Session(self._connected(login, database), self._words)

    def lets_in(self, login: Login, database: str) -> bool:
        """Whether the server finds this user's password right.

        What it finds wrong after that, such as a database that may not be entered or too many
        sessions, does not matter.
        """
        try:
            with self.session(login, database):
                return True
        except RefusedLoginError as error:
            if error.state == NOT_NOW:
                raise
            return error.state not in (INVALID_PASSWORD, _INVALID_AUTHORIZATION)

    def _connected(self, login: Login, database: str) -> Any:
        secure = tls.connected(self.host, self.port, self.context, self.left)
        try:
            with _in_words(self._words):
                return _driver().Connection(
                    user=login.user,
                    password=login.password,
                    host=self.host,
                    database=database,
                    sock=secure,
                    ssl_context=False,  # it is encrypted already
                    application_name=_APPLICATION,
                    startup_params=self._settings(),
                )
        except StatementError as error:
            secure.close()
            raise self._refused(error, login, database) from None
        except BaseException:
            secure.close()
            raise

    @property
    def _words(self) -> str:
        return f"the server {self.host}:{self.port}"

    def _settings(self) -> dict[str, str]:
        """For the session, so that it means what it says and ends with the invocation.

        A statement ends a little before: the server says better than silence what it waited for.
        """
        whole = max(1, int(self.left() * 1000))
        left = max(1, int(whole * _SERVERS_SHARE))
        return {
            "client_encoding": "UTF8",
            "default_transaction_read_only": "off",
            # Whoever is frozen in the middle holds no lock for ever.
            "idle_in_transaction_session_timeout": str(left),
            "idle_session_timeout": str(whole),
            "lock_timeout": str(max(1, min(left, int(_LOCK_SECONDS * 1000)))),
            "search_path": "pg_catalog",
            "standard_conforming_strings": "on",
            "statement_timeout": str(left),
        }

    def _refused(self, error: StatementError, login: Login, database: str) -> UnreachableError:
        if error.state == _NO_DATABASE:
            return NoDatabaseError(f"{self._words} has no database {database!r}")
        words = str(error)
        if error.state == INVALID_PASSWORD:
            words = "its secret has another password than the server: set the server's to that"
        return RefusedLoginError(
            f"{self._words} does not let {login.user!r} into database {database!r}: {words}",
            error.state,
        )


class RefusedLoginError(UnreachableError):
    """A server that is there and does not let a user in."""

    def __init__(self, message: str, state: str) -> None:
        super().__init__(message)
        self.state = state


class Session:
    """A connection to one database."""

    def __init__(self, connection: Any, where: str) -> None:
        self._connection, self._where = connection, where

    def rows(self, sql: str, **parameters: str) -> list[list[Any]]:
        """Return what a query finds; `:name` in it stands for a parameter."""
        with _in_words(self._where):
            found: list[list[Any]] = self._connection.run(sql, **parameters) or []
            return found

    def run(self, statement: str) -> None:
        """Run a statement, which may hold what is not to be said."""
        self.rows(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is done in the block, or nothing of it."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(ReportingUserError):
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Say goodbye, if there is somebody to say it to."""
        with suppress(Exception):
            self._connection.close()


def _driver() -> Any:
    """Import it when it is first needed: an import that fails is to be answered, too."""
    import pg8000.native

    return pg8000.native


def _scram_error() -> type[Exception]:
    import scramp

    error: type[Exception] = scramp.ScramException
    return error


@contextmanager
def _in_words(where: str) -> Iterator[None]:
    """Turn the driver's errors into ours; no statement and no detail is repeated."""
    errors = _driver()
    try:
        yield
    except errors.DatabaseError as error:
        said = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        hint = f" ({said['H']})" if "H" in said else ""
        raise StatementError(f"{said.get('M', 'an error')}{hint}", said.get("C", "")) from None
    except (errors.InterfaceError, OSError) as error:
        late = isinstance(error.__cause__ or error, TimeoutError)
        words = "did not answer within the time that was left" if late else "broke off"
        raise UnreachableError(f"{where} {words}") from None
    except _scram_error():
        raise UnreachableError(f"{where} does not prove that it knows the password") from None
    except (LookupError, ValueError, struct.error):
        raise UnreachableError(f"{where} does not speak PostgreSQL's protocol") from None
