"""What became of each object: the function's summaries beside the demo's own counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.aws.services import QueueCounts
from infra.local.log_files import LogFile
from infra.local.receiver import Received
from infra.words import counted, object_name

DELIVERED, FAILED, SKIPPED = "delivered", "failed", "skipped"
UNFINISHED = "unfinished"
"""The invocation's time was up; a later attempt goes on where this one stopped."""
MISSING = "no outcome"


@dataclass(frozen=True)
class Rejection:
    """A line that is no log line of its kind."""

    offset: int
    """Of its first byte in the uncompressed object."""
    reason: str


@dataclass(frozen=True)
class Summary:
    """One line of the function's own log: one attempt at one object."""

    bucket: str
    key: str
    outcome: str
    kind: str = ""
    read: int = 0
    """As all counts, since the object's beginning: earlier attempts are carried over."""
    delivered: int = 0
    filtered: int = 0
    rejected: int = 0
    unconfirmed: int = 0
    sent: int = 0
    """Events that this attempt alone delivered."""
    retries: int = 0
    """Batches that it sent once more."""
    rejections: tuple[Rejection, ...] = ()
    why: str = ""
    """The error of a failed attempt, the reason of a skipped one, or what an unfinished one waits
    for."""

    @classmethod
    def parse(cls, message: str) -> Summary | None:
        """The summary that a log line holds, or None for any other line."""
        try:
            said = json.loads(message)
        except ValueError:
            return None
        if not isinstance(said, dict) or not said.get("outcome") or not said.get("key"):
            return None
        return cls._of(said)

    @classmethod
    def _of(cls, said: Mapping[str, Any]) -> Summary:
        return cls(
            bucket=str(said.get("bucket")),
            key=str(said["key"]),
            outcome=str(said["outcome"]),
            kind=str(said.get("kind") or ""),
            **{name: int(said.get(name) or 0) for name in COUNTS},
            sent=int(said.get("LinesDelivered") or 0),
            retries=int(said.get("retries") or 0),
            rejections=tuple(
                Rejection(int(each["offset"]), str(each["reason"]))
                for each in said.get("rejections") or ()
            ),
            why=str(said.get("error") or said.get("reason") or _WAITS.get(said["outcome"], "")),
        )

    def __str__(self) -> str:
        why = f" ({self.why})" if self.why else ""
        return f"{object_name(self.key)} {self.outcome}{why}"


COUNTS = ("read", "delivered", "filtered", "rejected", "unconfirmed")
"""What a summary counts, in lines."""

_WAITS = {UNFINISHED: "its time was up; it goes on when it is tried again"}


@dataclass(frozen=True)
class ObjectOutcome:
    """One object: what the file holds, and what the function said of it, attempt by attempt."""

    file: LogFile
    attempts: tuple[Summary, ...]

    @property
    def last(self) -> Summary | None:
        """The last attempt, which is the one that counts."""
        return self.attempts[-1] if self.attempts else None

    @property
    def outcome(self) -> str:
        """The last attempt's outcome in a word."""
        return self.last.outcome if self.last else MISSING

    @property
    def problem(self) -> str | None:
        """Why its lines are not all accounted for, or None."""
        last = self.last
        if last is None:
            return "the function said nothing about it"
        if last.outcome == SKIPPED:
            return None if self.file.may_be_skipped else f"skipped: {last.why}"
        if last.outcome != DELIVERED:
            return f"{last.outcome}: {last.why or 'no reason was given'}"
        if last.read != self.file.lines:
            lines = "no" if self.file.lines is None else self.file.lines
            return f"the file has {lines} readable lines, the function read {last.read}"
        if last.read != last.delivered + last.filtered + last.rejected or last.unconfirmed:
            return (
                f"of {last.read} lines {last.delivered} were delivered, {last.filtered} filtered, "
                f"{last.rejected} rejected and {last.unconfirmed} are unconfirmed"
            )
        return None


@dataclass(frozen=True)
class Result:
    """The whole demo's books."""

    objects: tuple[ObjectOutcome, ...]
    received: Received | None
    """What the bundled receiver decoded; None with a receiver of the user's own."""
    receiver_problem: str | None
    queue: QueueCounts | None
    """None where there is none between bucket and function."""
    dead_letters: QueueCounts
    seconds: float
    """From the first object put to the last outcome."""
    first_event: str | None = field(repr=False)
    """As it came, one JSON object; None if none came to the bundled receiver."""
    last_words: str = field(default="", repr=False)
    """What the local AWS logged last, when an object got no outcome."""

    def total(self, name: str) -> int:
        """The sum of one count (`read`, `delivered`, …) over the last attempts."""
        return sum(getattr(each.last, name) for each in self.objects if each.last)

    @property
    def sent(self) -> int:
        """Events delivered by all attempts: one that began anew sent some of them again."""
        return sum(one.sent for each in self.objects for one in each.attempts)

    @property
    def lines_per_second(self) -> float:
        """Lines delivered in a second, from put to confirmed."""
        return self.total("delivered") / self.seconds if self.seconds else 0.0

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each thing that is not as it should be."""
        found = [f"{each.file.key}: {each.problem}" for each in self.objects if each.problem]
        return (*found, *self._receiver_problems(), *self._queue_problems())

    @property
    def accounted(self) -> bool:
        """Whether it is known of every line what became of it, by everybody's count."""
        return not self.problems

    def _receiver_problems(self) -> list[str]:
        if self.receiver_problem:
            return [f"the receiver stopped: {self.receiver_problem}"]
        if self.received is None:
            return []
        received, delivered = self.received, self.total("delivered")
        found = []
        # A failed attempt can have sent more than was confirmed.
        if received.different < delivered or (self._is_settled and received.different > delivered):
            found.append(
                f"the function delivered {counted(delivered, 'event')}, the receiver decoded "
                f"{received.different:,} different ones"
            )
        if received.repeated and not self._has_repeats:
            found.append(
                f"the receiver decoded {counted(received.repeated, 'event')} more than once, "
                "though nothing was sent twice"
            )
        if received.invalid:
            found.append(
                f"the receiver got {counted(received.invalid, 'line')} without a JSON object"
            )
        return found

    @property
    def _is_settled(self) -> bool:
        return all(each.outcome in (DELIVERED, SKIPPED) for each in self.objects)

    @property
    def _has_repeats(self) -> bool:
        return any(
            len(each.attempts) > 1 or any(one.retries for one in each.attempts)
            for each in self.objects
        )

    def _queue_problems(self) -> list[str]:
        names: list[tuple[str, QueueCounts | None]] = [("dead-letter queue", self.dead_letters)]
        if self._is_settled:
            # Otherwise it rightly holds what is to be tried again.
            names.append(("queue", self.queue))
        return [
            f"the {name} holds {counted(counts.waiting, 'message')} "
            f"and {counts.in_flight} in flight"
            for name, counts in names
            if counts
        ]
