"""TLS for a PostgreSQL that was built without it: what its own TLS port would say and accept.

A client asks for TLS before anything else, in a message of its own:
https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.local.authority import Identity

_TLS_WANTED, _GSS_WANTED = 80877103, 80877104
_LONGEST_START = 10_000
"""As in the server: https://github.com/postgres/postgres/blob/master/src/include/libpq/pqcomm.h"""
_CHUNK = 64 * 1024
_PATIENCE_SECONDS = 20.0


@contextmanager
def running(listener: socket.socket, behind: Path, identity: Identity) -> Iterator[None]:
    """Answer on a listening socket, for the server behind a Unix socket, until the block's end."""
    context = _context(identity)
    done = threading.Event()
    accepting = threading.Thread(
        target=_accept, args=(listener, behind, context, done), daemon=True, name="tls-front"
    )
    accepting.start()
    try:
        yield
    finally:
        done.set()
        accepting.join()


def _context(identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        certificate.write_text(identity.certificate)
        key.touch(0o600)
        key.write_text(identity.key)
        context.load_cert_chain(certificate, key)
    return context


def _accept(
    listener: socket.socket, behind: Path, context: ssl.SSLContext, done: threading.Event
) -> None:
    while not done.is_set():
        if not select.select([listener], [], [], 0.05)[0]:
            continue
        client, _ = listener.accept()
        threading.Thread(
            target=_serve, args=(client, behind, context, done), daemon=True, name="tls-front"
        ).start()


def _serve(
    client: socket.socket, behind: Path, context: ssl.SSLContext, done: threading.Event
) -> None:
    # A client that goes away or speaks something else ends its own connection alone.
    with suppress(OSError, EOFError, struct.error), client:
        client.settimeout(_PATIENCE_SECONDS)
        if not _wants_tls(client):
            return
        with (
            context.wrap_socket(client, server_side=True) as tls,
            socket.socket(socket.AF_UNIX) as server,
        ):
            tls.settimeout(None)
            server.connect(str(behind))
            _relay(tls, server, done)


def _wants_tls(client: socket.socket) -> bool:
    """Read the first message; whoever does not ask for TLS is told that it is needed."""
    while True:
        length, code = struct.unpack("!II", _exactly(client, 8))
        if code == _TLS_WANTED:
            client.sendall(b"S")
            return True
        if code != _GSS_WANTED:
            _exactly(client, min(length, _LONGEST_START) - 8)
            client.sendall(_refusal(client.getpeername()[0]))
            return False
        client.sendall(b"N")


def _exactly(client: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = client.recv(count - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def _refusal(host: str) -> bytes:
    said = f'no pg_hba.conf entry for host "{host}", no encryption'
    fields = (b"SFATAL", b"VFATAL", b"C28000", b"M" + said.encode(), b"")
    body = b"".join(field + b"\0" for field in fields)
    return b"E" + struct.pack("!I", len(body) + 4) + body


def _relay(tls: ssl.SSLSocket, server: socket.socket, done: threading.Event) -> None:
    """Pass on what either says, until either ends."""
    other = {tls: server, server: tls}
    while not done.is_set():
        ready = [tls] if tls.pending() else select.select([tls, server], [], [], 0.5)[0]
        for end in ready:
            content = end.recv(_CHUNK)
            if not content:
                return
            other[end].sendall(content)
