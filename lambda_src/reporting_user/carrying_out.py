"""Carries one plan out, in a transaction, and looks at what it left.

PostgreSQL only warns where a privilege is not the administrator's to give. So the plan is made
again afterwards: what it still has was done without effect.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

from .errors import StatementError
from .plan import Kind, Note, Plan


class Session(Protocol):
    """A connection to the plan's database."""

    def run(self, statement: str) -> None:
        """Run a statement; a StatementError if the server refuses it."""

    def transaction(self) -> AbstractContextManager[None]:
        """All that is done in the block, or nothing of it."""


Make = Callable[[frozenset[str]], Plan]
"""Makes a plan of what the server has now, given the roles that cannot be acted for."""

Finish = Callable[[str], str]
"""Puts into a statement what a plan does not hold."""

_ATTEMPTS = 3
_REFUSED = "42501"
_AGAIN = ("40001", "40P01", "XX000")
"""Serialisation, deadlock, and what PostgreSQL calls internal: "tuple concurrently updated"."""


class FailedError(StatementError):
    """A statement of a plan that the server refused."""

    def __init__(self, statement: str, database: str, error: StatementError) -> None:
        super().__init__(f"{error}, in database {database}, at: {statement}", error.state)
        self.statement = statement


def carry_out(session: Session, make: Make, finish: Finish = str) -> Plan:
    """Run a plan, and return it with what it left; made anew where somebody was in the way."""
    refused: frozenset[str] = frozenset()
    for attempt in range(1, _ATTEMPTS + 1):
        plan = make(refused)
        if not plan.statements:
            return plan
        try:
            _run(session, plan, finish)
        except FailedError as error:
            if attempt == _ATTEMPTS or not _may_pass(plan, error):
                raise
            refused |= _not_joined(plan, error)
        else:
            return replace(plan, notes=_left(make(refused)))
    raise AssertionError("unreachable")


def _run(session: Session, plan: Plan, finish: Finish) -> None:
    with session.transaction():
        for statement in plan.statements:
            try:
                session.run(finish(statement))
            except StatementError as error:
                raise FailedError(statement, plan.database, error) from None


def _may_pass(plan: Plan, error: FailedError) -> bool:
    return error.state in _AGAIN or bool(_not_joined(plan, error))


def _not_joined(plan: Plan, error: FailedError) -> frozenset[str]:
    """The role that the server does not let the administrator become, whatever it seemed."""
    if error.state != _REFUSED or error.statement not in plan.joins:
        return frozenset()
    return frozenset({plan.joins[error.statement]})


def _left(after: Plan) -> tuple[Note, ...]:
    without_effect = (
        Note(Kind.PROBLEM, f"without effect in database {after.database}: {statement}")
        for statement in after.statements
    )
    return (*after.notes, *without_effect)
