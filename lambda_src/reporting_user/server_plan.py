"""The plan for what all databases share: the role, its settings, and who may connect where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from . import sql
from .acting import Acting
from .errors import ForeignRoleError
from .plan import Draft, Plan, set_verifier
from .properties import NEVER, Wanted
from .state import MARK, PUBLIC, Database, Membership, Role, ServerState

READ_ALL = "pg_read_all_data"
_CONNECT, _TEMPORARY = "CONNECT", "TEMPORARY"
_GRANTORS_SINCE = 16


def server_plan(
    role: str, wanted: Wanted, acting: Acting, *, password_matches: bool, database: str
) -> Plan:
    """Return what makes the role as wanted; a ForeignRoleError if it is somebody else's.

    `database` is where the statements run, which may be any.
    """
    refuse_foreign(role, acting.state)
    planner = _Planner(role, wanted, acting, Draft(acting))
    planner.role_itself(password_matches=password_matches)
    planner.settings()
    planner.memberships()
    planner.connections()
    if wanted.revoke_public:
        planner.public()
    return planner.draft.finished(database)


def server_removal(role: str, acting: Acting, database: str) -> Plan:
    """Return what takes the role out of what all databases share, and drops it."""
    refuse_foreign(role, acting.state)
    planner = _Planner(role, Wanted({}), acting, Draft(acting))
    if acting.state.role is not None:
        planner.connections()
        planner.draft.add(f"DROP ROLE {sql.identifier(role)}")
    return planner.draft.finished(database)


def refuse_foreign(role: str, state: ServerState) -> None:
    """Raise a ForeignRoleError if a role of this name is not to be touched."""
    if role == state.administrator.name:
        raise ForeignRoleError(f"the reporting user {role!r} is the administrator: name another")
    if state.role is not None and state.role.comment != MARK:
        raise ForeignRoleError(
            f"a role {role!r} is there already and was not made by this function: name another in "
            f"the reporting user's secret, or hand it over with: {mark(role)}"
        )


def mark(role: str) -> str:
    """Return the statement that makes a role one of ours."""
    return f"COMMENT ON ROLE {sql.identifier(role)} IS {sql.literal(MARK)}"


class _Planner:
    def __init__(self, role: str, wanted: Wanted, acting: Acting, draft: Draft) -> None:
        self.draft = draft
        self._role, self._wanted = role, wanted
        self._acting, self._state = acting, acting.state
        self._quoted = sql.identifier(role)

    def role_itself(self, *, password_matches: bool) -> None:
        found = self._state.role
        if found is None:
            self.draft.add(f"CREATE ROLE {self._quoted} {' '.join(self._attributes())}")
            self.draft.add(mark(self._role))
        else:
            changes = " ".join(_changes(found, self._wanted))
            if changes:
                self.draft.add(f"ALTER ROLE {self._quoted} {changes}")
        if not password_matches:
            self.draft.add(set_verifier(self._role))

    def settings(self) -> None:
        found = self._state.role or _NOTHING
        wanted = self._settings()
        for name, value in wanted.items():
            if found.settings.get(name) != value:
                setting = f"{name} TO {sql.literal(value)}"
                self.draft.add(f"ALTER ROLE {self._quoted} SET {setting}")
        for database, name in found.database_settings:
            if name in wanted:
                where = f"IN DATABASE {sql.identifier(database)}"
                self.draft.add(f"ALTER ROLE {self._quoted} {where} RESET {name}")

    def memberships(self) -> None:
        wanted = {READ_ALL} if self._wanted.read_all_data else set()
        found = (self._state.role or _NOTHING).memberships
        for role in sorted(wanted - {membership.role for membership in found}):
            self.draft.add(f"GRANT {sql.identifier(role)} TO {self._quoted}")
        for membership in found:
            if membership.role not in wanted:
                self._leave(membership)

    def connections(self) -> None:
        wanted = self._wanted.databases
        for name in wanted:
            if name not in self._state.databases:
                self.draft.missing(f"database {name} is not there yet")
            elif not self._state.databases[name].takes_connections:
                self.draft.problem(f"database {name} takes no connections at all")
        for name, database in self._state.databases.items():
            self._connection(database, {_CONNECT} if name in wanted else set())

    def public(self) -> None:
        for database in self._state.databases.values():
            held = database.privileges.get(PUBLIC, frozenset())
            taken = [each for each in (_CONNECT, _TEMPORARY) if each in held]
            if not taken or not database.takes_connections:
                continue
            if database.template and not self._acting.can_be(database.owner):
                continue  # nothing but catalogues is in there
            statements = self._without_public(database, taken)
            words = f"everybody may still connect to database {database.name}"
            self.draft.add_for(database.owner, statements, words)

    def _attributes(self) -> Iterator[str]:
        yield "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
        yield f"CONNECTION LIMIT {self._wanted.connection_limit}"
        if self._wanted.valid_until != NEVER:
            yield _valid_until(self._wanted.valid_until)

    def _settings(self) -> dict[str, str]:
        return {
            "default_transaction_read_only": "on",
            "statement_timeout": _seconds(self._wanted.statement_timeout),
            "idle_in_transaction_session_timeout": _seconds(
                self._wanted.idle_in_transaction_timeout
            ),
        }

    def _leave(self, membership: Membership) -> None:
        revoke = f"REVOKE {sql.identifier(membership.role)} FROM {self._quoted}"
        if self._state.major < _GRANTORS_SINCE:
            self.draft.add(revoke)
            return
        statement = f"{revoke} GRANTED BY {sql.identifier(membership.grantor)}"
        words = f"{self._role} is still a member of {membership.role}"
        self.draft.add_for(membership.grantor, [statement], words)

    def _connection(self, database: Database, wanted: set[str]) -> None:
        found = database.privileges.get(self._role, frozenset())
        if found == wanted:
            return
        where = f"ON DATABASE {sql.identifier(database.name)}"
        statements = []
        if found - wanted:
            statements.append(f"REVOKE ALL {where} FROM {self._quoted}")
        if wanted:
            statements.append(f"GRANT CONNECT {where} TO {self._quoted}")
        everybody = _CONNECT in database.privileges.get(PUBLIC, frozenset())
        if wanted and everybody and not self._acting.can_be(database.owner):
            return  # it may connect all the same
        words = f"what {self._role} may do with database {database.name} cannot be set"
        self.draft.add_for(database.owner, statements, words)

    def _without_public(self, database: Database, taken: list[str]) -> Iterator[str]:
        """Give everybody who can log in now what PUBLIC loses."""
        words = ", ".join(taken)
        where = f"ON DATABASE {sql.identifier(database.name)}"
        heirs = [
            name
            for name in self._state.heirs(database.owner)
            if name != self._role and not database.privileges.get(name, frozenset()) >= set(taken)
        ]
        if heirs:
            yield f"GRANT {words} {where} TO {sql.identifiers(heirs)}"
        yield f"REVOKE {words} {where} FROM PUBLIC"


_NOTHING = Role(
    comment=None,
    logs_in=False,
    superuser=False,
    creates_databases=False,
    creates_roles=False,
    replicates=False,
    bypasses_row_security=False,
    connection_limit=-1,
    valid_until=NEVER,
)


def _changes(found: Role, wanted: Wanted) -> Iterator[str]:
    """What is to be named in ALTER ROLE; naming SUPERUSER at all takes a superuser."""
    if not found.logs_in:
        yield "LOGIN"
    for has, word in (
        (found.superuser, "NOSUPERUSER"),
        (found.creates_databases, "NOCREATEDB"),
        (found.creates_roles, "NOCREATEROLE"),
        (found.replicates, "NOREPLICATION"),
        (found.bypasses_row_security, "NOBYPASSRLS"),
    ):
        if has:
            yield word
    if found.connection_limit != wanted.connection_limit:
        yield f"CONNECTION LIMIT {wanted.connection_limit}"
    if found.valid_until != wanted.valid_until:
        yield _valid_until(wanted.valid_until)


def _valid_until(moment: float) -> str:
    if moment == NEVER:
        return "VALID UNTIL 'infinity'"
    return f"VALID UNTIL '{datetime.fromtimestamp(moment, UTC).isoformat()}'"


def _seconds(count: int) -> str:
    return f"{count}s" if count else "0"
