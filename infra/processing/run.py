"""Sends sources through the function's stages, one after the other, and keeps the books.

What goes wrong with one source is its outcome, and the others go on. Only a receiver that takes
nothing ends the run, as does whoever interrupts it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sized
from dataclasses import dataclass

from infra.errors import InfraError
from infra.processing.content import Places, opened
from infra.processing.outcome import Counts, Outcome, Result, State
from infra.processing.progress import Began, Ended, Tell
from infra.processing.sources import LocalFile, Source, StoredLog, Stream, Unread
from lambda_src.log_processor.accounting import Account
from lambda_src.log_processor.delivery import Clock, Deadline
from lambda_src.log_processor.errors import DeliveryError, LogProcessorError
from lambda_src.log_processor.forwarding import Receiver, Transformation, Work, forward
from lambda_src.log_processor.kinds import Kind, kind_of_key
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.state import Texts

FUTILE = 3
"""Sources in a row of which the receiver took nothing."""


@dataclass(frozen=True)
class Job:
    """What is done with every source."""

    transformation: Transformation
    receiver: Receiver
    places: Places
    kind: Kind | None = None
    """Of all sources, whatever their names say."""
    rejected: Texts | None = None
    """Where rejected lines are kept."""
    futile: int = FUTILE
    """Failures to deliver, one after the other, that end the run."""
    clock: Clock = time.monotonic


def run(job: Job, sources: Iterable[Source], result: Result, tell: Tell) -> None:
    """Work on the sources in order, and note in the result what becomes of them.

    After KeyboardInterrupt the result says how far it came. BrokenPipeError is passed on: nobody
    is left who reads.
    """
    start = job.clock()
    try:
        _through(job, sources, result, tell)
    except KeyboardInterrupt:
        result.interrupted = True
    finally:
        result.seconds = job.clock() - start
        if result.stopped or result.interrupted:
            known = len(sources) if isinstance(sources, Sized) else None
            result.untried = None if known is None else known - result.sources


def _through(job: Job, sources: Iterable[Source], result: Result, tell: Tell) -> None:
    futile = 0
    for source in sources:
        if futile >= job.futile:
            result.stopped = "nothing was taken any more"
            return
        tell(Began(source.name))
        attempt = _Attempt(job, source, result)
        outcome = attempt.outcome(tell)
        result.add(outcome)
        tell(Ended(outcome))
        if outcome.state is State.INTERRUPTED:
            raise KeyboardInterrupt
        futile = 0 if outcome.counts.delivered else futile + attempt.was_futile


class _Attempt:
    """One source on its way."""

    def __init__(self, job: Job, source: Source, result: Result) -> None:
        self._job, self._source, self._result = job, source, result
        self._account = Account(rule_counts=result.rule_counts)
        self._kind: Kind | None = None
        self._origin: Origin | None = None
        self._undelivered = False

    @property
    def was_futile(self) -> bool:
        """Whether it failed for the receiver's sake."""
        return self._undelivered

    def outcome(self, tell: Tell) -> Outcome:
        if isinstance(self._source, Unread):
            state = State.FAILED if self._source.failed else State.SKIPPED
            return Outcome(self._source.name, state, self._source.reason)
        self._kind = kind_of_key(self._source.key)
        reason = _no_log(self._source, self._kind)
        if reason is not None:
            return Outcome(self._source.name, State.SKIPPED, reason, kind=self._kind)
        start = self._job.clock()
        state, said = self._state(self._source, tell)
        return Outcome(
            name=self._source.name,
            state=state,
            said=said,
            counts=Counts.of(self._account),
            rejections=tuple(self._account.rejections),
            kind=self._shown_kind(),
            origin=self._origin,
            seconds=self._job.clock() - start,
        )

    def _state(self, source: LocalFile | Stream | StoredLog, tell: Tell) -> tuple[State, str]:
        try:
            self._forwarded(source, tell)
        except BrokenPipeError:
            raise
        except KeyboardInterrupt:
            return State.INTERRUPTED, ""
        except DeliveryError as error:
            self._undelivered = True
            return State.FAILED, str(error)
        except (LogProcessorError, InfraError) as error:
            return State.FAILED, str(error)
        except OSError as error:
            return State.FAILED, error.strerror or str(error)
        except Exception as error:  # as in the function: one source must not take the others along
            return State.FAILED, f"{type(error).__name__}: {error}"
        return State.DONE, ""

    def _forwarded(self, source: LocalFile | Stream | StoredLog, tell: Tell) -> None:
        job = self._job
        with opened(source, job.places, tell) as content:
            self._origin = content.origin
            work = Work(
                origin=content.origin,
                kind=job.kind or self._kind or Kind.UNKNOWN,
                transformation=job.transformation,
                receiver=job.receiver,
                texts=job.rejected,
                stop=Deadline(math.inf, job.clock),
                clock=job.clock,
            )
            forward(work, content.chunks, self._account)

    def _shown_kind(self) -> str | None:
        kind = self._job.kind or self._kind
        if kind is not Kind.UNKNOWN:
            return kind
        return "+".join(sorted(self._account.kinds)) or None


def _no_log(source: LocalFile | Stream | StoredLog, kind: Kind) -> str | None:
    if kind is Kind.CONTROL:
        return "the load balancer's test of the bucket, not a log"
    if isinstance(source, StoredLog) and source.key.endswith("/") and not source.size:
        return "a folder's marker, not a log"
    return None
