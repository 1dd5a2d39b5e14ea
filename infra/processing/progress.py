"""What a run tells while it works, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from infra.processing.outcome import Outcome


@dataclass(frozen=True)
class Began:
    """A source is worked on."""

    name: str


@dataclass(frozen=True)
class Identified:
    """So many more bytes of it have been read for its version's sake."""

    bytes: int


@dataclass(frozen=True)
class Passed:
    """So many more bytes of it have been read to be worked on."""

    bytes: int


@dataclass(frozen=True)
class Ended:
    """The source is done with."""

    outcome: Outcome


Progress = Began | Identified | Passed | Ended
Tell = Callable[[Progress], None]
