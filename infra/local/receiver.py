"""The receiver in Logstash's place: JSON lines over TCP, every one decoded, counted and kept.

It does what Logstash's tcp input with the json_lines codec does: it never answers, reads only as
fast as it decodes, and closes a connection only when everything up to its end is decoded.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from operator import add
from pathlib import Path
from typing import BinaryIO, NamedTuple

_CHUNK = 64 * 1024
_CONNECTIONS_AT_ONCE = 64
LINE_LIMIT = 8 * 1024 * 1024
"""Bytes of the longest event that is decoded; a longer one counts as invalid."""


class Received(NamedTuple):
    """What came, of one connection or of all."""

    events: int = 0
    """Lines that are JSON objects."""
    invalid: int = 0
    """Lines that are not, too long ones, and unterminated ends."""
    bytes: int = 0
    different: int = 0
    """Events of different ids: one that comes again is counted once."""

    def plus(self, other: Received) -> Received:
        """Both together."""
        return Received(*map(add, self, other))

    @property
    def repeated(self) -> int:
        """Events that had come before."""
        return self.events - self.different


class _Event(NamedTuple):
    """A line that is a JSON object."""

    line: bytes
    id: str | None
    """Its `@metadata._id`, by which Logstash's output tells what it has written already."""


@dataclass
class _Lines:
    """Whole lines of one connection; of an endless one only a limited part is held."""

    held: bytes = b""
    too_long: bool = False

    def add(self, chunk: bytes) -> Iterator[bytes | None]:
        """Each line that this chunk ends, without its newline; None for one that is too long."""
        *ended, rest = (self.held + chunk).split(b"\n")
        for line in ended:
            yield None if self.too_long else line
            self.too_long = False
        self.too_long = self.too_long or len(rest) > LINE_LIMIT
        self.held = b"" if self.too_long else rest

    @property
    def unterminated(self) -> bool:
        """Whether something stands after the last newline."""
        return bool(self.held) or self.too_long


class Receiver:
    """A listening receiver; `running` makes one for the time of a block."""

    def __init__(self, listener: socket.socket, events: Path, file: BinaryIO) -> None:
        self._listener = listener
        self._file = file
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_CONNECTIONS_AT_ONCE)
        self._open: set[socket.socket] = set()
        self._closing = False
        self._total = Received()
        # Hashes take a third of the ids' memory; two of a million are the same once in 10^7 runs.
        self._ids: set[int] = set()
        self._connections = 0
        self.events_file = events
        """Every event, one JSON object a line, as it came."""
        self.problem: str | None = None
        """Why it can take no more, such as a full disk."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, port = self._listener.getsockname()[:2]
        return host, port

    @property
    def total(self) -> Received:
        """Everything decoded so far."""
        with self._lock:
            return self._total

    @property
    def connections(self) -> int:
        """Connections that carried something; a probe that only connects is not counted."""
        with self._lock:
            return self._connections

    def serve(self) -> None:
        """Accept connections until `close`, each in a thread of its own."""
        while True:
            self._places.acquire()
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._closing:
                    connection.close()
                    return
                self._open.add(connection)
            threading.Thread(target=self._take, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Stop listening and drop the connections that are open."""
        with self._lock:
            self._closing = True
            connections = tuple(self._open)
        for each in (self._listener, *connections):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _take(self, connection: socket.socket) -> None:
        try:
            self._decode(connection)
        except OSError:
            _reset(connection)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()
            self._places.release()

    def _decode(self, connection: socket.socket) -> None:
        lines = _Lines()
        first = True
        while chunk := connection.recv(_CHUNK):
            decoded = [_decoded(line) for line in lines.add(chunk)]
            self._keep([event for event in decoded if event is not None], len(decoded), len(chunk))
            with self._lock:
                self._connections += first
            first = False
        if lines.unterminated:
            self._keep([], 1, 0)

    def _keep(self, events: list[_Event], lines: int, size: int) -> None:
        """Write and count in one go, so that the file and the count never differ."""
        with self._lock:
            try:
                self._file.writelines(event.line + b"\n" for event in events)
                self._file.flush()
            except (OSError, ValueError) as error:
                self.problem = f"cannot write {self.events_file}: {error}"
                raise OSError(self.problem) from error
            new = self._new(event.id for event in events)
            self._total = self._total.plus(Received(len(events), lines - len(events), size, new))

    def _new(self, ids: Iterable[str | None]) -> int:
        """How many of these ids have not come before; who has none is always new."""
        hashes = [None if each is None else hash(each) for each in ids]
        before = len(self._ids)
        self._ids.update(each for each in hashes if each is not None)
        return len(self._ids) - before + hashes.count(None)


def _reset(connection: socket.socket) -> None:
    """Have the close say that not everything was taken: RST instead of a clean end."""
    for_no_time = struct.pack("ii", 1, 0)
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, for_no_time)


def _decoded(line: bytes | None) -> _Event | None:
    """The event when the line is a JSON object, else None."""
    if line is None:
        return None
    try:
        match json.loads(line):
            case {"@metadata": {"_id": str(id_)}}:
                return _Event(line, id_)
            case dict():
                return _Event(line, None)
    except (ValueError, RecursionError):
        pass
    return None


@contextmanager
def running(events: Path, host: str = "127.0.0.1", port: int = 0) -> Iterator[Receiver]:
    """A receiver on a port, 0 for a free one, for the time of the block; the events' file stays."""
    with socket.create_server((host, port)) as listener, events.open("wb") as file:
        receiver = Receiver(listener, events, file)
        thread = threading.Thread(target=receiver.serve, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.close()
            thread.join(timeout=5)
