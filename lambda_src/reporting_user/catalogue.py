"""Reads what a server has: the only module that knows PostgreSQL's catalogues.

The queries run with pg_catalog alone in the search path, as any role may run them: pg_authid is
not read, which on RDS nobody may. https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from .state import (
    Administrator,
    Database,
    DatabaseState,
    DefaultPrivileges,
    Login,
    Membership,
    Relation,
    Role,
    Schema,
    ServerState,
)


class Session(Protocol):
    """A connection to one database."""

    def rows(self, sql: str, **parameters: str) -> list[list[Any]]:
        """Return what a query finds; `:name` in it stands for a parameter."""


_ADMINISTRATOR = """
SELECT current_setting('server_version_num')::int, rolname, rolsuper, rolcreaterole, rolinherit
FROM pg_roles WHERE rolname = current_user
"""

# Bootstrap superuser, who is the grantor of what CREATE ROLE itself grants from 16 on: oid 10.
_LOGINS = """
SELECT rolname, rolsuper, rolcanlogin,
       pg_has_role(current_user, oid, 'USAGE'),
       pg_has_role(current_user, oid, 'MEMBER WITH ADMIN OPTION'),
       EXISTS (SELECT FROM pg_auth_members
               WHERE roleid = pg_roles.oid AND grantor <> 10
               AND member = (SELECT oid FROM pg_roles WHERE rolname = current_user)),
       shobj_description(oid, 'pg_authid')
FROM pg_roles
"""

_DATABASES = """
SELECT datname, pg_get_userbyid(datdba), datallowconn, datistemplate,
       (SELECT json_agg(json_build_array(
            CASE WHEN grantee = 0 THEN '' ELSE pg_get_userbyid(grantee) END,
            privilege_type || CASE WHEN is_grantable THEN '*' ELSE '' END))
        FROM aclexplode(coalesce(datacl, acldefault('d', datdba))))
FROM pg_database ORDER BY datname
"""

_ROLE = """
SELECT shobj_description(oid, 'pg_authid'), rolcanlogin, rolsuper, rolcreatedb, rolcreaterole,
       rolreplication, rolbypassrls, rolconnlimit,
       coalesce(extract(epoch FROM rolvaliduntil), 'infinity')::float8
FROM pg_roles WHERE rolname = :role
"""

_SETTINGS = """
SELECT coalesce(datname, ''), unnest(setconfig)
FROM pg_db_role_setting LEFT JOIN pg_database ON pg_database.oid = setdatabase
WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = :role)
ORDER BY 1, 2
"""

_MEMBERSHIPS = """
SELECT pg_get_userbyid(roleid), pg_get_userbyid(grantor) FROM pg_auth_members
WHERE member = (SELECT oid FROM pg_roles WHERE rolname = :role)
ORDER BY 1, 2
"""

_MENTIONED = """
SELECT DISTINCT datname, bool_or(deptype = 'o') OVER (PARTITION BY datname)
FROM pg_shdepend JOIN pg_database
     ON pg_database.oid = CASE WHEN dbid = 0 THEN objid ELSE dbid END
WHERE refclassid = 'pg_authid'::regclass
AND (dbid <> 0 OR classid = 'pg_database'::regclass)
AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = :role)
ORDER BY 1
"""

_PRIVILEGES = """
(SELECT json_agg(privilege_type || CASE WHEN is_grantable THEN '*' ELSE '' END)
 FROM aclexplode({acl}) WHERE grantee = (SELECT oid FROM reporting))
"""

_NAMES = """
WITH reporting AS (SELECT oid FROM pg_roles WHERE rolname = :role),
     named AS (SELECT json_array_elements_text(CAST(:schemas AS json)) AS name)
"""

_SCHEMAS = f"""
{_NAMES}
SELECT * FROM (
    SELECT nspname, pg_get_userbyid(nspowner), {_PRIVILEGES.format(acl="nspacl")} AS privileges,
           EXISTS (SELECT FROM aclexplode(nspacl) WHERE grantee = 0 AND privilege_type = 'CREATE')
               AS open_to_all
    FROM pg_namespace) AS found
