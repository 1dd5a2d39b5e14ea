"""A run: the reporting user as it is wanted, one run at a time, each database by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from . import catalogue
from .acting import Acting
from .carrying_out import Make, carry_out
from .connection import NOT_NOW, Login, RefusedLoginError, Server, Session
from .database_plan import database_plan
from .errors import NoDatabaseError, StatementError, UnreachableError
from .plan import Kind, Note, Plan, set_verifier
from .properties import Wanted
from .server_plan import server_plan
from .state import ServerState
from .verifier import verifier

_LOCK = 0x696E667261
"""Of all runs: "infra"."""

_TAKEN = "55P03"
_PAUSE_SECONDS = 2.0


class Steps(Protocol):
    """Whom a run tells how far it has come."""

    def doing(self, step: str) -> None:
        """Say what is begun; raise if nothing may be begun any more."""

    def pause(self, seconds: float) -> None:
        """Wait; raise if there would be no time left afterwards."""


@dataclass(frozen=True)
class Access:
    """The administrator's way to a server."""

    server: Server
    administrator: Login
    database: str
    """Where what all databases share is worked on."""
    steps: Steps

    @contextmanager
    def turn(self) -> Iterator[Session]:
        """Log in, and let nobody else run at the same time."""
        self.steps.doing(f"logging in to {self.server.host}")
        with self._session() as session:
            [[is_standby]] = session.rows("SELECT pg_is_in_recovery()")
            if is_standby:
                raise UnreachableError(
                    f"the server {self.server.host} is a read replica: roles are made on its master"
                )
            self.steps.doing("waiting for other runs to end")
            _wait_for_turn(session)
            yield session

    def _session(self) -> Session:
        """Log in, also to a server that is still starting up."""
        while True:
            try:
                return self.server.session(self.administrator, self.database)
            except RefusedLoginError as error:
                if error.state != NOT_NOW:
                    raise
            self.steps.pause(_PAUSE_SECONDS)

    def in_database(self, name: str, work: Callable[[Session], Plan]) -> Plan:
        """Work in a database; that it is gone, or closed to the administrator, is noted."""
        self.steps.doing(f"database {name}")
        try:
            with self.server.session(self.administrator, name) as session:
                return work(session)
        except NoDatabaseError:
            return Plan(name, notes=(Note(Kind.MISSING, f"database {name} is gone again"),))
        except RefusedLoginError as error:
            return Plan(name, notes=(Note(Kind.PROBLEM, str(error)),))


def _wait_for_turn(session: Session) -> None:
    """Be the one run until the session ends: privileges are in rows that two cannot change."""
    try:
        session.rows("SELECT pg_advisory_lock(CAST(:number AS bigint))", number=str(_LOCK))
    except StatementError as error:
        if error.state != _TAKEN:
            raise
        raise StatementError("another run is busy with this server: run it again", _TAKEN) from None


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be, and what was left."""

    role: str
    plans: tuple[Plan, ...]

    @property
    def statements(self) -> tuple[tuple[str, str], ...]:
        """Each with its database."""
        return tuple((each.database, one) for each in self.plans for one in each.statements)

    def notes(self, kind: Kind) -> tuple[str, ...]:
        """What was left, and why."""
        texts = (note.text for each in self.plans for note in each.notes if note.kind is kind)
        return tuple(dict.fromkeys(texts))


Carry = Callable[[Session, Make], Plan]
"""What is done about a plan."""


def only_planned(_: Session, make: Make) -> Plan:
    """Do nothing about it."""
    return make(frozenset())


@dataclass(frozen=True)
class Job:
    """What a run is to reach, and how."""

    access: Access
    reporting: Login
    wanted: Wanted
    now: Callable[[], float] = time.time

    def done(self) -> Outcome:
        """Make the reporting user what it is wanted to be."""
        return self._outcome(self._carried_out)

    def planned(self) -> Outcome:
        """Return what `done` would do; nothing is changed."""
        return self._outcome(only_planned)

    def _outcome(self, carry: Carry) -> Outcome:
        with self.access.turn() as session:
            return Outcome(self.reporting.user, tuple(self._plans(session, carry)))

    def _plans(self, session: Session, carry: Carry) -> Iterator[Plan]:
        role = self.reporting.user
        self.access.steps.doing(f"the role {role}")
        yield carry(session, lambda refused: self._server_plan(session, refused))
        state = catalogue.server_state(session, role)
        failures = []
        for name in _databases(self.wanted, state):
            try:
                yield self.access.in_database(name, partial(self._in_database, carry, state, name))
            except StatementError as error:  # the other databases are served all the same
                failures.append(str(error))
        if failures:
            raise StatementError("; ".join(failures))

    def _server_plan(self, session: Session, refused: frozenset[str]) -> Plan:
        state = catalogue.server_state(session, self.reporting.user)
        return server_plan(
            self.reporting.user,
            self.wanted,
            Acting(state, refused),
            password_matches=self._password_matches(state),
            database=self.access.database,
        )

    def _in_database(self, carry: Carry, server: ServerState, name: str, session: Session) -> Plan:
        role, schemas = self.reporting.user, self.wanted.databases.get(name, ())

        def make(refused: frozenset[str]) -> Plan:
            state = catalogue.database_state(session, role, schemas)
            acting = Acting(server, refused)
            return database_plan(
                role,
                name,
                schemas,
                self.wanted.owners,
                acting,
                state,
                revoke_public=self.wanted.revoke_public and name in self.wanted.databases,
            )

        return carry(session, make)

    def _password_matches(self, state: ServerState) -> bool:
        """Try it: what the server keeps in its place is not to be read on RDS.

        It is tried where the role may connect, so that a run as usual leaves no failed login in the
        server's log. A password that has expired cannot be tried, nor can it be used.
        """
        if state.role is None:
            return False
        expired = self.wanted.valid_until <= self.now()
        return expired or self.access.server.lets_in(self.reporting, self._open_to_it(state))

    def _open_to_it(self, state: ServerState) -> str:
        """Return a database that the role may connect to, if there is one."""
        role = self.reporting.user
        open_ = (name for name, each in state.databases.items() if role in each.privileges)
        return next(open_, self.access.database)

    def _carried_out(self, session: Session, make: Make) -> Plan:
        hidden = set_verifier(self.reporting.user)

        def finish(statement: str) -> str:
            if statement != hidden:
                return statement
            return set_verifier(self.reporting.user, verifier(self.reporting.password))

        return carry_out(session, make, finish)


def _databases(wanted: Wanted, state: ServerState) -> list[str]:
    """Those in which there may be something to do."""
    mentioned = state.role.mentioned_in if state.role else ()
    named = [name for name, schemas in wanted.databases.items() if schemas or wanted.revoke_public]
    here = [name for name, each in state.databases.items() if each.takes_connections]
    return [name for name in here if name in named or name in mentioned]
