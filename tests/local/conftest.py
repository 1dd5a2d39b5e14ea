"""One local AWS for the tests that only need some AWS, and how to look for what is left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.aws.connection import connect
from infra.aws.services import Aws
from infra.errors import NotInstalledError
from infra.local import emulator
from infra.local.emulator import Emulator
from tests.conftest import unavailable
from tests.local.stacks import Client, client_of

REGION = "eu-west-1"


@pytest.fixture(autouse=True, scope="session")
def _installed() -> None:
    try:
        emulator.check_installed()
    except NotInstalledError as error:
        unavailable(str(error))


@pytest.fixture(scope="session")
def here() -> Iterator[Emulator]:
    """A local AWS, shared: name what you create after the test."""
    with emulator.running(REGION) as running:
        yield running


@pytest.fixture(scope="session")
def aws(here: Emulator) -> Aws:
    return connect(here.region, here.endpoint_url, here.credentials)


@pytest.fixture(scope="session")
def client(here: Emulator) -> Client:
    return client_of(here)


def processes_knowing(place: Path) -> list[str]:
    """Command lines of the processes whose environment names this folder, our own excluded."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            known = str(place).encode() in (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if known and command and int(process.name) != os.getpid():
            found.append(command)
    return found


def wait_until_nothing_is_left(place: Path) -> tuple[list[str], list[Path]]:
    """The processes and files that are still there after a minute; none as soon as none are."""
    deadline = time.monotonic() + 60
    while True:
        left = (processes_knowing(place), list(place.iterdir()))
        if left == ([], []) or time.monotonic() > deadline:
            return left
        time.sleep(0.05)
