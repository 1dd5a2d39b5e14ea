"""The truth table: who may do what in an environment, and above all who may not."""

from __future__ import annotations

from .custom_rows import custom_rows
from .database_rows import database_rows
from .function_rows import function_rows
from .network_rows import network_rows
from .processor_rows import processor_rows
from .requests import Row
from .resource_rows import resource_rows
from .scene import Scene


def rows(scene: Scene) -> list[Row]:
    """Every row that makes sense for the environment, in the order of its parts."""
    return [
        *processor_rows(scene),
        *custom_rows(scene),
        *database_rows(scene),
        *function_rows(scene),
        *resource_rows(scene),
        *network_rows(scene),
    ]
