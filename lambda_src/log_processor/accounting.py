"""What became of every line of an object: the counts, which always add up.

`read` = `delivered` + `filtered` + `rejected` + `unconfirmed`, at every moment. Only what a
receiver has confirmed is delivered, and only what is kept somewhere is rejected. They are counted
from the object's first line: what an attempt before has accounted for is carried over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice

from .kinds import Kind
from .parsing import Parsed, Rejection
from .state import Checkpoint

REJECTIONS_SHOWN = 3


@dataclass
class Phases:
    """Seconds that an attempt took, by what they were spent on."""

    reading: float = 0.0
    """Waiting for the object's content, and decompressing it."""
    parsing: float = 0.0
    """From lines to events, filters and redaction included."""
    delivering: float = 0.0
    keeping: float = 0.0
    """Writing rejected lines and checkpoints."""


@dataclass
class Account:
    """The books of one object while it is worked on."""

    carried: Checkpoint = field(default_factory=Checkpoint)
    """What attempts before have accounted for."""
    read: int = 0
    delivered: int = 0
    filtered: int = 0
    rejected: int = 0
    offset: int = 0
    """Everything before it is accounted for."""
    extra_fields: int = 0
    """Fields beyond the known columns, in this attempt."""
    bytes: int = 0
    """Of uncompressed content that this attempt read."""
    rule_counts: Counter[str] = field(default_factory=Counter)
    """Lines that each filter rule dropped, or would have dropped, in this attempt."""
    rejections: list[tuple[int, str]] = field(default_factory=list)
    """Offset and reason of the first rejected lines of this attempt."""
    kinds: set[Kind] = field(default_factory=set)
    """Of the lines that were understood."""
    latest: str = ""
    """The time of the youngest line that was understood, as the log has it."""
    state_error: str | None = None
    """What was wrong with the checkpoint, if anything."""
    phases: Phases = field(default_factory=Phases)

    @classmethod
    def resumed(cls, checkpoint: Checkpoint) -> Account:
        """Return the books as the attempt before left them."""
        return cls(
            carried=checkpoint,
            read=checkpoint.read,
            delivered=checkpoint.delivered,
            filtered=checkpoint.filtered,
            rejected=checkpoint.rejected,
            offset=checkpoint.offset,
        )

    @property
    def unconfirmed(self) -> int:
        """Lines that were read, and of which nobody can say what became of them."""
        return self.read - self.delivered - self.filtered - self.rejected

    def note(self, parsed: Parsed, size: int) -> None:
        """Count a block that has been read."""
        self.read += parsed.lines
        self.bytes += size
        for table in parsed.tables:
            self.kinds.add(table.format.kind)
            self.latest = max(self.latest, *table.columns[table.format.time])
            self.extra_fields += sum(map(len, table.extra or ()))

    def show(self, rejections: Iterable[Rejection], redact: Callable[[str], str] | None) -> None:
        """Remember the first rejected lines; a reason can quote a part of one."""
        for each in islice(rejections, REJECTIONS_SHOWN - len(self.rejections)):
            self.rejections.append((each.offset, redact(each.reason) if redact else each.reason))

    def checkpoint(self) -> Checkpoint:
        """Return where the next attempt may go on: only with nothing unconfirmed before it."""
        return Checkpoint(
            offset=self.offset,
            read=self.delivered + self.filtered + self.rejected,
            delivered=self.delivered,
            filtered=self.filtered,
            rejected=self.rejected,
        )
