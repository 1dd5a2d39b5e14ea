"""A process that answers GetObject as S3 does, with objects that are made while they are read.

python -m tests.bench.s3      prints its port; the key names the size: alb-1048576.log
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.bench import samples

BLOCK_LINES = 5_000


def content(lines: int) -> Iterator[bytes]:
    """Yield this many ALB lines, the same block again and again."""
    block = [f"{line}\n" for line in samples.alb(BLOCK_LINES)]
    whole = "".join(block).encode()
    for _ in range(lines // BLOCK_LINES):
        yield whole
    yield "".join(block[: lines % BLOCK_LINES]).encode()


class Handler(BaseHTTPRequestHandler):
    """Gives objects, and takes what is put without keeping it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Give an object, or say that there is none."""
        named = re.search(r"-([0-9]+)\.log", self.path)
        if named is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        lines = int(named.group(1))
        self.send_response(200)
        self.send_header("Content-Length", str(sum(map(len, content(lines)))))
        self.send_header("ETag", '"0123456789abcdef0123456789abcdef"')
        self.end_headers()
        for block in content(lines):
            self.wfile.write(block)

    def do_PUT(self) -> None:
        """Take an object."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._answer(200, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve for ever."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
