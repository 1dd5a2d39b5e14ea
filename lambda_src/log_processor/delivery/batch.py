"""A batch of events on its way, and how much of it has been acknowledged."""

from __future__ import annotations

from functools import cached_property


class Batch:
    """Events as JSON, one a line, each line ended."""

    def __init__(self, content: bytes) -> None:
        if not content.endswith(b"\n"):
            raise ValueError("a batch of events must end with a newline")
        self.content = content
        self.acknowledged = 0
        """How many of the events, from the first, the receiver has said to have."""

    @cached_property
    def events(self) -> list[bytes]:
        """The events without line ends."""
        return [line for line in self.content.split(b"\n") if line]
