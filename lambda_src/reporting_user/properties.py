"""What is wanted, parsed once from the properties of the custom resource.

AdministratorSecret     ARN of a secret: JSON with `username`, `password`, and, unless the
                        properties have them, `host` and `port`, as RDS writes it
ReportingSecret         ARN of a secret: JSON with `username` and `password` of the reporting user
Host, Port              of the master, in place of those in the administrator's secret
MaintenanceDatabase     where the administrator works on what all databases share; postgres
Databases               [{"Name": …, "Schemas": [name, …]}, …]; names that are not there yet are
                        reported, and served by a later run
Owners                  [name, …]: roles whose later tables are to be readable, besides those who
                        own something in the schemas or may create in them
ReadAllData             true: pg_read_all_data in place of schemas, which are not named then
RevokePublic            true (default): take from PUBLIC what lets the reporting user do more than
                        read, after giving it to every role that can log in now: CONNECT and
                        TEMPORARY on all databases, and CREATE on schemas of the named ones; false:
                        leave it
ConnectionLimit         sessions at a time on each server, 10; -1 for any number
StatementTimeoutSeconds, IdleInTransactionTimeoutSeconds
                        3600 and 600; 0 for none
ValidUntil              when the password expires, ISO 8601; left out: never
Certificates            CAs to trust, PEM, in place of those of RDS that come with the function

Numbers and truths may be text, as CloudFormation makes them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import sql
from .errors import PropertiesError

NEVER = math.inf
"""A password that does not expire."""

_LISTS = ("Databases", "Owners")
_TEXTS = (
    "AdministratorSecret",
    "ReportingSecret",
    "Host",
    "MaintenanceDatabase",
    "ValidUntil",
    "Certificates",
)
_NUMBERS: Mapping[str, tuple[int, int, int | None]] = {
    "Port": (1, 65535, None),
    "ConnectionLimit": (-1, 10_000, 10),
    "StatementTimeoutSeconds": (0, 2_000_000, 3600),
    "IdleInTransactionTimeoutSeconds": (0, 2_000_000, 600),
}
"""The smallest, the largest, and what it is when left out. PostgreSQL counts milliseconds in 31
bits: https://www.postgresql.org/docs/current/runtime-config-client.html"""

_TRUTHS = {"ReadAllData": False, "RevokePublic": True}
_GIVEN_BY_CLOUDFORMATION = ("ServiceToken", "ServiceTimeout")
_KNOWN = (*_TEXTS, *_NUMBERS, *_TRUTHS, *_LISTS, *_GIVEN_BY_CLOUDFORMATION)


@dataclass(frozen=True)
class Wanted:
    """What the reporting user may do; its name stands in its secret."""

    databases: Mapping[str, tuple[str, ...]]
    """Schemas by database."""
    owners: tuple[str, ...] = ()
    read_all_data: bool = False
    revoke_public: bool = True
    connection_limit: int = 10
    statement_timeout: int = 3600
    idle_in_transaction_timeout: int = 600
    valid_until: float = NEVER
    """Seconds since 1970."""


@dataclass(frozen=True)
class Server:
    """Where the master is, and which secrets open it."""

    administrator_secret: str
    reporting_secret: str
    host: str | None = None
    port: int | None = None
    database: str = "postgres"
    certificates: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Properties:
    """All that a run needs besides what the secrets hold."""

    server: Server
    wanted: Wanted


def parse(properties: Mapping[str, Any]) -> Properties:
    """Return what is wanted; a PropertiesError names every problem."""
    read = _Reader(properties)
    parsed = Properties(read.server(), read.wanted())
    if read.problems:
        raise PropertiesError("; ".join(dict.fromkeys(read.problems)))
    return parsed


