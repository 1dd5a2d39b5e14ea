"""The books: it is known of every line what became of it, or the demo says of which it is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from infra.aws.services import QueueCounts
from infra.local.log_files import LogFile
from infra.local.outcome import ObjectOutcome, Rejection, Result, Summary
from infra.local.receiver import Received

GOOD = Summary(
    "b", "k", "delivered", "classic", read=10, delivered=7, filtered=2, rejected=1, sent=7
)
FAILED = Summary("b", "k", "failed", read=10, unconfirmed=10, why="refused")
SKIPPED = Summary("b", "k", "skipped", why="not a log")
UNFINISHED = Summary("b", "k", "unfinished", read=4, delivered=4, sent=4, why="wait")
RESUMED = replace(GOOD, sent=3)
RESULT = Result(
    objects=(ObjectOutcome(LogFile(Path("k"), "k", 10), (GOOD,)),),
    received=Received(events=7, different=7),
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
        "delivered": 7,
        "filtered": 2,
        "rejected": 1,
        "unconfirmed": 0,
        "LinesDelivered": 7,
        "retries": 0,
        "rejections": [{"offset": 7, "reason": "too short"}],
    }
    assert Summary.parse(json.dumps(line)) == replace(GOOD, rejections=(Rejection(7, "too short"),))


def test_an_unfinished_attempt_says_what_it_waits_for() -> None:
    """Nobody is left to wonder why nothing happens for minutes."""
    parsed = Summary.parse('{"key": "AWSLogs/k.log", "outcome": "unfinished"}')
    assert str(parsed) == ("k.log unfinished (its time was up; it goes on when it is tried again)")


@pytest.mark.parametrize("line", ["START RequestId: 1", "[1]", "{}", '{"outcome": "failed"}'])
def test_any_other_line_is_no_summary(line: str) -> None:
    """The log group holds more than summaries."""
    assert Summary.parse(line) is None


def test_everything_in_order_is_accounted() -> None:
    """No problem, and only then, is an account."""
    assert (RESULT.problems, RESULT.accounted, RESULT.lines_per_second) == ((), True, 3.5)


@pytest.mark.parametrize(
    ("object_", "problem"),
    [
        (outcome(), "the function said nothing about it"),
        (outcome(FAILED), "failed: refused"),
        (outcome(GOOD, lines=11), "the file has 11 readable lines, the function read 10"),
        (outcome(GOOD, lines=None), "the file has no readable lines, the function read 10"),
        (
            outcome(replace(GOOD, delivered=6)),
            "of 10 lines 6 were delivered, 2 filtered, 1 rejected and 0 are unconfirmed",
        ),
        (outcome(SKIPPED), "skipped: not a log"),
        (outcome(SKIPPED, key="AWSLogs/1/ELBAccessLogTestFile", lines=1), None),
        (
            outcome(SKIPPED, key="AWSLogs/1/ELBAccessLogTestFile", lines=2),
            "skipped: not a log",
        ),
        (outcome(SKIPPED, lines=0), None),
        (outcome(FAILED, GOOD), None),
        (outcome(UNFINISHED), "unfinished: wait"),
        (outcome(UNFINISHED, RESUMED), None),
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
            replace(RESULT, received=Received(events=6, different=6)),
            "the function delivered 7 events, the receiver decoded 6 different ones",
        ),
        (
            replace(RESULT, received=Received(events=8, different=8)),
            "the function delivered 7 events, the receiver decoded 8 different ones",
        ),
        (
            replace(RESULT, received=Received(events=8, different=7)),
            "the receiver decoded 1 event more than once, though nothing was sent twice",
        ),
        (
            replace(RESULT, received=Received(events=7, invalid=1, different=7)),
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


def test_an_object_that_began_anew_was_sent_twice() -> None:
    """The receiver tells by the ids, so what came again is no mistake; the last attempt counts."""
    twice = replace(
        RESULT, objects=(outcome(FAILED, GOOD),), received=Received(events=11, different=7)
    )
    assert (twice.problems, twice.sent, twice.total("delivered")) == ((), 7, 7)


def test_a_batch_that_was_sent_again_may_come_twice() -> None:
    """A retry within one attempt repeats events as well."""
    retried = replace(
        RESULT,
        objects=(outcome(replace(GOOD, retries=1)),),
        received=Received(events=9, different=7),
    )
    assert retried.accounted


def test_an_object_that_went_on_was_sent_once() -> None:
    """A resumed attempt counts from the object's beginning, and sent only the rest."""
    resumed = replace(RESULT, objects=(outcome(UNFINISHED, RESUMED),))
    assert (resumed.accounted, resumed.sent, resumed.total("delivered")) == (True, 7, 7)


def test_a_failed_object_can_have_sent_more_than_was_confirmed() -> None:
    """Its own problem is enough; what the receiver has beyond that is none."""
    failed = replace(RESULT, objects=(outcome(FAILED),))
    assert failed.problems == ("k: failed: refused",)


def test_a_receiver_of_the_users_own_is_not_compared() -> None:
    """What it got is for its owner to count."""
    assert replace(RESULT, received=None).accounted
