"""The function's entry: an event of any source in, what is to be repeated out.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from . import accounting, settings, state, storage, summaries
from .delivery import Clock, Deadline, Receiver, Target
from .errors import LogProcessorError, NotTakenBackError, ObjectGoneError, StateError
from .events import Created, Delivery, Ignored, Malformed, Request, deliveries
from .forwarding import Portion, Transformation, Work, forward
from .kinds import Kind, kind_of_key
from .metrics import Metrics
from .origin import Origin
from .schemas import writer
from .summaries import DELIVERED, FAILED, SKIPPED, UNFINISHED, Attempt, Log, Subject

MARGIN_SECONDS = 5.0
"""Kept of the invocation's time for saying what happened, or a tenth of it where it is short.

As much is kept before it for what is on its way when no further block is begun.
"""


class Context(Protocol):
    """What is used of Lambda's context object."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""


@dataclass(frozen=True)
class Services:
    """What one invocation needs, made once for all of them."""

    target: Target
    transformation: Transformation
    s3: storage.S3
    texts: storage.Folder
    metrics: Metrics
    receiver: Callable[..., Receiver] = Receiver
    """From a target, a deadline and a clock."""
    portion: Portion = field(default_factory=Portion)
    clock: Clock = time.monotonic
    now: Callable[[], datetime] = summaries.utc_now


def handle(event: object, context: Context) -> dict[str, Any]:
    """Deliver the objects that an event names; hand back what did not succeed.

    Of an SQS batch those messages, as its response; of any other source by failing.
    """
    return process(event, context, _services())


def process(event: object, context: Context, services: Services) -> dict[str, Any]:
    """Do what `handle` does, with these services."""
    remaining = context.get_remaining_time_in_millis() / 1000
    margin = min(MARGIN_SECONDS, remaining / 10)
    invocation = _Invocation(
        services,
        stop=Deadline(remaining - 2 * margin, services.clock),
        end=Deadline(remaining - margin, services.clock),
        log=Log(context.aws_request_id, services.now),
    )
    failed = [delivery for delivery in deliveries(event) if not invocation.succeeds(delivery)]
    if any(delivery.id is None for delivery in failed):
        raise NotTakenBackError("not everything was delivered: the log says what was not, and why")
    return {"batchItemFailures": [{"itemIdentifier": delivery.id} for delivery in failed]}


@cache
def _services() -> Services:
    parsed = settings.parse(os.environ)
    s3 = storage.client()
    return Services(
        target=_target(parsed),
        transformation=_transformation(parsed),
        s3=s3,
        texts=storage.Folder(s3, parsed.state.bucket, parsed.state.prefix),
        metrics=Metrics(parsed.namespace, parsed.function),
    )


def _transformation(parsed: settings.Settings) -> Transformation:
    """Import only what the settings ask for: a cold start waits for every import."""
    wanted = Transformation(writer(parsed.schema, parsed.static))
    if parsed.rules:
        from .filters import Filter
        from .schemas.original import ORIGINAL

        wanted = replace(wanted, filter=Filter(parsed.rules, ORIGINAL))
    if parsed.redact:
        from .redaction import redactor

        wanted = replace(wanted, redact=redactor(parsed.redact))
    return wanted


def _target(parsed: settings.Settings) -> Target:
    if parsed.secret is None:
        return parsed.target
    from . import secrets

    options = secrets.tls_options(secrets.client(), parsed.secret, parsed.target.tls)
    return replace(parsed.target, tls=options)


@dataclass(frozen=True)
class _Invocation:
    services: Services
    stop: Deadline
    """After it nothing is begun."""
    end: Deadline
    """After it nothing is waited for."""
    log: Log

    def succeeds(self, delivery: Delivery) -> bool:
        """Carry out all that was delivered together, also after one of it has failed."""
        results = [self._carried_out(delivery, request) for request in delivery.requests]
        return all(results)

    def _carried_out(self, delivery: Delivery, request: Request) -> bool:
        match request:
            case Malformed(reason):
                said = summaries.not_understood(delivery.id, reason)
                self.log.write(said | self.services.metrics.failure(self.services.now()))
                return False
            case Ignored(bucket, key, reason):
                kind = None if key is None else kind_of_key(key)
                self._say(SKIPPED, Subject(bucket, key, kind, delivery.attempt), Attempt(), reason)
                return True
            case Created():
                return self._created(request, delivery)

    def _created(self, created: Created, delivery: Delivery) -> bool:
        """Return whether the object needs no further attempt."""
        kind = kind_of_key(created.key)
        subject = Subject(created.bucket, created.key, kind, delivery.attempt, created.time)
        reason = self._no_log(created, kind)
        if reason is not None:
            self._say(SKIPPED, subject, Attempt(), reason)
            return True
        attempt = Attempt()
        start = self.services.clock()
        try:
            outcome = self._attempted(created, kind, delivery, attempt)
        except ObjectGoneError as error:
            self._say(SKIPPED, subject, Attempt(), f"the object is gone: {error}")
            return True
        except LogProcessorError as error:
            outcome, attempt.error = FAILED, str(error)
        except Exception as error:
            outcome, attempt.error = FAILED, f"{type(error).__name__}: {error}"
            attempt.traceback = traceback.format_exc()
        attempt.seconds = self.services.clock() - start
        self._say(outcome, subject, attempt)
        return outcome == DELIVERED

    def _no_log(self, created: Created, kind: Kind) -> str | None:
        """Return why the object is not to be read, None if it is."""
        if kind is Kind.CONTROL:
            return "the load balancer's test of the bucket, not a log"
        if created.key.endswith("/") and not created.size:
            return "a folder's marker, not a log"
        if self.services.texts.holds(created.bucket, created.key):
            return "written by this function itself"
        return None

    def _attempted(self, created: Created, kind: Kind, delivery: Delivery, attempt: Attempt) -> str:
        services = self.services
        if not self.stop.left():
            return UNFINISHED
        content = storage.opened(services.s3, created.bucket, created.key, created.version)
        origin = Origin(created.bucket, created.key, content.version)
        attempt.version = content.version
        with (
            closing(content),
            services.receiver(services.target, self.end, clock=services.clock) as receiver,
        ):
            task = delivery.id or self.log.request_id
            attempt.account = self._account(origin, task, delivery.attempt)
            work = Work(
                origin=origin,
                kind=kind,
                transformation=services.transformation,
                receiver=receiver,
                texts=services.texts,
                task=task,
                stop=self.stop,
                portion=services.portion,
                clock=services.clock,
            )
            try:
                return DELIVERED if forward(work, content.chunks, attempt.account) else UNFINISHED
            finally:
                attempt.batches, attempt.retries = receiver.batches, receiver.retries
                attempt.bytes_delivered = receiver.bytes

    def _account(self, origin: Origin, task: str, number: int | None) -> accounting.Account:
        """Return the books to go on with; a first attempt asks for no checkpoint.

        Lambda repeats the events of sources that do not count under the same request id:
        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
        """
        if number == 1:
            return accounting.Account()
        try:
            return accounting.Account.resumed(state.load(self.services.texts, origin, task))
        except StateError as error:
            # From the beginning is always right: what is delivered again has the same ids.
            return accounting.Account(state_error=str(error))

    def _say(
        self, outcome: str, subject: Subject, attempt: Attempt, reason: str | None = None
    ) -> None:
        said = summaries.summary(outcome, subject, attempt, reason)
        members = self.services.metrics.members(outcome, subject, attempt, self.services.now())
        self.log.write(said | members)
