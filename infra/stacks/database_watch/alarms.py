"""A database's alarms: what each means, and what whoever it wakes does first."""

from __future__ import annotations

from collections.abc import Iterator

from infra.blocks.alarms import Alarm
from infra.config import DatabaseThresholds
from infra.stacks.database_watch import of_grants, of_logins, of_replication, of_servers
from infra.stacks.database_watch.handles import Watched
from infra.stacks.database_watch.thresholds import limits
from infra.stacks.draft import Draft


def alarms(draft: Draft, thresholds: DatabaseThresholds, watched: Watched) -> Iterator[Alarm]:
    """Every alarm that makes sense for these servers, each threshold a parameter of the draft."""
    found = limits(draft, thresholds, watched)
    for part in (of_servers, of_replication, of_logins, of_grants):
        yield from part.alarms(found, watched)
