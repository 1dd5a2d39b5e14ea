"""Batches over Lumberjack version 2, whose receiver acknowledges what it has taken."""

from __future__ import annotations

from collections.abc import Callable

from . import frames
from .attempts import AttemptError, explained
from .batch import Batch
from .sockets import Stream


class Acknowledged:
    """Carries batches to one address over one connection.

    The connection is closed only when nothing is outstanding: a receiver may take a half-close
    for the end and never acknowledge.
    """

    def __init__(self, opened: Callable[[], Stream], compression_level: int) -> None:
        self._opened = opened
        self._compression_level = compression_level
        self._stream: Stream | None = None
        self._rest = b""
        """The beginning of a frame."""

    def carry(self, batch: Batch) -> None:
        """Return if all events are acknowledged, else raise an AttemptError.

        The batch keeps how far it came: only what is not acknowledged goes out the next time.
        """
        if not batch.events:
            return
        stream = self._current()
        try:
            while batch.acknowledged < len(batch.events):
                self._carry_window(stream, batch)
        except BaseException:
            self._stream = None
            stream.abort()
            raise

    def close(self) -> None:
        """Close the connection."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _current(self) -> Stream:
        """Return the connection that is there, unless the receiver has closed it meanwhile."""
        if self._stream is not None:
            try:
                self._forget_what_came_late(self._stream)
            except AttemptError:
                self._stream.abort()
                self._stream = None
        if self._stream is None:
            self._rest = b""
            self._stream = self._opened()
        return self._stream

    def _carry_window(self, stream: Stream, batch: Batch) -> None:
        self._forget_what_came_late(stream)
        start = batch.acknowledged
        events = frames.window(batch.events, start)
        content = frames.encoded(events, self._compression_level)
        with explained(f"it did not take {len(content)} bytes in time: it has stopped reading"):
            stream.send(content)
        with explained(f"it did not acknowledge {len(events)} events in time: is it blocked?"):
            while batch.acknowledged < start + len(events):
                highest = max(self._numbers(stream.receive_while_moving()), default=0)
                if highest > len(events):
                    raise _too_high(highest, len(events))
                batch.acknowledged = max(batch.acknowledged, start + highest)

    def _forget_what_came_late(self, stream: Stream) -> None:
        """Read what came before a window is sent: that cannot be about it."""
        with explained("it did not answer in time"):
            while (content := stream.arrived()) is not None:
                self._numbers(content)

    def _numbers(self, content: bytes) -> list[int]:
        if not content:
            raise AttemptError(
                "it closed the connection without having acknowledged everything: "
                "it may be going down, or may expect another protocol"
            )
        numbers, self._rest = frames.acknowledgements(self._rest + content)
        return numbers


def _too_high(number: int, sent: int) -> AttemptError:
    return AttemptError(
        f"it acknowledged event {number} of a window of {sent}: it does not count within windows",
        permanent=True,
    )
