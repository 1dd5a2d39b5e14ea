"""What became of each source, and of all of them: the counts always add up."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from lambda_src.log_processor.accounting import Account
from lambda_src.log_processor.origin import Origin

KEPT = 10_000
"""Outcomes without a problem that a result keeps; beyond them only their counts are."""


class State(StrEnum):
    """What became of a source."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Counts:
    """Lines: read = delivered + filtered + rejected + unconfirmed."""

    read: int = 0
    delivered: int = 0
    """Or written, where they go to a file."""
    filtered: int = 0
    rejected: int = 0
    unconfirmed: int = 0
    bytes: int = 0
    """Of uncompressed content."""

    @classmethod
    def of(cls, account: Account) -> Counts:
        """The counts of one source's books."""
        return cls(
            account.read,
            account.delivered,
            account.filtered,
            account.rejected,
            account.unconfirmed,
            account.bytes,
        )

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(
            self.read + other.read,
            self.delivered + other.delivered,
            self.filtered + other.filtered,
            self.rejected + other.rejected,
            self.unconfirmed + other.unconfirmed,
            self.bytes + other.bytes,
        )


@dataclass(frozen=True)
class Outcome:
    """What became of one source."""

    name: str
    state: State
    said: str = ""
    """Why it failed or was skipped."""
    counts: Counts = Counts()
    rejections: tuple[tuple[int, str], ...] = ()
    """Offset and reason of its first rejected lines."""
    kind: str | None = None
    """As its name says; where that says nothing, as its lines do; None where they neither do."""
    origin: Origin | None = None
    """None for what was not opened."""
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to say of it but its counts."""
        return self.state is State.DONE and not self.counts.rejected


@dataclass
class Result:
    """What became of all sources so far."""

    outcomes: list[Outcome] = field(default_factory=list)
    """In order; all that have a problem, and the first KEPT of the others."""
    left_out: int = 0
    """Outcomes that are not among them."""
    states: Counter[State] = field(default_factory=Counter)
    counts: Counts = Counts()
    rule_counts: Counter[str] = field(default_factory=Counter)
    """Lines that each filter rule dropped, or would have dropped."""
    seconds: float = 0.0
    interrupted: bool = False
    by_signal: int = signal.SIGINT
    """The signal that interrupted it, if one did."""
    stopped: str | None = None
    """Why the sources that were left have not been tried."""
    untried: int | None = 0
    """How many they are; None if nobody has counted them."""

    def add(self, outcome: Outcome) -> None:
        """Take in what became of one more source."""
        self.states[outcome.state] += 1
        self.counts = self.counts.plus(outcome.counts)
        if outcome.is_clean and len(self.outcomes) >= KEPT:
            self.left_out += 1
        else:
            self.outcomes.append(outcome)

    @property
    def sources(self) -> int:
        """How many have been looked at."""
        return self.states.total()

    @property
    def accounted(self) -> bool:
        """Whether of every line of every source it is known what became of it."""
        bad = self.states[State.FAILED] + self.states[State.INTERRUPTED]
        ended = not self.interrupted and self.stopped is None
        return ended and not bad and not self.counts.unconfirmed

    @property
    def lines_per_second(self) -> float:
        """Lines read in each second of the run."""
        return self.counts.read / self.seconds if self.seconds else 0.0
