"""From tables to events: JSON, one event a line, in the log's order.

Every event carries a stable id in `@metadata`: a hash of the object and its version, and the
line's offset in it. So a redelivery, a backfill and a replay of a line give the same id.
"""

from __future__ import annotations

from collections.abc import Mapping

from .writing import Schema, Write

__all__ = ["Schema", "Write", "writer"]


def writer(schema: Schema, static: Mapping[str, str]) -> Write:
    """Return the writer of a schema; `static` holds what every event carries besides."""
    # Only the schema that is used is imported: a cold start waits for every import.
    if schema is Schema.ECS:
        from .ecs import ecs

        return ecs(static)
    from .original import original

    return original(static)
