"""The function's entry: an SQS event in, the messages to hand back out.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from . import accounting, settings, storage
from .accounting import Account, Log, Subject
from .delivery import Clock, Connection, Deadline
from .errors import LogProcessorError
from .events import Created, Ignored, Malformed, Request, requests
from .formats import Kind, kind_of_key
from .forwarding import forward, until
from .schemas import Write, original

MARGIN_SECONDS = 5.0
"""Kept of the invocation's time for saying what happened, or a tenth of it where it is short."""


class Context(Protocol):
    """What is used of Lambda's context object."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""


@dataclass(frozen=True)
class Services:
    """What one invocation needs, made once for all of them."""

    host: str
    port: int
    write: Write
    s3: storage.S3
    clock: Clock = time.monotonic
    now: Callable[[], datetime] = accounting.utc_now


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Deliver the objects that an SQS event names; hand back the messages that did not succeed."""
    return process(event, context, _services())


def process(event: Mapping[str, Any], context: Context, services: Services) -> dict[str, Any]:
    """Do what `handle` does, with these services."""
    remaining = context.get_remaining_time_in_millis() / 1000
    deadline = Deadline(remaining - min(MARGIN_SECONDS, remaining / 10), services.clock)
    invocation = _Invocation(services, deadline, Log(context.aws_request_id, services.now))
    failed = [
        message["messageId"] for message in event["Records"] if not invocation.succeeds(message)
    ]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


@cache
def _services() -> Services:
    parsed = settings.parse(os.environ)
    return Services(parsed.host, parsed.port, original(parsed.static), storage.client())


@dataclass(frozen=True)
class _Invocation:
    services: Services
    deadline: Deadline
    log: Log

    def succeeds(self, message: Mapping[str, Any]) -> bool:
        """Carry out all that the message asks for, also after one of it has failed."""
        wanted = requests(message["body"])
        results = [self._carried_out(message["messageId"], request) for request in wanted]
        return all(results)

    def _carried_out(self, message_id: str, request: Request) -> bool:
        match request:
            case Malformed(reason):
                self.log.write(accounting.not_understood(message_id, reason))
                return False
            case Ignored(bucket, key, reason):
                kind = None if key is None else kind_of_key(key)
                self.log.write(accounting.skipped(Subject(bucket, key, kind), reason))
                return True
            case Created():
                summary = self._object(request, kind_of_key(request.key))
                self.log.write(summary)
                return bool(summary["outcome"] != "failed")

    def _object(self, created: Created, kind: Kind) -> dict[str, Any]:
        subject = Subject(created.bucket, created.key, kind)
        if kind is Kind.CONTROL:
            return accounting.skipped(subject, "the load balancer's test of the bucket, not a log")
        account = Account()
        start = self.services.clock()
        try:
            self._forward(created, kind, account)
        except LogProcessorError as error:
            return accounting.failed(subject, account, self._since(start), str(error))
        except Exception as error:
            said, where = f"{type(error).__name__}: {error}", traceback.format_exc()
            return accounting.failed(subject, account, self._since(start), said, where)
        return accounting.delivered(subject, account, self._since(start))

    def _forward(self, created: Created, kind: Kind, account: Account) -> None:
        services = self.services
        with (
            closing(storage.chunks(services.s3, created.bucket, created.key)) as chunks,
            Connection(services.host, services.port, self.deadline) as connection,
        ):
            forward(until(self.deadline, chunks), kind, services.write, connection, account)

    def _since(self, start: float) -> float:
        return self.services.clock() - start
