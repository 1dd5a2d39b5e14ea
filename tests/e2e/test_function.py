"""The packaged function as AWS runs it: zip, runtime client, HTTP to S3, TCP to a receiver."""

from __future__ import annotations

import gzip
import io
import json
import os
import socketserver
import sys
import threading
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote_plus, unquote, urlsplit

import pytest

from infra.packaging import package
from tests.conftest import reserved_port

from .processes import running, wait_until, wait_until_listening
from .samples import ALB_KEY, ALB_LINE, CLASSIC_KEY, CLASSIC_LINE, STATIC
from .tools import runtime_interface_emulator

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS's runtime interface emulator runs on Linux only"
)


class Objects(BaseHTTPRequestHandler):
    """S3's GetObject, path style."""

    protocol_version = "HTTP/1.1"
    content: ClassVar[Mapping[str, bytes]] = {
        f"/logs/{CLASSIC_KEY}": f"{CLASSIC_LINE}\n\n{CLASSIC_LINE}".encode(),
        f"/logs/{ALB_KEY}": gzip.compress(f"{ALB_LINE}\n".encode() * 10_000),
    }

    def do_GET(self) -> None:
        """Answer with the object or with S3's error."""
        body = self.content.get(unquote(urlsplit(self.path).path))
        status = 404 if body is None else 200
        answer = b"<Error><Code>NoSuchKey</Code></Error>" if body is None else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class says so
        """Say nothing."""


class Lines(socketserver.ThreadingTCPServer):
    """A receiver that keeps the lines of each connection."""

    def __init__(self) -> None:
        self.received: list[list[dict[str, Any]]] = []
        super().__init__(("127.0.0.1", 0), KeepLines)


class KeepLines(socketserver.StreamRequestHandler):
    """One connection."""

    server: Lines

    def handle(self) -> None:
        """Read to the end."""
        lines = [json.loads(line) for line in self.rfile]
        if lines:
            self.server.received.append(lines)


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    """Serve in a thread; yields the port."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module", autouse=True)
def _available() -> None:
    """Asks once for the emulator, which may have to be fetched, and not once a test."""
    runtime_interface_emulator()


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The function's zip, unpacked as Lambda does it."""
    folder = tmp_path_factory.mktemp("task")
    content = package("log_processor", bucket="artifacts").content
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
    return folder


@pytest.fixture(scope="module")
def s3() -> Iterator[int]:
    """The port of an S3 that knows two objects."""
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Objects)) as port:
        yield port


class Function:
    """A function that can be invoked."""

    def __init__(self, port: int, log: Path) -> None:
        self._url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        self._log = log
        # Whatever proxy the machine has, it leads nowhere near its loopback.
        self._direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __call__(self, event: object) -> Any:
        """Return what the function answers."""
        request = urllib.request.Request(self._url, json.dumps(event).encode())
        with self._direct.open(request, timeout=60) as answer:
            return json.load(answer)

    @property
    def summaries(self) -> list[dict[str, Any]]:
        """The log lines of objects; the emulator writes lines of its own around them."""
        lines = self._log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith('{"timestamp"')]


@contextmanager
def function(code: Path, s3: int, receiver: int, log: Path) -> Iterator[Function]:
    """Run the function under AWS's emulator and runtime client until the block's end."""
    with reserved_port() as port, reserved_port() as internal_port:
        command = [
            str(runtime_interface_emulator()),
            "--runtime-interface-emulator-address",
            f"127.0.0.1:{port}",
            "--runtime-api-address",
            f"127.0.0.1:{internal_port}",
            sys.executable,
            "-m",
            "awslambdaric",
            "log_processor.handler.handle",
        ]
        with running(command, environment(code, s3, receiver), log) as emulator:
            wait_until_listening(emulator, port, log)
            yield Function(port, log)


