"""Receivers of lines on real sockets: one that behaves, and many that do not."""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.conftest import reserved_port

SMALL = 4096
"""A receive buffer that is full soon, whatever sizes this machine usually gives."""


class StandIn:
    """A listener on loopback that treats the connections one after the other as told.

    The last behaviour is for all further connections as well.
    """

    def __init__(self, behaviours: tuple[Behaviour, ...], port: int, buffer: int | None) -> None:
        self._behaviours = behaviours
        self._buffer = buffer
        self.received: list[bytes] = []
        """What came over each connection that sent something to its end."""
        self.lines: list[bytes] = []
        """Every whole line that was read, over whichever connection."""
        self.accepted = 0
        self.over = threading.Event()
        """Set when the test is over: what a receiver that hangs waits for."""
        self.acted = threading.Event()
        """For behaviours and tests to wait for each other."""
        self.served = 0
        """How many connections have been treated and closed."""
        self._threads: list[threading.Thread] = []
        self.port = port
        self.listen()

    def listen(self) -> None:
        """Accept connections, also again after `stop_listening`."""
        self.listener = socket.create_server(("127.0.0.1", self.port))
        if self._buffer is not None:
            # Every connection that is accepted takes it over.
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer)
        self.port = self.listener.getsockname()[1]
        self._start(self._accept, self.listener)

    def stop_listening(self) -> None:
        """Refuse connections from now on, also while another thread is in accept()."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def stop(self) -> None:
        self.over.set()
        self.acted.set()  # for a behaviour whose test ended before it could say so
        self.stop_listening()
        for thread in self._threads:
            thread.join()

    def drain(self, connection: socket.socket) -> None:
        """Read to the end, as Logstash does."""
        content = self.take(connection)
        if content:
            self.received.append(content)

    def take(
        self, connection: socket.socket, limit: int | None = None, size: int = 65_536
    ) -> bytes:
        """Read to the end or to so many bytes, and count the whole lines."""
        content, counted = bytearray(), 0
        while limit is None or len(content) < limit:
            chunk = connection.recv(size if limit is None else min(size, limit - len(content)))
            if not chunk:
                break
            content += chunk
            end = content.rfind(b"\n") + 1
            if end > counted:
                self.lines += bytes(content[counted:end]).splitlines(keepends=True)
                counted = end
        return bytes(content)

    def wait_until(self, happened: Callable[[], bool]) -> None:
        """Wait for what the receiver does by itself; a test that waits in vain fails."""
        for _ in range(6_000):
            if happened():
                return
            self.over.wait(0.01)
        raise AssertionError("what was waited for has not happened")

    def _start(self, act: Callable[[socket.socket], None], with_socket: socket.socket) -> None:
        thread = threading.Thread(target=act, args=(with_socket,))
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        number, self.accepted = self.accepted, self.accepted + 1
        with connection, suppress(OSError):
            self._behaviours[min(number, len(self._behaviours) - 1)](self, connection)
        self.served += 1


Behaviour = Callable[[StandIn, socket.socket], None]


@contextmanager
def receiving(*behaviours: Behaviour, buffer: int | None = None) -> Iterator[StandIn]:
    """Run a receiver until the block's end; nobody else gets its port when it stops before."""
    with reserved_port() as port:
        # Elsewhere nobody may listen on a port that is bound.
        told = port if sys.platform == "linux" else 0
        receiver = StandIn(behaviours or (StandIn.drain,), told, buffer)
        try:
            yield receiver
        finally:
            receiver.stop()


def over_tls(context: ssl.SSLContext, behaviour: Behaviour) -> Behaviour:
    """Behave like this inside TLS, and close it as rsyslog does: without a word."""

    def behave(receiver: StandIn, connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            behaviour(receiver, secure)

    return behave


def reset(connection: socket.socket) -> None:
    """Break the connection off with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
