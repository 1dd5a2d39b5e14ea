"""The log line that says what became of an object."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from lambda_src.log_processor import accounting
from lambda_src.log_processor.accounting import Account, Log, Subject
from lambda_src.log_processor.formats import Kind

SUBJECT = Subject("logs", "a b/é.log", Kind.ALB)


def account() -> Account:
    """Return an object of which four of ten lines were rejected."""
    counted = Account(read=10, bytes=1234)
    for offset in (0, 100, 200, 300):
        counted.reject(offset, f"because {offset}")
    return counted


COUNTS = {
    "bucket": "logs",
    "key": "a b/é.log",
    "kind": "alb",
    "read": 10,
    "rejected": 4,
    "bytes": 1234,
    "seconds": 1.235,
    "rejections": [
        {"offset": 0, "reason": "because 0"},
        {"offset": 100, "reason": "because 100"},
        {"offset": 200, "reason": "because 200"},
    ],
}


def test_all_lines_of_a_delivered_object_are_delivered_or_rejected() -> None:
    """Only the first rejections are shown, and all are counted."""
    assert accounting.delivered(SUBJECT, account(), 1.23456) == COUNTS | {
        "level": "WARNING",
        "message": "object delivered",
        "outcome": "delivered",
        "delivered": 6,
        "unconfirmed": 0,
    }


@pytest.mark.parametrize(
    ("kinds", "said"),
    [(set(), "unknown"), ({Kind.ALB}, "alb"), ({Kind.CLASSIC, Kind.ALB}, "alb+classic")],
)
def test_where_the_key_does_not_say_the_kind_the_lines_do(kinds: set[Kind], said: str) -> None:
    """Whoever reads the summary learns what was in the object."""
    subject = Subject("logs", "copy.txt", Kind.UNKNOWN)
    assert accounting.delivered(subject, Account(kinds=kinds), 0.0)["kind"] == said


def test_an_object_without_rejections_is_no_warning() -> None:
    """The level is what alarms look at."""
    assert accounting.delivered(SUBJECT, Account(read=1), 0)["level"] == "INFO"


def test_no_line_of_a_failed_object_is_delivered() -> None:
    """The receiver may have some of them, but nobody knows which."""
    assert accounting.failed(SUBJECT, account(), 1.23456, "it broke") == COUNTS | {
        "level": "ERROR",
        "message": "object failed",
        "outcome": "failed",
        "delivered": 0,
        "unconfirmed": 6,
        "error": "it broke",
    }


def test_a_failure_that_nobody_foresaw_has_its_traceback() -> None:
    """It is a field of the same line."""
    failed = accounting.failed(SUBJECT, account(), 0, "KeyError: 'x'", "Traceback …")
    assert failed["traceback"] == "Traceback …"


def test_what_is_skipped_says_why() -> None:
    """It has the same keys as every object."""
    skipped = accounting.skipped(Subject("logs", None, None), "s3:TestEvent")
    assert skipped == {
        "level": "INFO",
        "message": "object skipped",
        "bucket": "logs",
        "key": None,
        "outcome": "skipped",
        "kind": None,
        "read": 0,
        "delivered": 0,
        "rejected": 0,
        "unconfirmed": 0,
        "bytes": 0,
        "seconds": 0.0,
        "rejections": [],
        "reason": "s3:TestEvent",
    }


def test_a_log_line_is_one_line_of_ascii_with_its_time_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever the encoding of stdout, and in UTC whatever the clock's zone."""
    now = datetime(2026, 8, 1, 2, 0, 0, 1_999, tzinfo=timezone(timedelta(hours=2)))
    Log("request-1", lambda: now).write(accounting.skipped(SUBJECT, "a\nb"))
    line = capsys.readouterr().out
    assert line.isascii()
    assert line.count("\n") == 1
    assert list(json.loads(line).items())[:8] == [
        ("timestamp", "2026-08-01T00:00:00.001Z"),
        ("level", "INFO"),
        ("message", "object skipped"),
        ("requestId", "request-1"),
        ("bucket", "logs"),
        ("key", "a b/é.log"),
        ("outcome", "skipped"),
        ("kind", "alb"),
    ]
