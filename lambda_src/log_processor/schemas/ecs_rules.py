"""How fields of the schema `ecs` come from columns: rules, and the functions that make them.

A text that its field's type would refuse goes to `aws.elb.raw.<column>` instead: Elasticsearch
would refuse the whole event, and nothing of a line may be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ..formats import COUNT, EVENT_TIME, MILLISECONDS, SECONDS, TEXT, TIME, Column, Type
from . import ecs_values as values

Value = str | int | float | bool | Sequence[str] | None
"""What a field holds; None if the event has no such field."""

Values = Sequence[Value]
MAYBE_MINUS_ONE = COUNT.absent


class Rule(NamedTuple):
    """Some fields of an event, and how they come from one line."""

    columns: tuple[str, ...]
    fields: tuple[str, ...]
    """With a dot between an object and what is in it."""
    read: Callable[..., Values] | None
    """From the text of each column to the value of each field; takes any text.

    None for a rule of one column whose text is the value of each field, as it is.
    """
    absent: tuple[str, ...] = TEXT.absent
    """What stands for no value in a rule's only column; `read` does not see it there."""


def generic(column: str, inside: str = "aws.elb") -> str:
    """Return the field of a column that has no better one."""
    name = "".join(each if each.isascii() and each.isalnum() else "_" for each in column)
    return f"{inside}.{name.lower()}"


def raw(column: str) -> str:
    """Return the field of a text that fits no other."""
    return generic(column, "aws.elb.raw")


def text(column: str, *fields: str, absent: tuple[str, ...] = TEXT.absent) -> Rule:
    """Write the text as it is, into each of the fields."""
    return Rule((column,), fields, None, absent)


def texts(column: str, field: str, separator: str) -> Rule:
    """Write a list, each text in it without quotes around it."""
    return Rule(
        (column,),
        (field,),
        lambda text: ([each.strip('"') for each in text.split(separator)],),
    )


def decimal(column: str, field: str) -> Rule:
    """Write a number of a column whose type is checked, always with a point.

    A number without one would make Elasticsearch take a new field's type for long.
    """
    return Rule((column,), (field,), lambda text: (float(text),), MAYBE_MINUS_ONE)


def number(column: str, *fields: str) -> Rule:
    """Write a whole number into each of the fields."""
    return _copied(column, fields, values.whole_number)


def port(column: str, *fields: str) -> Rule:
    """Write a port into each of the fields."""
    return _copied(column, fields, values.port_number)


def time(column: str, *fields: str) -> Rule:
    """Write a time into each of the fields."""
    return _copied(column, fields, values.utc)


def address(column: str, *fields: str) -> Rule:
    """Write an IP address into each of the fields."""
    return _copied(column, fields, lambda text: text if values.is_address(text) else None)


def _copied(column: str, fields: Sequence[str], read: Callable[[str], Value]) -> Rule:
    nothing = (None,) * len(fields)

    def copies(text: str) -> Values:
        found = read(text)
        return (*nothing, text) if found is None else (*(found,) * len(fields), None)

    return Rule((column,), (*fields, raw(column)), copies, MAYBE_MINUS_ONE)


def checked(column: str, fields: Sequence[str], read: Callable[[str], Values | None]) -> Rule:
    """Write what `read` makes of the text; where that is None, the text into its raw field."""
    nothing = (None,) * len(fields)

    def values_of(text: str) -> Values:
        found = read(text)
        return (*nothing, text) if found is None else (*found, None)

    return Rule((column,), (*fields, raw(column)), values_of, MAYBE_MINUS_ONE)


def unnamed(column: Column) -> Rule:
    """Return the rule of a column that no rule names."""
    rules: Mapping[Type, Callable[[str, str], Rule]] = {
        COUNT: number,
        SECONDS: decimal,
        MILLISECONDS: decimal,
        TIME: time,
        EVENT_TIME: time,
    }
    return rules.get(column.type, text)(column.name, generic(column.name))
