"""An AWS of a few lines that speaks its protocols, for the command as a user runs it.

It knows stacks and functions; what it is asked of functions it remembers.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import pytest

_FORMATION = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


@dataclass(frozen=True)
class Refusal:
    """What a call is refused with."""

    code: str
    message: str
    status: int = 400


@dataclass
class AwsServer:
    """What there is in the account."""

    url: str = ""
    stacks: dict[str, dict[str, str]] = field(default_factory=dict)
    """Outputs by stack."""
    answers: dict[str, Any] = field(default_factory=dict)
    """By function: what it answers, or what makes that of the event. An exception makes it fail
    with that, and a Refusal refuses the call."""
    invoked: list[tuple[str, Any]] = field(default_factory=list)

    def described(self, name: str) -> str | Refusal:
        if name not in self.stacks:
            return Refusal("ValidationError", f"Stack with id {name} does not exist")
        outputs = "".join(
            f"<member><OutputKey>{key}</OutputKey><OutputValue>{escape(value)}</OutputValue>"
            f"<Description>What {key} is</Description></member>"
            for key, value in self.stacks[name].items()
        )
        return (
            f'<DescribeStacksResponse xmlns="{_FORMATION}"><DescribeStacksResult><Stacks><member>'
            f"<StackName>{name}</StackName><StackStatus>CREATE_COMPLETE</StackStatus>"
            f"<CreationTime>2026-11-24T00:00:00Z</CreationTime><Outputs>{outputs}</Outputs>"
            "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
        )


class _Handler(BaseHTTPRequestHandler):
    @property
    def here(self) -> AwsServer:
        assert isinstance(self.server, _Server)
        return self.server.here

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/invocations"):
            self._invoke(self.path.split("/")[-2], json.loads(body))
        else:
            self._describe(parse_qs(body.decode()))

    def _describe(self, asked: dict[str, list[str]]) -> None:
        assert asked["Action"] == ["DescribeStacks"]
        match self.here.described(asked["StackName"][0]):
            case Refusal(code, message, status):
                error = f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
                text = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
                self._say(status, text, {"Content-Type": "text/xml"})
            case text:
                self._say(200, text, {"Content-Type": "text/xml"})

    def _invoke(self, name: str, event: Any) -> None:
        self.here.invoked.append((name, event))
        match self.here.answers[name]:
            case Refusal(code, message, status):
                said = {"Type": "User", "Message": message}
                self._say(status, json.dumps(said), {"x-amzn-ErrorType": code})
            case Exception() as error:
                said = {"errorMessage": str(error), "errorType": type(error).__name__}
                self._say(200, json.dumps(said), {"X-Amz-Function-Error": "Unhandled"})
            case answer:
                said = answer(event) if callable(answer) else answer
                self._say(200, json.dumps(said), {})

    def _say(self, status: int, text: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    here: AwsServer


@contextmanager
def aws_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    """Serve until the block's end, to whoever has any credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.here = AwsServer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.here
        finally:
            server.shutdown()
            thread.join()
