"""Real PostgreSQL servers on this machine: a primary and streaming standbys, as RDS sets them up.

They listen on 127.0.0.1, on a free port, speak TLS alone and want SCRAM; their superuser
`rdsadmin` is reached through a Unix socket only. Root starts them as another user, since PostgreSQL
refuses root. Nothing of a server is left after its block, or after the process that started it.
"""

from __future__ import annotations

import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from infra.local import guard, tls_front
from infra.local.account import Account, PostgresqlError, surroundings, unprivileged
from infra.local.authority import Identity
from infra.local.postgresql_installation import Installation, copied

SUPERUSER = "rdsadmin"
HOST = "127.0.0.1"

_READY_WITHIN = 60.0
_LINE_OF_STATUS = 7
"""Of postmaster.pid: https://github.com/postgres/postgres/blob/master/src/include/utils/pidfile.h"""

_ACCESS = f"""
local replication {SUPERUSER} scram-sha-256
local all all scram-sha-256
hostssl all {SUPERUSER} all reject
hostssl all all {HOST}/32 scram-sha-256
"""

_SETTINGS = {
    "fsync": "off",
    "log_connections": "on",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_statement": "all",
    "max_connections": "60",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "16MB",
    "wal_keep_size": "128MB",
}


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    installation: Installation
    account: Account
    home: Path
    port: int
    identity: Identity = field(repr=False)
    password: str = field(repr=False)
    """Of SUPERUSER."""

    host = HOST

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.home / "data"

    def run(self, *statements: str, database: str = "postgres") -> str:
        """Run statements as SUPERUSER; what they return, as psql prints it without frames.

        Each is a transaction of its own; several in one text are one.
        """
        psql = (self.installation.programs / "psql", "-X", "-q", "-A", "-t")
        each = (part for statement in statements for part in ("-c", statement))
        options = ("-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse", *each)
        return self.account.run(
            *psql, *options, *self.socket_options, "-d", database, PGPASSWORD=self.password
        ).rstrip("\n")

    @property
    def socket_options(self) -> tuple[str, ...]:
        """How PostgreSQL's own programs reach it."""
        return ("-h", str(self.home), "-p", str(self.port), "-U", SUPERUSER)

    def log(self) -> str:
        """All that it has logged."""
        return (self.home / guard.LOG_NAME).read_text(errors="replace")

    def wait_for(self, standby: Server) -> None:
        """Wait until a standby has replayed all that is committed here."""
        here = self.run("SELECT pg_current_wal_insert_lsn()")
        deadline = time.monotonic() + _READY_WITHIN
        while standby.run(f"SELECT pg_last_wal_replay_lsn() >= '{here}'") != "t":
            if time.monotonic() > deadline:
                raise PostgresqlError(f"the standby does not follow:\n{_end_of(standby.log())}")
            time.sleep(0.01)


@contextmanager
def primary(
    installation: Installation,
    identity: Identity,
    settings: Mapping[str, str] | None = None,
    *,
    place: Path | None = None,
) -> Iterator[Server]:
    """An empty server, which has nothing but SUPERUSER; its folder is in `place` if it can be."""
    with _planned(installation, identity, secrets.token_hex(16), place) as server:
        initial = server.home / "password"
        server.account.write(initial, server.password)
        server.account.run(
            server.installation.programs / "initdb",
            *("-D", server.data, "-U", SUPERUSER, "--pwfile", initial),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"),
        )
        initial.unlink()
        with _running(server, settings or {}):
            yield server


