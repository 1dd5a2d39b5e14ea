"""What the tests of whole invocations share: events, services on loopback, and the log."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote_plus

import pytest

from lambda_src.log_processor.delivery import Protocol, Receiver, Target
from lambda_src.log_processor.forwarding import Transformation
from lambda_src.log_processor.handler import Services
from lambda_src.log_processor.metrics import Metrics
from lambda_src.log_processor.schemas import Schema, writer
from lambda_src.log_processor.storage import Folder

from .buckets import LOGS, PREFIX, STATE, Bucket
from .delivering import GENEROUS, target
from .samples import STATIC

NOW = datetime(2026, 8, 1, 23, 41, 1, tzinfo=UTC)
EVENT_TIME = "2026-08-01T23:40:01.000Z"
"""A minute before."""

WRITE = writer(Schema.ORIGINAL, STATIC)
NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


@dataclass
class Invocation:
    """Lambda's context object."""

    aws_request_id: str = "request-1"
    seconds: float = 30.0

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


def message(
    message_id: str, *keys: str, attempt: int | None = 1, name: str = "ObjectCreated:Put"
) -> dict[str, Any]:
    """Return an SQS message about what was done with these objects."""
    records = [
        {
            "eventName": name,
            "eventTime": EVENT_TIME,
            "s3": {"bucket": {"name": LOGS}, "object": {"key": quote_plus(key, safe="/")}},
        }
        for key in keys
    ]
    counted = {} if attempt is None else {"ApproximateReceiveCount": str(attempt)}
    body = json.dumps({"Records": records})
    return {"messageId": message_id, "attributes": counted, "body": body}


def batch(*messages: object) -> dict[str, Any]:
    return {"Records": list(messages)}


def failures(*ids: str) -> dict[str, Any]:
    """Return the response that hands these messages back."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in ids]}


def services(
    bucket: Bucket, where: Target | int, *, idle: float = GENEROUS, **options: Any
) -> Services:
    """Return services whose clock stands still, for a target or a port of loopback."""
    usual: dict[str, Any] = {
        "transformation": Transformation(WRITE),
        "receiver": partial(Receiver, idle=idle, sleep=lambda pause: None, random=lambda: 0.0),
        "clock": lambda: 0.0,
        "now": lambda: NOW,
    }
    return Services(
        target=target(Protocol.TCP, where) if isinstance(where, int) else where,
        s3=bucket,
        texts=Folder(bucket, STATE, PREFIX),
        metrics=Metrics("LogProcessor", "log-processor"),
        **(usual | options),
    )


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was written to stdout since the last time."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def event(line: str | bytes) -> dict[str, Any]:
    """Return an event without its id."""
    found: dict[str, Any] = json.loads(line)
    del found["@metadata"]
    return found


def events(lines: Iterable[str | bytes]) -> list[dict[str, Any]]:
    return list(map(event, lines))


def offsets(lines: Iterable[str | bytes]) -> list[int]:
    """Return where in their object the lines of these events stand, as their ids say."""
    ids = [json.loads(line)["@metadata"]["_id"] for line in lines]
    return [int(each.rpartition("-")[2]) for each in ids]
