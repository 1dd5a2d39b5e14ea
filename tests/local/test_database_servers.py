"""The servers behind RDS's records end with whoever started them, whatever way that ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from infra.errors import NotInstalledError
from infra.local.postgresql_installation import installation
from tests.conftest import plain, unavailable
from tests.local.conftest import wait_until_nothing_is_left
from tests.local.stacks import Client, Stack

ROOT = Path(__file__).parents[2]


def master(**properties: Any) -> dict[str, Any]:
    """The resources of a stack with a server."""
    usual = {
        "Engine": "postgres",
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": "20",
        "MasterUsername": "owner",
        "MasterUserPassword": "a long password",
    }
    instance = {"Type": "AWS::RDS::DBInstance", "Properties": usual | properties}
    return {"Resources": {"Master": instance}}


CODE = """
import json, sys, time
from infra.local import emulator
from tests.local.stacks import Stack, client_of

with emulator.running("eu-west-1") as here:
    client = client_of(here)
    status = Stack(client, "owned").create(json.loads(sys.argv[1]))
    [server] = client("rds").describe_db_instances()["DBInstances"]
    print(json.dumps({"status": status, "port": server["Endpoint"]["Port"]}), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    try:
        installation()
    except NotInstalledError as error:
        unavailable(str(error))


@contextmanager
def started(temporary: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process with a local AWS and a server in it, and the server's port."""
    template = json.dumps(master())
    with subprocess.Popen(
        [sys.executable, "-c", CODE, template],
        cwd=ROOT,
        env=plain(temporary),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            assert said["status"] == "CREATE_COMPLETE"
            yield process, said["port"]
        finally:
            process.kill()


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("number", [None, signal.SIGKILL])
def test_a_server_ends_with_the_local_aws(number: signal.Signals | None, tmp_path: Path) -> None:
    """By its own end, or by a signal that lets nobody say goodbye."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with started(temporary) as (process, port):
        assert listens(port)
        if number is None:
            process.communicate("", timeout=60)
        else:
            process.send_signal(number)
            process.wait(60)
        deadline = time.monotonic() + 60
        while listens(port):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert wait_until_nothing_is_left(temporary) == ([], [])


def test_a_protected_server_is_not_deleted(client: Client) -> None:
    """As by RDS: the stack's deletion fails until the protection is taken off."""
    stack = Stack(client, "protected")
    template = master(DBInstanceIdentifier="protected", DeletionProtection=True)
    assert stack.create(template) == "CREATE_COMPLETE"
    with pytest.raises(WaiterError, match="Waiter StackDeleteComplete failed"):
        stack.delete()
    client("rds").modify_db_instance(
        DBInstanceIdentifier="protected", DeletionProtection=False, ApplyImmediately=True
    )
    stack.delete()
