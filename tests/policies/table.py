"""The truth table: who may do what in an environment, and above all who may not."""

from __future__ import annotations

from .function_rows import function_rows
from .notifier_rows import notifier_rows
from .processor_rows import processor_rows
from .requests import Row
from .resource_rows import resource_rows
from .scene import Scene


def rows(scene: Scene) -> list[Row]:
    """Every row that makes sense for the environment, in the order of its parts."""
    return [
        *processor_rows(scene),
        *notifier_rows(scene),
        *function_rows(scene),
        *resource_rows(scene),
    ]
