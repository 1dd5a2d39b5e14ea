"""What a server has, as far as it concerns the reporting user: plain values, read from catalogues.

Each is whole: a plan needs nothing besides it and what is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PUBLIC = ""
"""Everybody, in the place of a role's name."""

MARK = "Reporting user, kept by infra: its privileges are set by its stack"
"""The comment on a role that was made here; any other role of its name is left alone."""

_AWS = ("rdsadmin", "rdsrepladmin", "rdstopmgr")
"""They get along without what PUBLIC has, or AWS would not advise to take it away:
https://aws.amazon.com/blogs/database/managing-postgresql-users-and-roles/"""


@dataclass(frozen=True)
class Login:
    """One of the server's roles, and what it is to the administrator."""

    name: str
    superuser: bool
    can_log_in: bool
    used: bool
    """Whether the administrator has its privileges."""
    administered: bool
    """Whether the administrator has the ADMIN option on it."""
    granted: bool
    """Whether a membership of the administrator in it stands there that an administrator made."""
    comment: str | None = None


@dataclass(frozen=True)
class Administrator:
    """Who runs the statements."""

    name: str
    superuser: bool
    creates_roles: bool
    inherits: bool


@dataclass(frozen=True)
class Membership:
    """In a role, and who gave it."""

    role: str
    grantor: str


@dataclass(frozen=True)
class Role:
    """The reporting user as it is."""

    comment: str | None
    logs_in: bool
    superuser: bool
    creates_databases: bool
    creates_roles: bool
    replicates: bool
    bypasses_row_security: bool
    connection_limit: int
    valid_until: float
    settings: Mapping[str, str] = field(default_factory=dict)
    database_settings: tuple[tuple[str, str], ...] = ()
    """(database, name of a setting)"""
    memberships: tuple[Membership, ...] = ()
    owns_in: tuple[str, ...] = ()
    """Databases in which it owns something, or which it owns."""
    mentioned_in: tuple[str, ...] = ()
    """Databases in which it has privileges, or is said to get some."""


@dataclass(frozen=True)
class Database:
    """One of the server's databases, and who may do what with it."""

    name: str
    owner: str
    takes_connections: bool
    template: bool
    privileges: Mapping[str, frozenset[str]]
    """By role, or PUBLIC."""


@dataclass(frozen=True)
class ServerState:
    """What all databases share."""

    version: int
    """Such as 160014."""
    administrator: Administrator
    logins: Mapping[str, Login]
    databases: Mapping[str, Database]
    role: Role | None
    """None where there is none yet."""

    @property
    def major(self) -> int:
        """Such as 16."""
        return self.version // 10_000

    def heirs(self, owner: str) -> list[str]:
        """Return who is to be given what PUBLIC loses, besides the owner, who has it."""
        return sorted(
            login.name
            for login in self.logins.values()
            if login.can_log_in
            and not login.superuser
            and login.comment != MARK
            and login.name not in (owner, *_AWS)
        )


@dataclass(frozen=True)
class Schema:
    """A schema, and what the reporting user has on it."""

    name: str
    owner: str
    privileges: frozenset[str] = frozenset()
    open_to_all: bool = False
    """Whether PUBLIC may create in it, as in `public` up to PostgreSQL 14, also after upgrades."""


@dataclass(frozen=True)
class Relation:
    """A table, something like a table, or a sequence, and what the reporting user has on it."""

    schema: str
    name: str
    owner: str
    sequence: bool = False
    privileges: frozenset[str] = frozenset()
    on_columns: bool = False
    """Whether it has privileges on single columns."""
    readable: bool = False
    """Whether it may be read, also through PUBLIC."""


@dataclass(frozen=True)
class DefaultPrivileges:
    """What the reporting user gets on things that a role will make."""

    owner: str
    schema: str | None
    """None for all schemas."""
    kind: str
    """A key of KINDS."""
    privileges: frozenset[str]


KINDS = {
    "r": "TABLES",
    "S": "SEQUENCES",
    "f": "FUNCTIONS",
    "T": "TYPES",
    "n": "SCHEMAS",
    "L": "LARGE OBJECTS",
}
"""https://www.postgresql.org/docs/current/catalog-pg-default-acl.html"""


@dataclass(frozen=True)
class DatabaseState:
    """What one database has."""

    schemas: Mapping[str, Schema]
    relations: tuple[Relation, ...]
    defaults: tuple[DefaultPrivileges, ...]
    creators: Mapping[str, tuple[str, ...]]
    """By schema: who owns something in it, or may create something there."""
    others: tuple[str, ...] = ()
    """Who owns other things on which the reporting user has privileges."""
    mentioned: bool = False
    """Whether it has privileges on anything in it."""
