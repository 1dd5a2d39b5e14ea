"""The reporting user's end: out of every database, then out of the server.

It owns nothing, so nothing is reassigned and nothing is dropped with it. Should somebody have given
it something to own, the role stays, and can no longer log in.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from . import catalogue, sql
from .acting import Acting
from .carrying_out import carry_out
from .connection import Session
from .database_plan import database_plan, database_removal
from .errors import StatementError
from .plan import Kind, Note, Plan
from .server_plan import refuse_foreign, server_removal
from .state import ServerState
from .work import Access, Carry, Outcome, only_planned


def remove(role: str, access: Access) -> Outcome:
    """Remove the role; a ForeignRoleError if it is somebody else's."""
    with access.turn() as session:
        state = _ours(session, role)
        if state.role is None:
            return Outcome(role, ())
        access.steps.doing(f"shutting {role} out")
        closed = _shut_out(session, role, access.database)
        return Outcome(role, (closed, *_plans(role, access, session, state, carry_out)))


def planned_removal(role: str, access: Access) -> Outcome:
    """Return what `remove` would do; nothing is changed."""
    with access.turn() as session:
        state = _ours(session, role)
        if state.role is None:
            return Outcome(role, ())
        closed = Plan(access.database, (_no_login(role),))
        return Outcome(role, (closed, *_plans(role, access, session, state, only_planned)))


def _ours(session: Session, role: str) -> ServerState:
    state = catalogue.server_state(session, role)
    refuse_foreign(role, state)
    return state


def _no_login(role: str) -> str:
    return f"ALTER ROLE {sql.identifier(role)} NOLOGIN"


def _shut_out(session: Session, role: str, database: str) -> Plan:
    """Let it log in no more, and end its sessions; those on replicas lose their privileges."""
    statement = _no_login(role)
    session.run(statement)
    try:
        session.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :role",
            role=role,
        )
    except StatementError as error:
        note = Note(Kind.PROBLEM, f"sessions of {role} go on until they end by themselves: {error}")
        return Plan(database, (statement,), (note,))
    return Plan(database, (statement,))


def _plans(
    role: str, access: Access, session: Session, state: ServerState, carry: Carry
) -> Iterator[Plan]:
    assert state.role is not None
    for name in state.role.mentioned_in:
        if state.databases[name].takes_connections:
            work = partial(_taken_out, role=role, name=name, server=state, carry=carry)
            yield access.in_database(name, work)
    if state.role.owns_in:
        words = ", ".join(state.role.owns_in)
        text = f"role {role} stays, without login: it owns something in {words}; reassign that"
        yield Plan(access.database, notes=(Note(Kind.PROBLEM, text),))
        return
    access.steps.doing(f"dropping {role}")

    def make(refused: frozenset[str]) -> Plan:
        acting = Acting(catalogue.server_state(session, role), refused)
        return server_removal(role, acting, access.database)

    yield carry(session, make)


def _taken_out(
    session: Session, *, role: str, name: str, server: ServerState, carry: Carry
) -> Plan:
    """Take its privileges in one database."""

    def make(refused: frozenset[str]) -> Plan:
        acting, state = Acting(server, refused), catalogue.database_state(session, role, ())
        if server.role is not None and name in server.role.owns_in:
            return database_plan(role, name, (), (), acting, state)
        return database_removal(role, name, acting, state)

    return carry(session, make)
