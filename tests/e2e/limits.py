"""Ways to give a program no more memory than Lambda would."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

MEBIBYTE = 1024 * 1024

CGROUPS = Path("/sys/fs/cgroup")


@contextmanager
def by_cgroup(limit: int) -> Iterator[Sequence[str]]:
    """Count all memory of the command that follows, as Lambda does; only root may set that up."""
    group = _cgroup(limit)
    try:
        yield ("sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "sh")
    finally:
        _remove(group)


@contextmanager
def by_rlimit(limit: int) -> Iterator[Sequence[str]]:
    """Count what the command that follows may write to and shares with nobody, touched or not."""
    yield ("sh", "-c", f'ulimit -d {limit // 1024} && exec "$@"', "sh")


@dataclass(frozen=True)
class Limit:
    """One of the ways: from a number of bytes to what runs the command that follows it."""

    name: str
    of: Callable[[int], AbstractContextManager[Sequence[str]]]


LIMITS = (Limit("cgroup", by_cgroup), Limit("rlimit", by_rlimit))


def _cgroup(limit: int) -> Path:
    """Return a new group of that size within our own; skip where there is none, see by_rlimit."""
    try:
        group = Path(mkdtemp(prefix="log-processor-", dir=_own_cgroup()))
    except OSError as error:
        pytest.skip(f"no control group can be made: {error}")
    version_2 = (group / "cgroup.controllers").exists()
    try:
        (group / ("memory.max" if version_2 else "memory.limit_in_bytes")).write_text(str(limit))
    except OSError as error:
        _remove(group)
        pytest.skip(f"no control group can have a limit: {error}")
    return group


def _own_cgroup() -> Path:
    """Return our group of the memory controller, whose line of version 2 names no controller.

    https://man7.org/linux/man-pages/man7/cgroups.7.html, "/proc/pid/cgroup"
    """
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    groups = {name: path for _, name, path in (line.split(":", 2) for line in lines)}
    if "memory" in groups:
        return CGROUPS / "memory" / groups["memory"].lstrip("/")
    return CGROUPS / groups[""].lstrip("/")


def _remove(group: Path) -> None:
    """Remove a group, which takes until its last process is gone."""
    for _ in range(3_000):
        try:
            return group.rmdir()
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"{group} still has processes")
