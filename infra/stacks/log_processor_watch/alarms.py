"""The log processor's alarms: what each means, and what whoever it wakes does first.

Together they leave no gap: what does not arrive, what waits, what fails, what is given up.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.blocks.alarms import Alarm
from infra.config import LogProcessorThresholds
from infra.stacks.draft import Draft
from infra.stacks.log_processor_watch import of_function, of_logs, of_source
from infra.stacks.log_processor_watch.handles import Watched


def alarms(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Iterator[Alarm]:
    """Every alarm that makes sense for these parts, each threshold a parameter of the draft."""
    for part in (of_logs, of_source, of_function):
        yield from part.alarms(draft, thresholds, watched)
