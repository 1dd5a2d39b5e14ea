"""What an operator asks of the function, and what it answers.

Action      grant: what the schedule does, now; plan: what that would do; revoke: take the role out
            of everything and drop it; plan-revoke: what that would do
Databases   as in properties.py, with grant and plan: in addition to those of the properties. They
            hold until the next run, which takes what the properties do not name

The answer, of texts and lists of them:

Action, Role
Named       {database: [schema, …]}: what the run was for; none where all is revoked
Plans       [{"Database", "Statements", "Missing", "Problems"}, …], in the order of the run; a
            plan's statements are one transaction, in that database. No password and no verifier is
            in any of them
Omitted     how many statements are left out because there are so many
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .errors import PropertiesError
from .plan import Kind, Plan
from .work import Outcome

_MEMBERS = ("Action", "Databases")

_ROOM = 4_000_000
"""Bytes of statements. Lambda takes an answer of 6 MB, and fails the invocation of a longer one.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


class Action(StrEnum):
    """What is asked for."""

    GRANT = "grant"
    PLAN = "plan"
    REVOKE = "revoke"
    PLAN_REVOKE = "plan-revoke"

    @property
    def adds(self) -> bool:
        """Whether databases can be named with it."""
        return self in (Action.GRANT, Action.PLAN)


@dataclass(frozen=True)
class Wish:
    """What an operator asks for."""

    action: Action
    added: tuple[Any, ...] = ()
    """Databases besides those of the properties, as they came."""

    def properties(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties of the run: what is added, and all that is there."""
        return {**found, "Databases": _together(found.get("Databases"), self.added)}


def wish(event: Mapping[str, Any]) -> Wish:
    """Return what is asked for; a PropertiesError names all that is wrong with it."""
    problems = [f"{name} is no known member" for name in sorted(map(str, {*event} - {*_MEMBERS}))]
    action = next((each for each in Action if each == event["Action"]), None)
    if action is None:
        problems.append(f"Action must be one of {', '.join(Action)}")
    added = event.get("Databases", [])
    if not isinstance(added, list):
        problems.append("Databases must be a list")
    if added and action is not None and not action.adds:
        problems.append(f"Databases must be left out with {action}, which is of them all")
    if problems or action is None:
        raise PropertiesError("; ".join(problems))
    return Wish(action, tuple(added))


def answer(
    action: Action, outcome: Outcome, named: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    """Return what is told, as JSON takes it."""
    plans = tuple(_shortened(outcome.plans))
    told = sum(len(each["Statements"]) for each in plans)
    return {
        "Action": action.value,
        "Role": outcome.role,
        "Named": {name: list(schemas) for name, schemas in named.items()},
        "Plans": list(plans),
        "Omitted": len(outcome.statements) - told,
    }


def _together(found: object, added: tuple[Any, ...]) -> list[Any]:
    """Each database once; what cannot be understood stays, for the properties' own check."""
    schemas: dict[str, list[Any]] = {}
    others = []
    for each in (*(found if isinstance(found, list) else ()), *added):
        if _is_understood(each):
            schemas.setdefault(each["Name"], []).extend(each.get("Schemas", []))
        else:
            others.append(each)
    named = [{"Name": name, "Schemas": listed} for name, listed in schemas.items()]
    return [*named, *others]


def _is_understood(entry: object) -> bool:
    return (
        isinstance(entry, Mapping)
        and entry.keys() <= {"Name", "Schemas"}
        and isinstance(entry.get("Name"), str)
        and isinstance(entry.get("Schemas", []), list)
    )


def _shortened(plans: tuple[Plan, ...]) -> Iterator[dict[str, Any]]:
    room = _ROOM
    for plan in plans:
        statements = []
        for statement in plan.statements:
            room -= len(json.dumps(statement))
            if room >= 0:
                statements.append(statement)
        yield {
            "Database": plan.database,
            "Statements": statements,
            "Missing": _texts(plan, Kind.MISSING),
            "Problems": _texts(plan, Kind.PROBLEM),
        }


def _texts(plan: Plan, kind: Kind) -> list[str]:
    return [note.text for note in plan.notes if note.kind is kind]
