"""One request from event to answer, which is given exactly once.

Time is divided so that somebody always has enough of it to answer:

    |······ steps are begun ······|·· the last one may end ··|·· a watchdog answers ··|
                                  stop                       watch                    end

The work runs in Lambda's own thread: when the invocation ends, it ends, and nothing of it goes on
in a later one.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from . import answers, requests, sending
from .answers import Answer
from .course import Course
from .deadline import Clock, Deadline, Sleep
from .errors import CustomResourceError, NotAnsweredError
from .log import Log, utc_now
from .requests import Address, Request, RequestType

MARGIN_SECONDS = 10.0
"""From `stop` to `watch`, and from there to the end; a fifth of the time where that is less."""

_RESERVE = 0.1
"""Of the margin: kept for the end of the invocation itself."""


class Context(Protocol):
    """What is used of Lambda's context object."""

    aws_request_id: str
    log_group_name: str
    log_stream_name: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""


@dataclass(frozen=True)
class Made:
    """What a Create or an Update has made."""

    physical_id: str
    """Another one than before makes CloudFormation delete the old one, after the update."""
    data: Mapping[str, str] = field(default_factory=dict, repr=False)
    """For `Fn::GetAtt`."""
    no_echo: bool = False
    """Whether CloudFormation is to show `data` to nobody."""


class Provider(Protocol):
    """The work itself; what it raises becomes the reason of the failure."""

    def create(self, request: Request, course: Course) -> Made:
        """Make what is asked for; nothing more where it is there already."""

    def update(self, request: Request, course: Course) -> Made:
        """Change it into what is asked for."""

    def delete(self, request: Request, course: Course) -> None:
        """Remove it; nothing where it is gone already."""


@dataclass(frozen=True)
class Surroundings:
    """Time, as far as it is not Lambda's."""

    clock: Clock = time.monotonic
    sleep: Sleep = time.sleep
    now: Callable[[], datetime] = utc_now


def serve(
    event: object,
    context: Context,
    provider: Callable[[], Provider],
    surroundings: Surroundings | None = None,
) -> None:
    """Carry a request out and answer it, once; a NotAnsweredError if that cannot be.

    `provider` makes what does the work; where it fails, the answer says so.
    """
    around = surroundings or Surroundings()
    _Service(event, requests.address(event), context, provider, around).run()


class _Service:
    def __init__(
        self,
        event: object,
        address: Address,
        context: Context,
        provider: Callable[[], Provider],
        around: Surroundings,
    ) -> None:
        left = max(0.0, context.get_remaining_time_in_millis() / 1000)
        margin = min(MARGIN_SECONDS, left / 5)
        self._event, self._address, self._provider = event, address, provider
        self._log = Log(_about(event, address, context), now=around.now)
        self._log.secrets.add(address.url)
        self._end = Deadline(left - _RESERVE * margin, around.clock)
        self._course = Course(Deadline(left - 2 * margin, around.clock), self._log, around.sleep)
        self._reply = _Reply(address, context, self._log, self._end, around)
        self._watchdog = threading.Timer(
            min(left - margin, threading.TIMEOUT_MAX), self._answer_in_time
        )
        self._watchdog.daemon = True

    def run(self) -> None:
        answer = self._outcome()
        self._course.close()
        self._watchdog.cancel()
        self._reply.give(answer)

    def _outcome(self) -> Answer:
        try:
            self._watchdog.start()
            return self._carried_out(requests.parse(self._event))
        except CustomResourceError as error:
            return self._failure(str(error))
        except BaseException as error:
            # Also what would end the process: nobody else would answer.
            self._log.write("ERROR", "failed unforeseen", traceback=traceback.format_exc())
            return self._failure(f"{type(error).__name__}: {error}")

    def _carried_out(self, request: Request) -> Answer:
        match request.type:
            case RequestType.CREATE:
                return _success(self._provider().create(request, self._course))
            case RequestType.UPDATE:
                return _success(self._provider().update(request, self._course))
            case RequestType.DELETE:
                if not request.never_made:
                    self._provider().delete(request, self._course)
                return Answer(self._address.failed_id)

    def _failure(self, reason: str) -> Answer:
        return Answer(self._course.physical_id or self._address.failed_id, reason)

    def _answer_in_time(self) -> None:
        self._course.close()
        reason = f"the function's time was nearly up, and it was still busy: {self._course.step}"
        with suppress(NotAnsweredError):  # the thread that waits is told
            self._reply.give(self._failure(reason))


class _Reply:
    """The one answer: the first is given, whoever has it; the others wait until it is."""

    def __init__(
        self, address: Address, context: Context, log: Log, end: Deadline, around: Surroundings
    ) -> None:
        self._address, self._log, self._end, self._around = address, log, end, around
        self._where = f"log group {context.log_group_name}, stream {context.log_stream_name}"
        self._start = around.clock()
        self._lock = threading.Lock()
        self._first = True
        self._error: NotAnsweredError | None = None

    def give(self, answer: Answer) -> None:
        """Send an answer unless one was given; a NotAnsweredError if none was taken."""
        with self._lock:
            if self._first:
                self._first = False
                self._error = self._sent(answers.checked(answer, self._address))
            else:
                self._log.write("WARNING", "answered before", status=answer.status)
        if self._error:
            raise self._error

    def _sent(self, answer: Answer) -> NotAnsweredError | None:
        reason = None if answer.reason is None else self._log.secrets.concealed(answer.reason)
        safe = Answer(answer.physical_id, reason, answer.data, answer.no_echo)
        said: dict[str, Any] = {
            "status": safe.status,
            "physicalResourceId": safe.physical_id,
            "seconds": round(self._around.clock() - self._start, 3),
        } | ({"reason": reason} if reason else {})
        try:
            sending.send(
                self._address.url,
                answers.encoded(safe, self._address, self._where),
                deadline=self._end,
                sleep=self._around.sleep,
                failed=self._not_taken,
            )
        except NotAnsweredError as error:
            self._log.write("ERROR", "not answered", **said, error=str(error))
            return error
        self._log.write("ERROR" if reason else "INFO", "answered", **said)
        return None

    def _not_taken(self, attempt: int, error: str) -> None:
        self._log.write("WARNING", "answer not taken", attempt=attempt, error=error)


def _success(made: Made) -> Answer:
    return Answer(made.physical_id, None, made.data, made.no_echo)


def _about(event: object, address: Address, context: Context) -> dict[str, str]:
    asked = event.get("RequestType") if isinstance(event, Mapping) else None
    return {
        "requestId": context.aws_request_id,
        "requestType": asked[:16] if isinstance(asked, str) else "",
        "stackId": address.stack_id,
        "logicalResourceId": address.logical_id,
    }
