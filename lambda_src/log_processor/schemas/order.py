"""The events of several tables of one block as one text, in the order of their lines."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple


class Written(NamedTuple):
    """The events of one table, in pieces that only have to be joined."""

    offsets: Sequence[int]
    """Of the lines, ascending."""
    pieces: Sequence[str]
    width: int
    """Pieces of one event."""

    def text(self, begin: int, end: int) -> str:
        """Return the events from one place to another."""
        return "".join(self.pieces[begin * self.width : end * self.width])


def joined(tables: Sequence[Written]) -> str:
    """Return all events, sorted by their lines' offsets."""
    if not tables:
        return ""
    if len(tables) == 1:
        return "".join(tables[0].pieces)
    # Nearly all lines stand in one table: the others cut it into a few stretches.
    largest, *others = sorted(tables, key=lambda each: len(each.offsets), reverse=True)
    strays = sorted(
        (offset, each.text(place, place + 1))
        for each in others
        for place, offset in enumerate(each.offsets)
    )
    texts: list[str] = []
    done = 0
    for offset, text in strays:
        place = bisect_left(largest.offsets, offset, done)
        texts += (largest.text(done, place), text)
        done = place
    return "".join([*texts, largest.text(done, len(largest.offsets))])