def environment(code: Path, s3: int, receiver: int) -> dict[str, str]:
    """Return the variables of the function, and none that would reach anything else."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(code),
        "LAMBDA_TASK_ROOT": str(code),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "20",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{s3}",
        "LOGSTASH_HOST": "127.0.0.1",
        "LOGSTASH_PORT": str(receiver),
        "EVENT_COMPONENT": STATIC["Component"],
        "EVENT_SOURCE_MODULE_NAME": STATIC["SourceModuleName"],
        "EVENT_ENVIRONMENT": STATIC["Environment"],
        "EVENT_APPLICATION": STATIC["Application"],
        "EVENT_TYPE": STATIC["Type"],
    }


def message(message_id: str, key: str) -> dict[str, Any]:
    """Return a message as SQS hands it to Lambda, with a notification as S3 writes it."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": "2026-08-01T23:40:01.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "logs",
            "bucket": {"name": "logs", "arn": "arn:aws:s3:::logs"},
            "object": {"key": quote_plus(key, safe="/"), "size": 1, "sequencer": "0055AED6"},
        },
    }
    return {
        "messageId": message_id,
        "receiptHandle": "AQEB",
        "body": json.dumps({"Records": [record]}),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:logs",
        "awsRegion": "eu-west-1",
    }


def test_a_batch_is_delivered_and_what_failed_is_handed_back(
    code: Path, s3: int, tmp_path: Path
) -> None:
    """Classic and gzip objects arrive whole; a missing object fails its message alone."""
    batch = [message("1", CLASSIC_KEY), message("2", "missing"), message("3", ALB_KEY)]
    lines = Lines()
    with serving(lines) as port, function(code, s3, port, tmp_path / "log") as invoke:
        answers = [invoke({"Records": batch}) for _ in range(2)]
        summaries = invoke.summaries
    assert answers == [{"batchItemFailures": [{"itemIdentifier": "2"}]}] * 2
    assert list(map(len, lines.received)) == [2, 10_000] * 2
    classic, alb = lines.received[0][0], lines.received[1][0]
    assert [classic["TimeTaken"], classic["TimeToForwardResponse"]] == [1.048, None]
    assert [alb["Status"], alb["DomainName"], alb["IpAddress"]] == ["460", "*", None]
    assert {key: alb[key] for key in STATIC} == {key: classic[key] for key in STATIC} == STATIC
    shown = ("key", "outcome", "kind", "read", "delivered", "rejected", "unconfirmed")
    assert [tuple(summary[name] for name in shown) for summary in summaries] == [
        (CLASSIC_KEY, "delivered", "classic", 3, 2, 1, 0),
        ("missing", "failed", "unknown", 0, 0, 0, 0),
        (ALB_KEY, "delivered", "alb", 10_000, 10_000, 0, 0),
    ] * 2


def test_a_receiver_that_refuses_hands_the_message_back(
    code: Path, s3: int, refused_port: int, tmp_path: Path
) -> None:
    """Nothing is lost: SQS delivers the message again."""
    with function(code, s3, refused_port, tmp_path / "log") as invoke:
        answer = invoke({"Records": [message("1", ALB_KEY)]})
        [summary] = invoke.summaries
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert summary["error"] == f"127.0.0.1:{refused_port}: Connection refused"
    assert summary["delivered"] == 0


def test_the_emulator_leaves_no_process_behind(
    code: Path, s3: int, refused_port: int, tmp_path: Path
) -> None:
    """The runtime that it starts is in its process group and ends with it."""
    with function(code, s3, refused_port, tmp_path / "log") as invoke:
        invoke({"Records": []})
        assert is_running(code)
    wait_until(lambda: not is_running(code), "all processes end", tmp_path / "log")


def is_running(code: Path) -> bool:
    """Whether any process has the code's folder in its environment."""
    return any(f"LAMBDA_TASK_ROOT={code}" in text for text in environments())


def environments() -> list[str]:
    """Return the environments of all running processes that we may look at."""
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            found.append(file.read_text(errors="replace"))
        except OSError:
            continue
    return found
