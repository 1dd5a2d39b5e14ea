"""Options, fixtures and rules that all tests share."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

# A machine that others use may stall in any example: time says nothing about what is tested.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots", action="store_true", help="write tests/templates/snapshots anew"
    )
    parser.addoption(
        "--thorough", action="store_true", help="also what is tried once more in another way"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half of the time tests wait, for servers and timeouts: two workers share a core."""
    return 2 * len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [0, 1])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is thorough has to be asked for.

    Modules with what takes long come first, so that no worker is left with it at the end.
    """
    if not config.getoption("--thorough"):
        left_out = [item for item in items if item.get_closest_marker("thorough") is not None]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item.get_closest_marker("thorough") is None]
    slow = {item.path for item in items if item.get_closest_marker("slow") is not None}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture
def update_snapshots(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-snapshots"))


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port of loopback that refuses until the block's end, and that nobody else is given.

    It is bound and nobody listens. On Linux a server that sets SO_REUSEADDR, as they do, and that
    is told the number may listen on it nevertheless.
    """
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def refused_port() -> Iterator[int]:
    with reserved_port() as port:
        yield port


def unavailable(reason: str) -> NoReturn:
    """Skip what this machine lacks something for; in a pipeline nothing is skipped unnoticed."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def plain(temporary: Path) -> dict[str, str]:
    """A command's whole environment: nothing of the user's that changes what it prints."""
    return {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(temporary),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "80",
    }
