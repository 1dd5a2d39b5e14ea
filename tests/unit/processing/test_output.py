"""A file in a receiver's place: what is counted as written has been written."""

from __future__ import annotations

import os
import threading
from io import FileIO, RawIOBase
from pathlib import Path

import pytest

from infra.processing.output import Output
from lambda_src.log_processor.errors import DeliveryError

BATCH = b"event\n" * 100_000


def test_a_batch_that_a_pipe_takes_in_parts_is_written_whole() -> None:
    """Be the pipe blocking or not."""
    for blocking in (True, False):
        reading, writing = os.pipe()
        os.set_blocking(writing, blocking)
        read: list[bytes] = []
        with FileIO(reading) as source, FileIO(writing, "w") as file:
            thread = threading.Thread(target=lambda: read.append(source.readall()))  # noqa: B023
            thread.start()
            Output(file, "stdout").deliver(BATCH)
            file.close()
            thread.join()
        assert read == [BATCH]


def test_nobody_who_reads_on_is_told_apart_from_a_failure() -> None:
    """`| head` has what it wanted."""
    reading, writing = os.pipe()
    os.close(reading)
    with FileIO(writing, "w") as file, pytest.raises(BrokenPipeError):
        Output(file, "stdout").deliver(BATCH)


def test_a_full_disk_is_a_failed_delivery() -> None:
    """At once, not when the program ends."""
    with Path("/dev/full").open("wb", buffering=0) as file:
        assert isinstance(file, RawIOBase)
        with pytest.raises(DeliveryError, match="stdout: No space left on device"):
            Output(file, "stdout").deliver(b"event\n")
