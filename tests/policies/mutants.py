"""Policies with one thing changed, which the truth table has to notice.

Whoever widens a policy turns a row that is denied; whoever narrows it turns one that is allowed. A
change that turns none is a permission that nobody needs, or a row that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .documents import Placed, Policies, bearer
from .requests import Row

Statement = dict[str, Any]
Change = Callable[[Statement], Statement | None]
"""A statement → what is left of it, if anything."""


@dataclass(frozen=True)
class Mutant:
    """Policies that are not what they should be."""

    what: str
    """What was changed, in words."""
    policies: Policies
    placed: Placed
    """The policy that it was changed in."""
    actions: tuple[str, ...]
    """Of the statement, before and after: patterns such as `s3:*`."""
    wider: bool
    """Whether more is allowed than should be; else less."""

    def concerns(self, row: Row) -> bool:
        """Whether the row could notice it."""
        return (
            row.allowed is not self.wider
            and self.placed.of in {None, row.caller.role}
            and self.placed.on in {None, bearer(row.resource)}
            and any(fnmatchcase(row.action, pattern) for pattern in self.actions)
        )


def mutants(policies: Policies) -> Iterator[Mutant]:
    """Every change to every statement of every policy."""
    for number, placed in enumerate(policies.placed()):
        for index, statement in enumerate(placed.document["Statement"]):
            name = f"{placed.place}: {statement.get('Sid', f'statement {index + 1}')}"
            for what, wider, change in _changes(statement, placed):
                changed = change(deepcopy(statement))
                yield Mutant(
                    what=f"{name}: {what}",
                    policies=_with(policies, number, index, changed),
                    placed=placed,
                    actions=(*_many(statement["Action"]), *_many((changed or {}).get("Action"))),
                    wider=wider,
                )


def _changes(statement: Statement, placed: Placed) -> Iterator[tuple[str, bool, Change]]:
    """In words, whether it allows more, and the change itself."""
    allows = statement["Effect"] == "Allow"
    for key in ("Action", "Resource"):
        given = _many(statement.get(key))
        for one in given:
            yield f"without {one}", not allows, _without(key, one)
        # A resource's policy is about nothing but the resource, or the objects in it.
        if allows and given and not {"*", placed.on}.intersection(given):
            yield f"with every {key}", True, _with_every(key)
    if allows and statement.get("Principal", "*") != "*":
        yield "for everybody", True, lambda changed: {**changed, "Principal": "*"}
    for operator, entries in statement.get("Condition", {}).items():
        for key in entries:
            yield f"without the condition on {key}", allows, _unconditional(operator, key)


def _many(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _without(key: str, one: str) -> Change:
    def change(statement: Statement) -> Statement | None:
        left = [each for each in _many(statement[key]) if each != one]
        return {**statement, key: left} if left else None

    return change


def _with_every(key: str) -> Change:
    def change(statement: Statement) -> Statement:
        services = {action.partition(":")[0] for action in _many(statement["Action"])}
        every = ["*"] if key == "Resource" else [f"{service}:*" for service in sorted(services)]
        return {**statement, key: every}

    return change


def _unconditional(operator: str, key: str) -> Change:
    def change(statement: Statement) -> Statement:
        conditions = statement["Condition"]
        del conditions[operator][key]
        return {**statement, "Condition": {name: left for name, left in conditions.items() if left}}

    return change


def _with(policies: Policies, number: int, index: int, changed: Statement | None) -> Policies:
    """The same policies, of which one statement is another one, or gone."""
    copy = deepcopy(policies)
    statements = list(copy.placed())[number].document["Statement"]
    statements[index : index + 1] = [] if changed is None else [changed]
    return copy
