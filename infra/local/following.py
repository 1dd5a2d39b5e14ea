"""Follow the function's own log until it has told what became of every object."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from infra.aws.services import LogLine, Logs
from infra.local.outcome import UNFINISHED, Summary

# Lines can appear in an order other than that of their times, by as much as this.
_OVERLAP_MILLISECONDS = 60_000
_PAUSE = 0.1


@dataclass
class LogReader:
    """Reads a log group again and again, and gives each line once."""

    logs: Logs
    group: str
    _since: int = 0
    _seen: set[str] = field(default_factory=set)

    def new_lines(self) -> Iterator[LogLine]:
        """What has come since the last call."""
        latest = self._since + _OVERLAP_MILLISECONDS
        for line in self.logs.lines(self.group, self._since):
            if line.id not in self._seen:
                self._seen.add(line.id)
                latest = max(latest, line.milliseconds)
                yield line
        self._since = latest - _OVERLAP_MILLISECONDS


@dataclass(frozen=True)
class Patience:
    """How long to wait while nothing moves, with what time it is measured and passed."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    hidden: float = 0.0
    """Seconds that the queue hides a message before it hands it out again: so much longer."""


def follow(
    reader: LogReader,
    keys: Collection[str],
    tell: Callable[[Summary, int], None],
    movement: Callable[[], int],
    patience: Patience,
) -> dict[str, list[Summary]]:
    """Every attempt at each key, until none is to go on or nothing moved for too long.

    An unfinished attempt is to go on. `tell` gets each summary with the number of keys that are
    done with; `movement` is any number that grows while work goes on, such as the events received.
    """
    attempts: dict[str, list[Summary]] = {}
    moved, before = patience.clock(), movement()
    while True:
        lines = list(reader.new_lines())
        for summary in filter(None, (Summary.parse(line.message) for line in lines)):
            if summary.key in keys:
                attempts.setdefault(summary.key, []).append(summary)
                tell(summary, len(attempts) - len(_unfinished(attempts)))
        unfinished = _unfinished(attempts)
        if len(attempts) - len(unfinished) == len(keys):
            return attempts
        now = movement()
        if lines or now != before:
            moved, before = patience.clock(), now
        if patience.clock() - moved > patience.seconds + bool(unfinished) * patience.hidden:
            return attempts
        patience.sleep(_PAUSE)


def _unfinished(attempts: Mapping[str, Sequence[Summary]]) -> list[str]:
    return [key for key, each in attempts.items() if each[-1].outcome == UNFINISHED]
