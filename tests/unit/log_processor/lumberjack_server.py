"""The receiving side of Lumberjack version 2, written from the protocol and not from our client.

It takes JSON and compressed frames, acknowledges in either of the two ways that are in use, and
insists on exactly as many events as the window says.
"""

from __future__ import annotations

import io
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from functools import partial

from .receivers import Behaviour, StandIn

Read = Callable[[int], bytes]
"""Exactly so many bytes, or fewer at the end."""


class ProtocolError(Exception):
    """The client said what no client may say."""


class Counting(Enum):
    """What an acknowledgement's number is."""

    SEQUENCE = "the sequence number of the last event, as Logstash"
    COUNT = "how many of the window's events, as Elastic's server in Go"


class Ended(Exception):  # noqa: N818
    """The client has closed its side between two frames."""


class Session:
    """The events of one connection, and the answers to them."""

    def __init__(self, read: Read, write: Callable[[bytes], object]) -> None:
        self._read = read
        self._write = write
        self.size = 0
        """How many events the present window has."""
        self.count = 0
        """How many of them have come."""
        self.sequence = 0
        """The number that the last one carried."""

    def window(self) -> Iterator[bytes]:
        """Yield each event of the next window as it comes."""
        kind = self._kind(self._read)
        if kind != b"W":
            raise ProtocolError(f"frame {kind!r} where a window should begin")
        self.size, self.count = self._number(self._read), 0
        while self.count < self.size:
            yield from self._events(self._read)

    def acknowledge(self, counting: Counting = Counting.SEQUENCE) -> None:
        """Say that everything up to the last event is taken."""
        self.say(self.sequence if counting is Counting.SEQUENCE else self.count)

    def keep_alive(self) -> None:
        self.say(0)

    def say(self, number: int) -> None:
        self._write(b"2A" + number.to_bytes(4, "big"))

    def _events(self, read: Read) -> Iterator[bytes]:
        kind = self._kind(read)
        if kind == b"J":
            yield self._event(read)
        elif kind == b"C":
            content = zlib.decompress(self._whole(read, self._number(read)))
            inner = io.BytesIO(content)
            while inner.tell() < len(content):
                yield from self._events(inner.read)
        else:
            raise ProtocolError(f"frame {kind!r} where an event should be")

    def _event(self, read: Read) -> bytes:
        if self.count == self.size:
            raise ProtocolError(f"more than {self.size} events in a window")
        sequence = self._number(read)
        content = self._whole(read, self._number(read))
        self.count, self.sequence = self.count + 1, sequence
        return content

    def _kind(self, read: Read) -> bytes:
        version = read(1)
        if not version:
            raise Ended
        if version != b"2":
            raise ProtocolError(f"version {version!r}")
        return self._whole(read, 1)

    def _number(self, read: Read) -> int:
        return int.from_bytes(self._whole(read, 4), "big")

    def _whole(self, read: Read, size: int) -> bytes:
        content = read(size)
        if len(content) < size:
            raise ProtocolError(f"the end within a frame, {size - len(content)} bytes early")
        return content


def windows(content: bytes) -> list[list[tuple[int, bytes]]]:
    """Return sequence number and content of the events in each window that a client has sent."""
    stream = io.BytesIO(content)
    session = Session(stream.read, lambda answer: None)
    found = []
    while stream.tell() < len(content):
        found.append([(session.sequence, event) for event in session.window()])
    return found


Answer = Callable[[StandIn, socket.socket, Session], None]
"""What to do after an event has been taken."""


def serving(answer: Answer) -> Behaviour:
    """Take windows until the client closes; what no client may say is noted."""

    def behave(receiver: StandIn, connection: socket.socket) -> None:
        session = Session(Reader(connection).read, connection.sendall)
        with suppress(Ended):
            while True:
                for event in session.window():
                    receiver.lines.append(event + b"\n")
                    answer(receiver, connection, session)

    return behave


def acknowledging(counting: Counting = Counting.SEQUENCE) -> Behaviour:
    """Acknowledge each window when all of it has been taken."""
    return serving(partial(acknowledge_windows, counting=counting))


def acknowledge_windows(
    receiver: StandIn,
    connection: socket.socket,
    session: Session,
    counting: Counting = Counting.SEQUENCE,
) -> None:
    if session.count == session.size:
        session.acknowledge(counting)


class Reader:
    """Exactly so many bytes of a connection at a time, without a file that would keep it open."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            chunk = self._connection.recv(65_536)
            if not chunk:
                break
            self._buffer += chunk
        content = bytes(self._buffer[:size])
        del self._buffer[:size]
        return content
