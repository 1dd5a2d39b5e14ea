"""What a run would do, as data: statements in order, and what stands in the way. Nothing is run.

A plan is made from what a server has and what is wanted, so that a plan made after it was carried
out has no statements. It holds no secret: the statement that sets the password says HIDDEN in the
place of the verifier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from . import sql
from .acting import Acting

HIDDEN = "SCRAM-SHA-256$…"

_AT_ONCE = 100
"""Names in one statement, so that it can still be read."""


class Kind(StrEnum):
    """What is to be done about a note."""

    MISSING = "missing"
    """Nothing: it is not there yet, and a later run looks again."""
    PROBLEM = "problem"
    """Something, by an operator."""


@dataclass(frozen=True)
class Note:
    """Something that a run leaves as it is, and why."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Plan:
    """What is done in one database, in one transaction."""

    database: str
    statements: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    joins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The roles that statements make the administrator a member of, by statement."""


@dataclass
class Draft:
    """A plan in the making: who acts for whom is added at its end."""

    acting: Acting
    _statements: list[str] = field(default_factory=list)
    _owners: set[str] = field(default_factory=set)
    _notes: list[Note] = field(default_factory=list)

    def add(self, statement: str) -> None:
        """Add a statement that the administrator runs for itself."""
        self._statements.append(statement)

    def add_for(self, owner: str, statements: Iterable[str], what: str) -> None:
        """Add statements that only an owner may run, or note that `what` cannot be done."""
        wanted = list(statements)
        if not wanted:
            return
        if not self.acting.can_be(owner):
            self.problem(f"{what}: {self.acting.advice(owner)}")
            return
        self._statements += wanted
        self._owners.add(owner)

    def act_for(self, owners: Iterable[str]) -> None:
        """Act for these as well, as far as that can be."""
        self._owners.update(owner for owner in owners if self.acting.can_be(owner))

    def missing(self, text: str) -> None:
        """Note something that is not there yet."""
        self._notes.append(Note(Kind.MISSING, text))

    def problem(self, text: str) -> None:
        """Note something that stands in the way."""
        self._notes.append(Note(Kind.PROBLEM, text))

    def finished(self, database: str) -> Plan:
        """Return the plan."""
        notes = tuple(dict.fromkeys(self._notes))
        if not self._statements:
            return Plan(database, notes=notes)
        joins, leaves = self.acting.joins(self._owners), self.acting.leaves(self._owners)
        return Plan(database, (*joins, *self._statements, *leaves), notes, joins)


def set_verifier(role: str, verifier: str = HIDDEN) -> str:
    """Return the statement that sets a password without saying it."""
    return f"ALTER ROLE {sql.identifier(role)} PASSWORD {sql.literal(verifier)}"


def portions(names: Sequence[str]) -> Iterable[str]:
    """Return quoted names as lists for statements."""
    for start in range(0, len(names), _AT_ONCE):
        yield ", ".join(names[start : start + _AT_ONCE])
