"""The books: every line of every file is delivered or rejected, or the demo says what is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from infra.aws.services import QueueCounts
from infra.local.log_files import LogFile
from infra.local.outcome import ObjectOutcome, Rejection, Result, Summary
from infra.local.receiver import Received

GOOD = Summary("b", "k", "delivered", "classic", read=10, delivered=9, rejected=1)
FAILED = Summary("b", "k", "failed", read=10, unconfirmed=10, why="refused")
SKIPPED = Summary("b", "k", "skipped", why="not a log")
RESULT = Result(
    objects=(ObjectOutcome(LogFile(Path("k"), "k", 10), (GOOD,)),),
    received=Received(events=9),
    receiver_problem=None,
    queue=QueueCounts(0, 0),
    dead_letters=QueueCounts(0, 0),
    seconds=2.0,
    first_event=None,
)


def outcome(*attempts: Summary, lines: int | None = 10, key: str = "k") -> ObjectOutcome:
    return ObjectOutcome(LogFile(Path(key), key, lines), attempts)


def test_a_summary_is_read_from_the_functions_own_line() -> None:
    """The keys are those that the function promises."""
    line = {
        "level": "WARNING",
        "bucket": "b",
        "key": "k",
        "outcome": "delivered",
        "kind": "classic",
        "read": 10,
        "delivered": 9,
        "rejected": 1,
        "unconfirmed": 0,
        "rejections": [{"offset": 7, "reason": "too short"}],
    }
    assert Summary.parse(json.dumps(line)) == replace(GOOD, rejections=(Rejection(7, "too short"),))


@pytest.mark.parametrize("line", ["START RequestId: 1", "[1]", "{}", '{"outcome": "failed"}'])
def test_any_other_line_is_no_summary(line: str) -> None:
    """The log group holds more than summaries."""
    assert Summary.parse(line) is None


def test_everything_in_order_is_accounted() -> None:
    """No problem, and only then, is an account."""
    assert (RESULT.problems, RESULT.accounted, RESULT.lines_per_second) == ((), True, 4.5)


@pytest.mark.parametrize(
    ("object_", "problem"),
    [
        (outcome(), "the function said nothing about it"),
        (outcome(FAILED), "failed: refused"),
        (outcome(GOOD, lines=11), "the file has 11 readable lines, the function read 10"),
        (outcome(GOOD, lines=None), "the file has no readable lines, the function read 10"),
        (
            outcome(replace(GOOD, delivered=8)),
            "of 10 lines 8 were delivered, 1 rejected and 0 are unconfirmed",
        ),
        (outcome(SKIPPED), "skipped: not a log"),
        (outcome(SKIPPED, key="AWSLogs/1/ELBAccessLogTestFile", lines=1), None),
        (
            outcome(SKIPPED, key="AWSLogs/1/ELBAccessLogTestFile", lines=2),
            "skipped: not a log",
        ),
        (outcome(SKIPPED, lines=0), None),
        (outcome(FAILED, GOOD), None),
    ],
)
def test_an_object_is_a_problem_unless_its_last_attempt_accounts_for_it(
    object_: ObjectOutcome, problem: str | None
) -> None:
    """What counts is the last attempt, beside the demo's own count."""
    assert object_.problem == problem


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            replace(RESULT, received=Received(events=8)),
            "the function delivered 9 events, the receiver decoded 8",
        ),
        (
            replace(RESULT, received=Received(events=9, invalid=1)),
            "the receiver got 1 line without a JSON object",
        ),
        (replace(RESULT, receiver_problem="disk full"), "the receiver stopped: disk full"),
        (
            replace(RESULT, queue=QueueCounts(1, 2)),
            "the queue holds 1 message and 2 in flight",
        ),
        (
            replace(RESULT, dead_letters=QueueCounts(1, 0)),
            "the dead-letter queue holds 1 message and 0 in flight",
        ),
    ],
)
def test_the_receiver_and_the_queues_must_agree(changed: Result, problem: str) -> None:
    """Any count that differs from another one is told."""
    assert (changed.problems, changed.accounted) == ((problem,), False)


def test_an_object_that_came_twice_was_sent_twice() -> None:
    """The receiver's count is compared with all attempts, the table with the last."""
    twice = replace(RESULT, objects=(outcome(GOOD, GOOD),), received=Received(events=18))
    assert (twice.accounted, twice.sent, twice.total("delivered")) == (True, 18, 9)


def test_a_receiver_of_the_users_own_is_not_compared() -> None:
    """What it got is for its owner to count."""
    assert replace(RESULT, received=None).accounted
