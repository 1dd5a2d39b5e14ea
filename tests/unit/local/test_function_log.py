"""A worker's output is read to its end before the emulator's own reading begins."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import threading
from types import SimpleNamespace

from infra.local.plugin.function_log import whole


def unread(worker: SimpleNamespace, **patience: float) -> str:
    """In place of the emulator's reading: what stands in the pipe when it begins."""
    answer = fcntl.ioctl(worker._proc.stderr, termios.FIONREAD, b"\0\0\0\0")
    return str(struct.unpack("i", answer)[0])


def test_the_pipe_is_empty_before_the_emulator_reads_its_queue() -> None:
    """A thread that reads the pipe late loses no line."""
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb") as stderr, os.fdopen(write_end, "wb", buffering=0) as worker:
        worker.write(b"line\n")
        late = threading.Timer(0.05, lambda: os.read(read_end, 100))
        late.start()
        assert whole(unread)(SimpleNamespace(_proc=SimpleNamespace(stderr=stderr))) == "0"
        late.join()


def test_a_worker_that_has_ended_has_no_pipe() -> None:
    """Its queue is read as it is."""
    drain = whole(lambda worker, **patience: "said")
    assert drain(SimpleNamespace(_proc=None)) == "said"
