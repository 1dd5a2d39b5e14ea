"""What a schema is: a way to write the tables of a block as events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from ..origin import Origin
from ..tables import Table

Write = Callable[[Sequence[Table], Origin], str]
"""From the tables of a block and their object to its events, each with a newline."""


class Schema(StrEnum):
    """How an event names and writes the fields of a line."""

    ORIGINAL = "original"
    ECS = "ecs"
