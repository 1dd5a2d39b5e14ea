"""Receivers of lines on real sockets: one that behaves, and many that do not."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.conftest import reserved_port

SMALL = 4096
"""A receive buffer that is full soon, whatever sizes this machine usually gives."""


class Receiver:
    """A listener on loopback that treats each connection as `behaviour` says."""

    def __init__(
        self, behaviour: Callable[[Receiver, socket.socket], None], port: int, buffer: int | None
    ) -> None:
        self._behaviour = behaviour
        self.listener = socket.create_server(("127.0.0.1", port))
        if buffer is not None:
            # Every connection that is accepted takes it over.
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.port: int = self.listener.getsockname()[1]
        self.received: list[bytes] = []
        """What came over each connection that sent something."""
        self.over = threading.Event()
        """Set when the test is over: what a receiver that hangs waits for."""
        self.acted = threading.Event()
        """For behaviours and tests to wait for each other."""
        self.served = threading.Event()
        """Set when a connection has been treated and closed."""
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)

    def start(self) -> None:
        self._accepting.start()

    def stop(self) -> None:
        self.over.set()
        self.acted.set()  # for a behaviour whose test ended before it could say so
        self.stop_listening()
        self._accepting.join()
        for thread in self._threads:
            thread.join()

    def stop_listening(self) -> None:
        """Refuse connections from now on, also while another thread is in accept()."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def drain(self, connection: socket.socket) -> None:
        """Read to the end, as Logstash does."""
        content = bytearray()
        while chunk := connection.recv(65_536):
            content += chunk
        if content:
            self.received.append(bytes(content))

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._behaviour(self, connection)
        self.served.set()


@contextmanager
def receiving(
    behaviour: Callable[[Receiver, socket.socket], None] = Receiver.drain,
    buffer: int | None = None,
) -> Iterator[Receiver]:
    """Run a receiver until the block's end; nobody else gets its port when it stops before."""
    with reserved_port() as port:
        # Elsewhere nobody may listen on a port that is bound.
        receiver = Receiver(behaviour, port if sys.platform == "linux" else 0, buffer)
        receiver.start()
        try:
            yield receiver
        finally:
            receiver.stop()


def reset(connection: socket.socket) -> None:
    """Break the connection off with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
