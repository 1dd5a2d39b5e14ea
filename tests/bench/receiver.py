"""A process that takes lines over TCP as Logstash does, and counts them.

python -m tests.bench.receiver      prints its port, then, at the end of its input, the count
"""

from __future__ import annotations

import socket
import sys
import threading


class Counter:
    """Counts newlines from connections that are read to their end, one after the other."""

    def __init__(self) -> None:
        self.lines = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        """Take connections for ever."""
        buffer = bytearray(1 << 20)
        while True:
            connection, _ = self._listener.accept()
            with connection:
                while size := connection.recv_into(buffer):
                    self.lines += buffer.count(b"\n", 0, size)


def main() -> None:
    """Say the port, and the count when nobody is going to ask for more."""
    counter = Counter()
    threading.Thread(target=counter.serve, daemon=True).start()
    print(counter.port, flush=True)
    for _ in sys.stdin:
        print(counter.lines, flush=True)


if __name__ == "__main__":
    main()