WHERE privileges IS NOT NULL OR open_to_all OR nspname IN (SELECT name FROM named)
ORDER BY nspname
"""

# Tables, partitioned ones, views, materialised views, foreign tables, sequences.
_RELATIONS = f"""
{_NAMES}
SELECT * FROM (
    SELECT nspname, relname, pg_get_userbyid(relowner), relkind = 'S',
           {_PRIVILEGES.format(acl="relacl")} AS privileges,
           EXISTS (SELECT FROM pg_attribute, aclexplode(attacl)
                   WHERE attrelid = pg_class.oid AND grantee = (SELECT oid FROM reporting))
               AS on_columns,
           CASE WHEN relkind = 'S'
                THEN has_sequence_privilege(reporting.oid, pg_class.oid, 'SELECT')
                ELSE has_table_privilege(reporting.oid, pg_class.oid, 'SELECT') END
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
         LEFT JOIN reporting ON true
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relpersistence <> 't') AS found
WHERE privileges IS NOT NULL OR on_columns OR nspname IN (SELECT name FROM named)
ORDER BY nspname, relname
"""

_DEFAULTS = f"""
WITH reporting AS (SELECT oid FROM pg_roles WHERE rolname = :role)
SELECT * FROM (
    SELECT pg_get_userbyid(defaclrole), nspname, defaclobjtype::text,
           {_PRIVILEGES.format(acl="defaclacl")} AS privileges
    FROM pg_default_acl LEFT JOIN pg_namespace ON pg_namespace.oid = defaclnamespace) AS found
WHERE privileges IS NOT NULL
ORDER BY 1, 2, 3
"""

# A superuser may create anything anywhere: it counts where it has done so.
_CREATORS = f"""
{_NAMES}
SELECT nspname, rolname FROM pg_namespace CROSS JOIN pg_roles
WHERE nspname IN (SELECT name FROM named) AND NOT rolsuper
AND has_schema_privilege(pg_roles.oid, pg_namespace.oid, 'CREATE')
UNION
SELECT nspname, pg_get_userbyid(relowner)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname IN (SELECT name FROM named) AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
ORDER BY 1, 2
"""

_IN_DATABASE = """
WITH mentioned AS (
    SELECT classid, objid FROM pg_shdepend
    WHERE refclassid = 'pg_authid'::regclass
    AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = :role))
"""

_IS_MENTIONED = f"{_IN_DATABASE} SELECT EXISTS (SELECT FROM mentioned)"

# Functions and types; what else there is has superusers for owners.
_OTHERS = f"""
{_IN_DATABASE}
SELECT pg_get_userbyid(proowner) FROM pg_proc JOIN mentioned
    ON classid = 'pg_proc'::regclass AND objid = oid
UNION
SELECT pg_get_userbyid(typowner) FROM pg_type JOIN mentioned
    ON classid = 'pg_type'::regclass AND objid = oid
ORDER BY 1
"""


def server_state(session: Session, role: str) -> ServerState:
    """Return what all databases share, and the reporting user of this name."""
    [[version, *administrator]] = session.rows(_ADMINISTRATOR)
    return ServerState(
        version=version,
        administrator=Administrator(*administrator),
        logins={name: Login(name, *facts) for name, *facts in session.rows(_LOGINS)},
        databases={
            name: Database(name, owner, open_, template, _by_role(privileges))
            for name, owner, open_, template, privileges in session.rows(_DATABASES)
        },
        role=_role(session, role),
    )


def database_state(session: Session, role: str, schemas: Iterable[str]) -> DatabaseState:
    """Return what the session's database has in these schemas, and of the reporting user's."""
    names = {"role": role, "schemas": json.dumps(list(schemas))}
    return DatabaseState(
        schemas={
            name: Schema(name, owner, frozenset(privileges or ()), open_)
            for name, owner, privileges, open_ in session.rows(_SCHEMAS, **names)
        },
        relations=tuple(
            Relation(schema, name, owner, sequence, frozenset(privileges or ()), columns, bool(may))
            for schema, name, owner, sequence, privileges, columns, may in session.rows(
                _RELATIONS, **names
            )
        ),
        defaults=tuple(
            DefaultPrivileges(owner, schema, kind, frozenset(privileges))
            for owner, schema, kind, privileges in session.rows(_DEFAULTS, role=role)
        ),
        creators=_grouped(session.rows(_CREATORS, **names)),
        others=tuple(name for [name] in session.rows(_OTHERS, role=role)),
        mentioned=session.rows(_IS_MENTIONED, role=role)[0][0],
    )


def _role(session: Session, role: str) -> Role | None:
    found = session.rows(_ROLE, role=role)
    if not found:
        return None
    [facts] = found
    settings = session.rows(_SETTINGS, role=role)
    mentioned = session.rows(_MENTIONED, role=role)
    return replace(
        Role(*facts),
        settings=dict(text.split("=", 1) for database, text in settings if not database),
        database_settings=tuple((name, text.split("=", 1)[0]) for name, text in settings if name),
        memberships=tuple(Membership(*names) for names in session.rows(_MEMBERSHIPS, role=role)),
        owns_in=tuple(database for database, owns in mentioned if owns),
        mentioned_in=tuple(database for database, _ in mentioned),
    )


def _by_role(privileges: list[list[str]] | None) -> Mapping[str, frozenset[str]]:
    return {role: frozenset(each) for role, each in _grouped(privileges or []).items()}


def _grouped(pairs: Iterable[list[str]]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}
