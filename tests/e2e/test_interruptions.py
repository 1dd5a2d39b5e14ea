"""Invocations that end before their object does: in good order, by Lambda's hand, or by a crash.

What SQS would do is done here: hand the message out again, with a higher count.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.unit.log_processor.receivers import StandIn, receiving
from tests.unit.log_processor.samples import ALB_KEY

from . import announcements, s3
from .announcements import NOTHING_FAILED, message
from .functions import PATIENCE, Function, Python, environment, function
from .processes import wait_until
from .samples import alb, offset, offsets

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS's runtime interface emulator runs on Linux only"
)

FIRST, SECOND = (announcements.sqs(message("1", ALB_KEY, attempt=count)) for count in (1, 2))
HANDED_BACK = {"batchItemFailures": [{"itemIdentifier": "1"}]}

PAUSE = 0.025
"""Seconds before each 59 kB, so that a log takes longer than an invocation may."""
LINES_A_SECOND = 4_000
"""At most, with those pauses."""


def test_what_is_unfinished_goes_on_where_it_stopped(
    python: Python, code: Path, tmp_path: Path
) -> None:
    """Before Lambda's limit the function hands the message back; every event arrives once."""
    limit = 6
    lines = 2 * limit * LINES_A_SECOND
    with at_work(code, lines, tmp_path / "log", python=python, timeout=limit) as stage:
        stage.warm_up()
        assert stage.invoke(FIRST) == HANDED_BACK
        [checkpoint] = stage.s3.checkpoints()
        before = stage.arrived()
        stage.hurry.set()
        assert stage.invoke(SECOND) == NOTHING_FAILED
        after = stage.arrived()
        first, second = stage.summaries()
    assert before + after == offsets(lines)
    assert 0 < len(before) < lines
    assert (checkpoint["delivered"], checkpoint["offset"]) == (len(before), after[0])
    shown = ("outcome", "attempt", "resumedAt", "delivered", "unconfirmed")
    assert [first[name] for name in shown] == ["unfinished", 1, 0, len(before), 0]
    assert [second[name] for name in shown] == ["delivered", 2, after[0], lines, 0]


@pytest.mark.slow
def test_after_a_crash_the_next_attempt_goes_on_at_the_checkpoint(
    code: Path, tmp_path: Path
) -> None:
    """A process that dies leaves the checkpoint of a moment before; nothing is lost."""
    lines = 30 * LINES_A_SECOND
    with at_work(code, lines, tmp_path / "log") as stage:
        answer = stage.interrupted(stage.s3.checkpoints, stage.invoke.kill)
        assert answer["errorType"] == "Runtime.ExitError"
        [checkpoint] = stage.s3.checkpoints()
        before = stage.arrived()
        stage.hurry.set()
        assert stage.invoke(SECOND) == NOTHING_FAILED
        after = stage.arrived()
        [summary] = stage.summaries()
    assert sorted({*before, *after}) == offsets(lines)
    assert min(twice(before + after), default=checkpoint["offset"]) >= checkpoint["offset"] > 0
    assert (summary["resumedAt"], summary["delivered"]) == (checkpoint["offset"], lines)


def test_lambda_ends_what_does_not_end_itself(code: Path, tmp_path: Path) -> None:
    """A function that hangs is killed at its limit; a new process does the work from anew."""
    limit = 5
    lines = 2 * limit * LINES_A_SECOND
    with at_work(code, lines, tmp_path / "log", timeout=limit) as stage:
        stage.warm_up()
        old = stage.invoke.pid
        answer = stage.interrupted(lambda: stage.receiver.lines, stage.invoke.freeze)
        assert answer == f"Task timed out after {limit}.00 seconds"
        before = stage.arrived()
        stage.hurry.set()
        stage.warm_up()
        assert stage.invoke.pid != old
        assert stage.invoke(SECOND) == NOTHING_FAILED
        after = stage.arrived()
        [summary] = stage.summaries()
    assert sorted({*before, *after}) == offsets(lines)
    assert (summary["outcome"], summary["delivered"]) == ("delivered", lines)


@dataclass
class Stage:
    """A function at work on one log, and what is around it."""

    invoke: Function
    s3: s3.S3
    receiver: StandIn
    log: Path
    hurry: Event = field(default_factory=Event)
    """Set when the log is to come at once."""

    def warm_up(self) -> None:
        """Start the runtime, whose start is a part of the time that its first invocation has."""
        nothing = announcements.s3("missing")
        wait_until(lambda: self.invoke(nothing) == NOTHING_FAILED, "it answers", self.log)

    def interrupted(self, ready: Callable[[], object], interrupt: Callable[[], None]) -> Any:
        """Return what Lambda says of a first attempt that is interrupted at this moment."""
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(self.invoke, FIRST)
            wait_until(lambda: bool(ready()) or answer.done(), "the moment comes", self.log)
            interrupt()
            return answer.result(PATIENCE)

    def arrived(self) -> list[int]:
        """Return where the lines of the events stand that have arrived since the last time."""
        lines, self.receiver.lines = self.receiver.lines, []
        return [offset(line) for line in lines]

    def summaries(self) -> list[dict[str, Any]]:
        """Return what the function says of the log."""
        return [each for each in self.invoke.summaries if each["key"] == ALB_KEY]


def twice(found: Iterable[int]) -> list[int]:
    """Return what is there more than once."""
    return [each for each, count in Counter(found).items() if count > 1]


@contextmanager
def at_work(code: Path, lines: int, log: Path, **options: Any) -> Iterator[Stage]:
    """Set a function up for a log of so many lines, which comes slowly until told."""
    hurry = Event()
    slow = alb(lines, lambda: hurry.wait(PAUSE))
    with (
        receiving() as receiver,
        s3.serving(s3.S3({ALB_KEY: slow})) as served,
        function(code, environment(served.port, receiver.port), log, **options) as invoke,
    ):
        try:
            yield Stage(invoke, served, receiver, log, hurry)
        finally:
            hurry.set()
