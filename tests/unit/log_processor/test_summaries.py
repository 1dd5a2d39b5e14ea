"""The log line that says what became of an object."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from lambda_src.log_processor import summaries
from lambda_src.log_processor.accounting import Account, Phases
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.state import Checkpoint
from lambda_src.log_processor.summaries import (
    DELIVERED,
    FAILED,
    SKIPPED,
    UNFINISHED,
    Attempt,
    Log,
    Subject,
    summary,
)

SUBJECT = Subject("logs", "a b/é.log", Kind.ALB, attempt=2)


def attempt(**more: Any) -> Attempt:
    """Return one that went on where another had stopped, and has three lines unconfirmed."""
    checkpoint = Checkpoint(offset=1234, read=3, delivered=1, filtered=1, rejected=1)
    account = Account(
        carried=checkpoint,
        read=20,
        delivered=9,
        filtered=5,
        rejected=3,
        offset=9999,
        bytes=8765,
        rule_counts=Counter({"health": 4}),
        rejections=[(1234, "because"), (2345, "because of that")],
        phases=Phases(1.23456, 2.0, 3.0, 0.0),
    )
    return Attempt(account, "v1", seconds=7.65432, batches=4, retries=1, **more)


EXPECTED = {
    "level": "WARNING",
    "message": "object unfinished",
    "bucket": "logs",
    "key": "a b/é.log",
    "version": "v1",
    "outcome": "unfinished",
    "kind": "alb",
    "read": 20,
    "delivered": 9,
    "filtered": 5,
    "rejected": 3,
    "unconfirmed": 3,
    "attempt": 2,
    "resumedAt": 1234,
    "bytes": 8765,
    "seconds": 7.654,
    "phases": {"reading": 1.235, "parsing": 2.0, "delivering": 3.0, "keeping": 0.0},
    "batches": 4,
    "retries": 1,
    "filters": {"health": 4},
    "rejections": [
        {"offset": 1234, "reason": "because"},
        {"offset": 2345, "reason": "because of that"},
    ],
}


def test_an_attempt_says_what_became_of_every_line() -> None:
    """The counts are those since the object's beginning."""
    assert summary(UNFINISHED, SUBJECT, attempt()) == EXPECTED


def test_a_failure_says_what_went_wrong() -> None:
    """And where, if nobody foresaw it: in a field of the same line."""
    failed = EXPECTED | {"level": "ERROR", "message": "object failed", "outcome": "failed"}
    assert summary(FAILED, SUBJECT, attempt(error="it broke")) == failed | {"error": "it broke"}
    bug = attempt(error="KeyError: 'x'", traceback="Traceback …")
    assert summary(FAILED, SUBJECT, bug) == failed | {
        "error": "KeyError: 'x'",
        "traceback": "Traceback …",
    }


def test_a_delivered_object_may_have_lost_its_checkpoint() -> None:
    """That is no failure, but nobody should have to guess it."""
    said = summary(DELIVERED, SUBJECT, Attempt(Account(state_error="denied")))
    assert (said["level"], said["outcome"], said["stateError"]) == (
        "WARNING",
        "delivered",
        "denied",
    )


@pytest.mark.parametrize(
    ("outcome", "rejected", "level"),
    [
        (DELIVERED, 0, "INFO"),
        (DELIVERED, 1, "WARNING"),
        (UNFINISHED, 0, "INFO"),
        (SKIPPED, 0, "INFO"),
        (FAILED, 0, "ERROR"),
        (FAILED, 1, "ERROR"),
    ],
)
def test_the_level_is_what_alarms_look_at(outcome: str, rejected: int, level: str) -> None:
    """Lines that were rejected want somebody's attention."""
    said = summary(outcome, SUBJECT, Attempt(Account(read=1, rejected=rejected)))
    assert said["level"] == level


def test_what_is_skipped_says_why() -> None:
    """It has the same keys as every object."""
    said = summary(SKIPPED, Subject("logs", None, None), Attempt(), "s3:TestEvent")
    assert said == {
        "level": "INFO",
        "message": "object skipped",
        "bucket": "logs",
        "key": None,
        "version": None,
        "outcome": "skipped",
        "kind": None,
        "read": 0,
        "delivered": 0,
        "filtered": 0,
        "rejected": 0,
        "unconfirmed": 0,
        "attempt": None,
        "resumedAt": 0,
        "bytes": 0,
        "seconds": 0.0,
        "phases": {"reading": 0.0, "parsing": 0.0, "delivering": 0.0, "keeping": 0.0},
        "batches": 0,
        "retries": 0,
        "filters": {},
        "rejections": [],
        "reason": "s3:TestEvent",
    }
    assert list(said)[:-1] == list(EXPECTED)


@pytest.mark.parametrize(
    ("kinds", "said"),
    [(set(), "unknown"), ({Kind.ALB}, "alb"), ({Kind.CLASSIC, Kind.ALB}, "alb+classic")],
)
def test_where_the_key_does_not_say_the_kind_the_lines_do(kinds: set[Kind], said: str) -> None:
    """Whoever reads the summary learns what was in the object."""
    subject = Subject("logs", "copy.txt", Kind.UNKNOWN)
    assert summary(DELIVERED, subject, Attempt(Account(kinds=kinds)))["kind"] == said


def test_a_message_that_nobody_understands_is_an_error() -> None:
    """It names no object, so it has no counts."""
    assert summaries.not_understood("1", "the body is not JSON") == {
        "level": "ERROR",
        "message": "message not understood",
        "messageId": "1",
        "outcome": "failed",
        "error": "the body is not JSON",
    }


def test_a_log_line_is_one_line_of_ascii_with_its_time_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever the encoding of stdout, and in UTC whatever the clock's zone."""
    now = datetime(2026, 8, 1, 2, 0, 0, 1_999, tzinfo=timezone(timedelta(hours=2)))
    said = summary(SKIPPED, SUBJECT, Attempt(), "a\nb\u2028")
    Log("request-1", lambda: now).write(said)
    line = capsys.readouterr().out
    assert line.isascii()
    assert line.count("\n") == 1
    found = json.loads(line)
    assert list(found.items())[:6] == [
        ("timestamp", "2026-08-01T00:00:00.001Z"),
        ("level", "INFO"),
        ("message", "object skipped"),
        ("requestId", "request-1"),
        ("bucket", "logs"),
        ("key", "a b/é.log"),
    ]
    assert found == said | {"timestamp": found["timestamp"], "requestId": "request-1"}


def test_the_wall_clock_knows_its_zone() -> None:
    """A time without one would be taken for local time."""
    assert summaries.utc_now().utcoffset() == timedelta(0)