class _Reader:
    """Reads properties and notes what is wrong with them."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self._properties = properties
        unknown = sorted(str(name) for name in properties if name not in _KNOWN)
        self.problems = [f"{name} is no known property" for name in unknown]

    def server(self) -> Server:
        return Server(
            administrator_secret=self._required("AdministratorSecret"),
            reporting_secret=self._required("ReportingSecret"),
            host=self._text("Host"),
            port=self._number("Port"),
            database=self._database("MaintenanceDatabase"),
            certificates=self._text("Certificates"),
        )

    def wanted(self) -> Wanted:
        all_data = self._truth("ReadAllData")
        return Wanted(
            databases=self._databases(with_schemas=not all_data),
            owners=tuple(self._names("Owners", self._properties.get("Owners", []))),
            read_all_data=all_data,
            revoke_public=self._truth("RevokePublic"),
            connection_limit=self._number("ConnectionLimit") or 0,
            statement_timeout=self._number("StatementTimeoutSeconds") or 0,
            idle_in_transaction_timeout=self._number("IdleInTransactionTimeoutSeconds") or 0,
            valid_until=self._moment("ValidUntil"),
        )

    def _databases(self, *, with_schemas: bool) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for place, entry in self._entries("Databases"):
            name, schemas = entry.get("Name", ""), entry.get("Schemas", [])
            if unknown := sorted(str(key) for key in entry if key not in ("Name", "Schemas")):
                self._expect(place, f"only Name and Schemas in it, not {', '.join(unknown)}")
            if not self._is_name(f"{place}.Name", name):
                continue
            if name in found:
                self._expect(f"{place}.Name", f"a name that stands there once, not {name!r}")
            if schemas and not with_schemas:
                self._expect(f"{place}.Schemas", "left out with ReadAllData, which reads them all")
            found[name] = tuple(self._names(f"{place}.Schemas", schemas))
        if not found:
            self._expect("Databases", 'a list of {"Name": …, "Schemas": […]}, with one or more')
        return found

    def _entries(self, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        value = self._properties.get(name)
        for index, entry in enumerate(value if isinstance(value, list) else []):
            place = f"{name}[{index}]"
            if isinstance(entry, Mapping):
                yield place, entry
            else:
                self._expect(place, 'an object such as {"Name": "shop", "Schemas": ["public"]}')

    def _names(self, place: str, value: object) -> list[str]:
        if not isinstance(value, list):
            self._expect(place, "a list of names")
            return []
        good = [one for index, one in enumerate(value) if self._is_name(f"{place}[{index}]", one)]
        return list(dict.fromkeys(good))

    def _is_name(self, place: str, value: object) -> bool:
        if isinstance(value, str) and sql.is_name(value):
            return True
        self._expect(place, f"a name: text of 1 to {sql.NAME_LIMIT} bytes")
        return False

    def _required(self, name: str) -> str:
        text = self._text(name)
        if text is None and self._properties.get(name) in (None, ""):
            self._expect(name, "set")
        return text or ""

    def _text(self, name: str) -> str | None:
        value = self._properties.get(name)
        if value is not None and not isinstance(value, str):
            self._expect(name, "text")
            return None
        return value or None

    def _database(self, name: str) -> str:
        text = self._text(name) or "postgres"
        self._is_name(name, text)
        return text

    def _number(self, name: str) -> int | None:
        low, high, default = _NUMBERS[name]
        value = self._properties.get(name)
        if value in (None, ""):
            return default
        try:
            number = int(value) if isinstance(value, str | int) else None
        except ValueError:
            number = None
        if number is None or not low <= number <= high:
            self._expect(name, f"a whole number of {low} to {high}")
            return default
        return number

    def _truth(self, name: str) -> bool:
        value = self._properties.get(name, _TRUTHS[name])
        known = {"true": True, "false": False}.get(str(value).lower())
        if known is None:
            self._expect(name, "true or false")
            return _TRUTHS[name]
        return known

    def _moment(self, name: str) -> float:
        text = self._text(name)
        if text is None:
            return NEVER
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self._expect(name, "a date, or a date and time, such as 2027-06-30T12:00:00Z")
            return NEVER
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def _expect(self, name: str, what: str) -> None:
        self.problems.append(f"{name} must be {what}")
