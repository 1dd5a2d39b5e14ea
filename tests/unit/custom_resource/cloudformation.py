"""CloudFormation's side: requests, the presigned URL that takes the answer, and the invocation."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/dev-log-processor/1c2fa620-982a-11e3"
REQUEST_ID = "4c3f1b62-6a25-4f8f-a8ae-2a9a5f2d0c11"
SIGNATURE = "X-Amz-Signature=f00dfeed"


@dataclass
class Invocation:
    """Lambda's context object."""

    seconds: float = 60.0
    aws_request_id: str = "invocation-1"
    log_group_name: str = "dev-NotifierLogGroup"
    log_stream_name: str = "2026/11/24/[$LATEST]0123456789abcdef"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass
class PresignedUrl:
    """A server that takes answers; `behaviours` are for the first requests, then each gets 200.

    A number is the HTTP status, `close` breaks off before one, `hang` gives one after `patience`.
    """

    behaviours: list[int | str] = field(default_factory=list)
    patience: float = 0.5
    received: list[tuple[bytes, str | None]] = field(default_factory=list)
    """Bodies and their content types, whatever became of them."""
    taken: list[dict[str, Any]] = field(default_factory=list)
    """What was answered with 200."""
    url: str = ""

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.received.append((body, handler.headers["Content-Type"]))
        behaviour = self.behaviours.pop(0) if self.behaviours else 200
        if behaviour == "close":
            return
        if behaviour == "hang":
            time.sleep(self.patience)
        status = behaviour if isinstance(behaviour, int) else 200
        if status == 200:
            self.taken.append(json.loads(body))
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


@contextmanager
def presigned(*behaviours: int | str, patience: float = 0.5) -> Iterator[PresignedUrl]:
    """A presigned URL for the time of the block."""
    here = PresignedUrl(list(behaviours), patience)

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            # A client that has given up is no error of ours.
            try:
                here.take(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False
        block_on_close = True

        def handle_error(self, *_args: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        here.url = f"http://127.0.0.1:{server.server_port}/answer?{SIGNATURE}"
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()


def event(type_: str, url: str, properties: object = None, **members: Any) -> dict[str, Any]:
    """Return a request as Lambda gets it."""
    usual: dict[str, Any] = {
        "RequestType": type_,
        "RequestId": REQUEST_ID,
        "ResponseURL": url,
        "ResourceType": "Custom::Example",
        "LogicalResourceId": "Example",
        "StackId": STACK,
        "ResourceProperties": {"ServiceToken": "arn"} if properties is None else properties,
    }
    if type_ != "Create":
        usual["PhysicalResourceId"] = "thing-1"
    return usual | members


def succeeded(physical_id: str, data: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """Return the answer to a request that was carried out."""
    return {
        "Status": "SUCCESS",
        "PhysicalResourceId": physical_id,
        "StackId": STACK,
        "RequestId": REQUEST_ID,
        "LogicalResourceId": "Example",
        "NoEcho": False,
        "Data": data or {},
    } | more


WHERE = " (log group dev-NotifierLogGroup, stream 2026/11/24/[$LATEST]0123456789abcdef)"


def failed(physical_id: str, reason: str) -> dict[str, Any]:
    """Return the answer to a request that was not."""
    return {
        "Status": "FAILED",
        "PhysicalResourceId": physical_id,
        "StackId": STACK,
        "RequestId": REQUEST_ID,
        "LogicalResourceId": "Example",
        "Reason": reason + WHERE,
    }


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was written to stdout since the last time."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
