"""An S3 on loopback that streams what it is told to, keeps what it is given, and knows a secret."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

LOGS, STATE, PREFIX = "logs", "state", "log-processor/"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:receiver-4k1xQz"


def etag(content: bytes) -> str:
    """Return what S3 tells versions of an object apart by."""
    return sha256(content).hexdigest()[:32]


Chunks = Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class Streamed:
    """An object that is made while it is read, perhaps another way each time."""

    size: int
    chunks: Chunks


@dataclass
class S3:
    """What there is, and what has been kept."""

    objects: Mapping[str, bytes | Streamed] = field(default_factory=dict)
    """Of the bucket of logs, by their keys."""
    kept: dict[str, bytes] = field(default_factory=dict)
    """Of the bucket of states, by their keys without the prefix."""
    secret: dict[str, str] = field(default_factory=dict)
    port: int = 0

    def checkpoints(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self._below("checkpoints/")]

    def rejected(self) -> list[dict[str, Any]]:
        """Return the lines that were kept for somebody to look at."""
        texts = list(self._below("rejected/"))
        return [json.loads(line) for text in texts for line in text.splitlines()]

    def found(self, bucket: str, key: str) -> bytes | Streamed | None:
        if bucket == LOGS:
            return self.objects.get(key)
        return self.kept.get(key.removeprefix(PREFIX)) if bucket == STATE else None

    def _below(self, folder: str) -> Iterator[bytes]:
        return (self.kept[name] for name in sorted(self.kept) if name.startswith(folder))


@contextmanager
def serving(s3: S3, address: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[S3]:
    """Answer until the block's end, on a free port if no other is told."""
    server = _Server(s3, address)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    with server:
        s3.port = server.server_address[1]
        thread.start()
        try:
            yield s3
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    # A client that was killed leaves a connection that nobody closes.
    daemon_threads = True
    block_on_close = False

    def __init__(self, s3: S3, address: tuple[str, int]) -> None:
        self.s3 = s3
        super().__init__(address, _Answers)


class _Answers(BaseHTTPRequestHandler):
    """GetObject and PutObject, path style, and GetSecretValue."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        found = self.server.s3.found(*self._named())
        if found is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>None.</Message></Error>")
        elif isinstance(found, bytes):
            self._answer(200, found)
        else:
            self._begin(200, found.size, f"streamed-{found.size}")
            with suppress(OSError):  # whoever has read enough, or died, goes
                for chunk in found.chunks():
                    self.wfile.write(chunk)

    def do_PUT(self) -> None:
        bucket, key = self._named()
        content = self.rfile.read(int(self.headers["Content-Length"]))
        assert bucket == STATE
        assert key.startswith(PREFIX)
        self.server.s3.kept[key.removeprefix(PREFIX)] = content
        self._answer(200, b"")

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["X-Amz-Target"] == "secretsmanager.GetSecretValue"
        assert asked == {"SecretId": SECRET}
        said = {"ARN": SECRET, "SecretString": json.dumps(self.server.s3.secret)}
        self._answer(200, json.dumps(said).encode())

    def _named(self) -> tuple[str, str]:
        """Return bucket and key."""
        bucket, _, key = unquote(urlsplit(self.path).path[1:]).partition("/")
        return bucket, key

    def _answer(self, status: int, body: bytes) -> None:
        self._begin(status, len(body), etag(body))
        with suppress(OSError):
            self.wfile.write(body)

    def _begin(self, status: int, size: int, tag: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(size))
        self.send_header("ETag", f'"{tag}"')
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
