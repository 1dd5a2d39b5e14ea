"""Names to addresses, addresses to connections, and connections whose every wait is bounded."""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from .attempts import AttemptError, explained
from .deadline import Patience
from .target import Endpoint

CONNECT_SECONDS = 10.0
"""A security group drops packets silently: waiting longer for a connection helps nobody."""

Address = tuple[int, tuple[Any, ...]]
"""Family and address, as the socket module has them."""

Resolve = Callable[[str, int], list[Address]]
"""From host and port to addresses, the best first."""

_ESTABLISHED = 1  # include/net/tcp_states.h
_TIME_WAIT = 6
_CLOSE = 7
_SIOCOUTQ = 0x5411  # include/uapi/linux/sockios.h


def resolve(host: str, port: int) -> list[Address]:
    """Return the host's addresses in the system's order; its resolver has a timeout of its own."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def connected(address: Address, patience: Patience) -> socket.socket:
    """Return a new connection that sends at once what it is given."""
    family, where = address
    with explained(
        "no connection: packets are dropped on the way; check its security group, "
        "the network ACLs and the routes of both sides"
    ):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(min(CONNECT_SECONDS, patience.seconds()))
            connection.connect(where)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            connection.close()
            raise
    return connection


def shown(endpoint: Endpoint, address: Address) -> str:
    """Return the endpoint for a message, with the address where that says more."""
    numeric = address[1][0]
    return str(endpoint) if numeric == endpoint.host else f"{endpoint} ({numeric})"


class Stream:
    """A connection; each call waits only as long as nothing moves and patience lasts."""

    def __init__(self, connection: socket.socket, patience: Patience) -> None:
        self._socket = connection
        self._patience = patience

    def send(self, data: bytes) -> None:
        """Hand everything to the kernel."""
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(self._patience.seconds())
            rest = rest[self._socket.send(rest) :]

    def receive(self) -> bytes:
        """Wait for some bytes; nothing is the end."""
        self._socket.settimeout(self._patience.seconds())
        return self._socket.recv(4096)

    def receive_while_moving(self) -> bytes:
        """Receive, and wait anew as long as the peer's kernel takes more and has not all."""
        unsent = self._unsent_bytes()
        while True:
            try:
                return self.receive()
            except TimeoutError:
                before, unsent = unsent, self._unsent_bytes()
                if not 0 < unsent < before:
                    raise

    def arrived(self) -> bytes | None:
        """Return what is there without waiting; None for nothing, nothing for the end."""
        self._patience.seconds()  # who never stops to send is not listened to beyond the deadline
        self._socket.settimeout(0)
        try:
            return self._socket.recv(4096)
        except BlockingIOError:
            return None

    def has_ended(self) -> bool:
        """Whether the peer has closed its side or broken the connection off, as far as is known."""
        return sys.platform == "linux" and _state(self._socket) != _ESTABLISHED

    def finish(self) -> None:
        """Close our side, so that the peer comes to an end when it has read everything."""
        self._socket.shutdown(socket.SHUT_WR)

    def read_to_end(self) -> None:
        """Wait for the peer's end, which must be all that comes, as long as the peer takes more."""
        if self.receive_while_moving():
            raise AttemptError(
                "it answered, which a receiver of JSON lines never does: another service "
                "listens on this port",
                permanent=True,
            )

    def require_drained(self) -> None:
        """Raise if the kernel knows that not everything has been taken; only after the end."""
        code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        if sys.platform == "linux":
            if _state(self._socket) not in (_CLOSE, _TIME_WAIT) or self._unsent_bytes():
                raise AttemptError("it closed the connection before it had taken everything")

    def _unsent_bytes(self) -> int:
        """Return the bytes that are known not to have been acknowledged."""
        return _unsent_bytes(self._socket) if sys.platform == "linux" else 0

    def close(self) -> None:
        """Close it properly."""
        self._socket.close()

    def abort(self) -> None:
        """Break it off: what the kernels still hold will be sent again, and need not arrive."""
        if self._socket.fileno() >= 0:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


if sys.platform == "linux":
    import fcntl

    def _state(connection: socket.socket) -> int:
        """Return the connection's state: the first byte of struct tcp_info."""
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]

    def _unsent_bytes(connection: socket.socket) -> int:
        """Return the bytes that the peer's kernel has not acknowledged."""
        queued = fcntl.ioctl(connection, _SIOCOUTQ, bytes(4))
        return int.from_bytes(queued, sys.byteorder)
