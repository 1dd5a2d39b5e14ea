"""What a running demo tells, as values; `str()` of each is the line that the user sees."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.aws.services import StackEvent
from infra.local.outcome import Summary
from infra.words import counted


@dataclass(frozen=True)
class Noted:
    """Something that is not as the user may expect."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Began:
    """A step begins."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Finished:
    """The step that began last is done."""

    text: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.text} ({self.seconds:.1f} s)"


@dataclass(frozen=True)
class Changed:
    """A resource of a stack changed."""

    event: StackEvent

    def __str__(self) -> str:
        reason = f": {self.event.reason}" if self.event.reason else ""
        return f"{self.event.logical_id} ({self.event.type}) {self.event.status}{reason}"


@dataclass(frozen=True)
class Told:
    """The function told what became of an object."""

    summary: Summary
    done: int
    total: int

    def __str__(self) -> str:
        return f"{self.done} of {counted(self.total, 'object')}: {self.summary}"


@dataclass(frozen=True)
class Arrived:
    """So many events have come to the receiver by now."""

    events: int

    def __str__(self) -> str:
        return f"{counted(self.events, 'event')} received"


Progress = Noted | Began | Finished | Changed | Told | Arrived
Tell = Callable[[Progress], None]


@contextmanager
def step(tell: Tell, text: str) -> Iterator[None]:
    """Tell a step's beginning, and its end unless it fails."""
    tell(Began(text))
    begin = time.monotonic()
    yield
    tell(Finished(text, time.monotonic() - begin))
