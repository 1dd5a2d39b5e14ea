"""Lumberjack version 2, as bytes: what is sent and what comes back, without any connection.

All numbers are big endian:

    window       "2W" count:u32                       how many events follow
    JSON         "2J" sequence:u32 length:u32 data    one event
    compressed   "2C" length:u32 zlib(frames)         any number of JSON frames
    acknowledged "2A" sequence:u32                    from the receiver; 0 only says that it lives

https://github.com/logstash-plugins/logstash-input-beats/blob/main/PROTOCOL.md has version 1; what
version 2 adds is in BeatsParser.java there.

Some receivers acknowledge the sequence number of the last event they took and others how many of
the window they took. Sequence numbers that begin at 1 in each window make both the same number.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from .attempts import AttemptError

WINDOW_EVENTS = 2048
WINDOW_BYTES = 1024 * 1024

_WINDOW = struct.Struct(">2sI")
_JSON = struct.Struct(">2sII")
_COMPRESSED = struct.Struct(">2sI")
_ACKNOWLEDGED = struct.Struct(">2sI")


def window(events: Sequence[bytes], start: int) -> Sequence[bytes]:
    """Return the events from `start` on that go into one window: at least one."""
    size = 0
    following = events[start : start + WINDOW_EVENTS]
    for count, event in enumerate(following):
        size += len(event)
        if size > WINDOW_BYTES and count:
            return following[:count]
    return following


def encoded(events: Sequence[bytes], compression_level: int = 0) -> bytes:
    """Return a whole window with these events."""
    head = _WINDOW.pack(b"2W", len(events))
    pack = _JSON.pack
    parts = [head]
    for sequence, event in enumerate(events, 1):
        parts += (pack(b"2J", sequence, len(event)), event)
    if not compression_level:
        return b"".join(parts)
    import zlib

    packed = zlib.compress(b"".join(parts[1:]), compression_level)
    return b"".join((head, _COMPRESSED.pack(b"2C", len(packed)), packed))


def acknowledgements(content: bytes) -> tuple[list[int], bytes]:
    """Return the numbers of all whole frames, and the beginning of the one that is not yet whole.

    An AttemptError if these are not acknowledgements, as soon as that can be told.
    """
    size = _ACKNOWLEDGED.size
    numbers: list[int] = []
    for start in range(0, len(content), size):
        frame = content[start : start + size]
        if not b"2A".startswith(frame[:2]):
            raise AttemptError(_stranger(frame[:2]), permanent=True)
        if len(frame) < size:
            return numbers, frame
        numbers.append(int.from_bytes(frame[2:], "big"))
    return numbers, b""


def _stranger(beginning: bytes) -> str:
    if beginning[:1] == b"1":
        return "it speaks version 1 of Lumberjack; version 2 is needed, as Logstash's beats input"
    return (
        f"it answered {beginning!r} instead of an acknowledgement: "
        "it does not speak Lumberjack on this port"
    )
