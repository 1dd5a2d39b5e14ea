"""A function's log kept whole: MiniStack stops reading a worker's output too soon.

It takes what has come 5 ms after the last line, while the thread that reads the worker's pipe may
not have run for longer than that. A line that it leaves turns up at the worker's next invocation,
or never.
"""

from __future__ import annotations

import fcntl
import struct
import termios
import time
from collections.abc import Callable
from typing import Any

_EMPTY_WITHIN = 2.0
_LOOK_EVERY = 0.002


def whole(original: Callable[..., str]) -> Callable[[Any], str]:
    """MiniStack's own reading, begun when the worker's pipe is empty and with more patience."""

    def drain(worker: Any) -> str:
        if worker._proc is not None:
            _wait_until_empty(worker._proc.stderr.fileno())
        return original(worker, first_line_wait=0.1, idle_confirm=0.05, hard_cap=1.0)

    return drain


def _wait_until_empty(pipe: int) -> None:
    deadline = time.monotonic() + _EMPTY_WITHIN
    while _unread(pipe) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)


def _unread(pipe: int) -> int:
    """Bytes that nobody has read yet."""
    answer = fcntl.ioctl(pipe, termios.FIONREAD, b"\0\0\0\0")
    unread: int = struct.unpack("i", answer)[0]
    return unread
