"""Processes that always end with their test, and servers that answer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def running(
    command: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    *,
    folder: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command as the leader of a process group, which is killed at the block's end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait for a server to take connections on its port; one that has ended never will."""
    wait_until(lambda: process.poll() is not None or is_listening(port), "a server listens", log)
    assert process.poll() is None, f"the server has ended\n{log.read_text()}"


def wait_until(fact: Callable[[], bool], what: str, log: Path, seconds: float = 60.0) -> None:
    """Wait for something to become true; what the process said is in the error."""
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s\n{log.read_text()}")
        time.sleep(0.02)


def is_listening(port: int) -> bool:
    """Whether somebody takes a connection."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