@contextmanager
def standby(
    source: Server, identity: Identity, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server that follows another, and answers what only reads."""
    beside = source.home.parent
    with _planned(source.installation, identity, source.password, beside) as server:
        server.account.run(
            server.installation.programs / "pg_basebackup",
            *("-D", server.data, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"),
            *source.socket_options,
            PGPASSWORD=source.password,
        )
        with _running(server, settings or {}):
            yield server


@contextmanager
def _planned(
    installation: Installation, identity: Identity, password: str, place: Path | None
) -> Iterator[Server]:
    """A server's folder and port, before there is a server."""
    account = unprivileged()
    home = Path(tempfile.mkdtemp(prefix="infra-postgresql-", dir=account.place(place)))
    try:
        account.own(home)
        with _reserved_port() as port:
            here = _within_reach(installation, account, home)
            yield Server(here, account, home, port, identity, password)
    finally:
        # The guard has done this, if there was one.
        shutil.rmtree(home, ignore_errors=True)


def _within_reach(installation: Installation, account: Account, home: Path) -> Installation:
    """The programs, or a copy of them where the account may not enter their folder."""
    if account.can_enter(installation.programs):
        return installation
    return copied(installation, home / "copy")


@contextmanager
def _reserved_port() -> Iterator[int]:
    """A port that nobody else is given: bound, not listened on, and servers may reuse it."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, 0))
        yield bound.getsockname()[1]


@contextmanager
def _running(server: Server, settings: Mapping[str, str]) -> Iterator[None]:
    own_tls = _has_tls(server)
    configure(server, _all_of(server, settings))
    with ExitStack() as stack:
        process = stack.enter_context(_guarded(server))
        _wait_until_ready(server, process)
        if not own_tls:
            listener = stack.enter_context(_listening(server.port))
            behind = server.home / f".s.PGSQL.{server.port}"
            stack.enter_context(tls_front.running(listener, behind, server.identity))
        yield


def reconfigure(server: Server, settings: Mapping[str, str]) -> None:
    """Give a server that runs other settings; those that need a new start wait for it."""
    configure(server, _all_of(server, settings))
    server.run("SELECT pg_reload_conf()")


def configure(server: Server, settings: Mapping[str, str]) -> None:
    """Write its configuration and who may connect."""
    quoted = {name: value.replace("'", "''") for name, value in settings.items()}
    lines = "".join(f"{name} = '{value}'\n" for name, value in quoted.items())
    server.account.write(server.data / "postgresql.conf", lines)
    server.account.write(server.data / "pg_hba.conf", _ACCESS)


def _all_of(server: Server, settings: Mapping[str, str]) -> dict[str, str]:
    return _SETTINGS | _places(server, own_tls=_has_tls(server)) | dict(settings)


def _has_tls(server: Server) -> bool:
    program = server.installation.programs / "postgres"
    return server.account.run(program, "-D", server.data, "-C", "ssl_library").strip() != ""


def _places(server: Server, *, own_tls: bool) -> dict[str, str]:
    places = {
        "listen_addresses": HOST if own_tls else "",
        "port": str(server.port),
        "unix_socket_directories": str(server.home),
    }
    if not own_tls:
        return places
    server.account.write(server.home / "server.crt", server.identity.certificate)
    server.account.write(server.home / "server.key", server.identity.key)
    return places | {
        "ssl": "on",
        "ssl_cert_file": str(server.home / "server.crt"),
        "ssl_key_file": str(server.home / "server.key"),
    }


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.create_server((HOST, port), backlog=64) as listener:
        yield listener


@contextmanager
def _guarded(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    """The server, behind a guard that ends it when its standard input closes."""
    program = server.installation.programs / "postgres"
    ids = (server.account.uid, server.account.gid)
    who = (*(str(guard.AS_WE_ARE if each is None else each) for each in ids), str(server.home))
    process = subprocess.Popen(  # noqa: S603 - our own guard
        [sys.executable, "-I", guard.__file__, *who, str(program), "-D", str(server.data)],
        env=surroundings(),
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    assert process.stdout is not None
    while not _is_ready(server.data):
        ended = bool(select.select([process.stdout], [], [], 0.01)[0])
        if ended or time.monotonic() > deadline:
            what = "ended while starting" if ended else f"was not ready in {_READY_WITHIN:.0f} s"
            raise PostgresqlError(f"PostgreSQL {what}:\n{_end_of(server.log())}")


def _is_ready(data: Path) -> bool:
    """Whether it takes connections, which it writes down itself."""
    with suppress(OSError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        return len(lines) > _LINE_OF_STATUS and lines[_LINE_OF_STATUS].strip() == "ready"
    return False


def _end_of(log: str) -> str:
    return "\n".join(log.splitlines()[-20:]) or "(it logged nothing)"
