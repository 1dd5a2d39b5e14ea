r"""Lines to a TCP receiver over one connection, and the best that plain TCP can say about them.

The protocol has no acknowledgement. What is called *drain-confirmed* here is this:

1. every line ends in a newline, since a receiver may drop or delay an unterminated tail;
2. the receiver has not closed its side before we close ours (otherwise its EOF says nothing);
3. after `shutdown(SHUT_WR)` the connection is read to EOF, and the receiver has written nothing:
   a receiver of JSON lines never does, and whoever answers is somebody else;
4. then the kernel says that our FIN was acknowledged (TCP_INFO state CLOSE or TIME_WAIT), that no
   reset came (SO_ERROR) and that nothing is left to send (SIOCOUTQ);
5. one more connection to the same address is accepted: a receiver that refuses was going down,
   and Logstash then closes cleanly without having taken everything.

It is not proof. A receiver that crashes after EOF, that drops what it has decoded, or that closes
its side by itself without reading on, in the moment between our half-close and its end, looks the
same. Steps 2 and 4 need Linux; elsewhere the EOF alone decides.

Linux replaces a socket in TIME_WAIT by a smaller one that the program no longer holds, so what
TCP_INFO shows after a clean end is CLOSE. A reset after the peer's FIN leaves CLOSE as well, and
`recv` then still returns EOF: only SO_ERROR tells (net/ipv4/tcp_input.c, tcp_reset and tcp_fin).
"""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from .errors import DeliveryError

CONNECT_SECONDS = 10.0
"""A security group drops packets silently: waiting longer for a connection helps nobody."""

Clock = Callable[[], float]

_ESTABLISHED = 1  # include/net/tcp_states.h
_TIME_WAIT = 6
_CLOSE = 7
_SIOCOUTQ = 0x5411  # include/uapi/linux/sockios.h


Address = tuple[int, tuple[Any, ...]]
"""Family and address, as the socket module has them."""

Resolve = Callable[[str, int], list[Address]]
"""From host and port to addresses, the best first."""


def _addresses(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


class Deadline:
    """A moment after which nothing is waited for."""

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Return the seconds that are left; not below zero."""
        return max(0.0, self._end - self._clock())


class Connection:
    """One connection to the receiver, opened at the first batch."""

    def __init__(
        self, host: str, port: int, deadline: Deadline, resolve: Resolve = _addresses
    ) -> None:
        self._host, self._port, self._deadline = host, port, deadline
        self._resolve = resolve
        self._socket: socket.socket | None = None

    def __enter__(self) -> Connection:
        """Nothing is opened yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close what is open."""
        if self._socket is not None:
            self._socket.close()

    def send(self, batch: bytes) -> None:
        """Send whole lines; a DeliveryError names the receiver and what went wrong."""
        if self._socket is None:
            self._socket = self._connected()
        with self._explained(f"it did not take {len(batch)} bytes in time: it has stopped reading"):
            self._socket.settimeout(self._left())
            self._socket.sendall(batch)

    def confirm(self) -> None:
        """Return if everything that was sent is drain-confirmed, else raise a DeliveryError."""
        if self._socket is None:
            return
        with self._explained("it did not close in time: it may still be reading"):
            address = self._socket.getpeername()
            self._require_open(self._socket)
            self._socket.shutdown(socket.SHUT_WR)
            self._read_to_end(self._socket)
            self._require_drained(self._socket)
        self._socket.close()
        with self._explained("it took no new connection afterwards: it may be going down"):
            self._connect(self._socket.family, address).close()

    def _connected(self) -> socket.socket:
        """Connect to the first of the host's addresses that answers."""
        with self._explained("no connection: a firewall or a route is missing"):
            *others, last = self._resolve(self._host, self._port)
            for family, address in others:
                try:
                    return self._connect(family, address)
                except OSError:
                    continue
            return self._connect(*last)

    def _connect(self, family: int, address: tuple[Any, ...]) -> socket.socket:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(min(self._left(), CONNECT_SECONDS))
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            connection.close()
            raise
        return connection

    def _require_open(self, connection: socket.socket) -> None:
        if sys.platform == "linux" and _state(connection) != _ESTABLISHED:
            raise self._error("it closed the connection before everything was sent")

    def _read_to_end(self, connection: socket.socket) -> None:
        connection.settimeout(self._left())
        if connection.recv(1):
            raise self._error("it answered, which a receiver of JSON lines never does")

    def _require_drained(self, connection: socket.socket) -> None:
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        if sys.platform == "linux":
            if _state(connection) not in (_CLOSE, _TIME_WAIT) or _unsent_bytes(connection):
                raise self._error("it closed the connection before it had taken everything")

    def _left(self) -> float:
        left = self._deadline.left()
        if not left:
            raise TimeoutError
        return left

    @contextmanager
    def _explained(self, timeout: str) -> Iterator[None]:
        """Turn every error of a socket into one that names the receiver."""
        try:
            yield
        except TimeoutError as error:
            raise self._error(timeout) from error
        except OSError as error:
            raise self._error(_explanation(error)) from error
        except UnicodeError as error:
            raise self._error(f"the host name is not valid: {error}") from error

    def _error(self, what: str) -> DeliveryError:
        return DeliveryError(f"{self._host}:{self._port}: {what}")


def _explanation(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"the host name cannot be resolved: {error.strerror}"
    if error.errno in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN):
        return f"it broke the connection off: {error.strerror}"
    return str(error.strerror or error)


if sys.platform == "linux":
    import fcntl

    def _state(connection: socket.socket) -> int:
        """Return the connection's state: the first byte of struct tcp_info."""
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]

    def _unsent_bytes(connection: socket.socket) -> int:
        """Return the bytes that the peer's kernel has not acknowledged."""
        queued = fcntl.ioctl(connection, _SIOCOUTQ, bytes(4))
        return int.from_bytes(queued, sys.byteorder)
