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
from infra.local import psql
from infra.local.emulator import Emulator
from infra.local.postgresql_installation import installation, installations
from infra.local.psql import Place
from lambda_src.reporting_user.connection import Login
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


def test_a_server_has_the_version_that_is_asked_for(client: Client) -> None:
    """As RDS's record says, to the last number."""
    oldest, stack = installations()[-1], Stack(client, "versions")
    template = master(DBInstanceIdentifier="versions", EngineVersion=f"{oldest.major}.1")
    assert stack.create(template) == "CREATE_COMPLETE"
    [found] = client("rds").describe_db_instances(DBInstanceIdentifier="versions")["DBInstances"]
    assert found["EngineVersion"] == oldest.version
    stack.delete()


def test_a_server_follows_its_parameter_group(client: Client, here: Emulator) -> None:
    """Also when that changes; what is RDS's own is not asked of PostgreSQL."""
    stack = Stack(client, "parameters")
    assert stack.create(with_parameters("2h")) == "CREATE_COMPLETE"
    [found] = client("rds").describe_db_instances(DBInstanceIdentifier="grouped")["DBInstances"]
    place = Place("localhost", found["Endpoint"]["Port"], here.rds_ca.read_text())
    login = Login("owner", "a long password")
    with psql.session(place, login, "postgres") as session:
        assert session.value("SHOW statement_timeout") == "2h"
        assert stack.update(with_parameters("3h")) == "UPDATE_COMPLETE"
        deadline = time.monotonic() + 20
        while session.value("SHOW statement_timeout") != "3h":
            assert time.monotonic() < deadline
    stack.delete()


def with_parameters(timeout: str) -> dict[str, Any]:
    group = {
        "Type": "AWS::RDS::DBParameterGroup",
        "Properties": {
            "Family": "postgres18",
            "Description": "of a test",
            "Parameters": {"rds.force_ssl": "1", "statement_timeout": timeout},
        },
    }
    template = master(DBInstanceIdentifier="grouped", DBParameterGroupName={"Ref": "Group"})
    return {"Resources": {**template["Resources"], "Group": group}}


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
