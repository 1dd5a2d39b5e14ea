"""CloudWatch metrics as members of a summary, checked against the rules of the format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from lambda_src.log_processor.accounting import Account, Phases
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.metrics import UNITS, Metrics
from lambda_src.log_processor.state import Checkpoint
from lambda_src.log_processor.summaries import (
    DELIVERED,
    FAILED,
    SKIPPED,
    UNFINISHED,
    Attempt,
    Subject,
    summary,
)

from .invocations import NOW

SUBJECT = Subject("logs", "a", Kind.ALB, 2, NOW - timedelta(seconds=60.0625))
CHECKPOINT = Checkpoint(offset=1234, read=6, delivered=3, filtered=2, rejected=1)
ATTEMPT = Attempt(
    Account(
        carried=CHECKPOINT,
        read=26,
        delivered=12,
        filtered=6,
        rejected=3,
        extra_fields=7,
        bytes=8765,
        latest="2026-08-01T23:40:31.500000Z",
        phases=Phases(1.0, 2.0000004, 3.0, 4.0),
    ),
    "v1",
    seconds=10.5,
    batches=4,
    retries=1,
    bytes_delivered=9876,
)
EMF_UNITS = {
    *("Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes"),
    *("Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count"),
    *("Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second"),
    *("Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second"),
    *("Gigabits/Second", "Terabits/Second", "Count/Second", "None"),
}


def members(
    outcome: str = DELIVERED, subject: Subject = SUBJECT, attempt: Attempt = ATTEMPT
) -> dict[str, Any]:
    return Metrics("LogProcessor", "shop-logs").members(outcome, subject, attempt, NOW)


def values(**arguments: Any) -> dict[str, Any]:
    found = members(**arguments)
    return {name: found[name] for name in found if name in UNITS}


def test_metrics_count_what_this_attempt_did() -> None:
    """Those of all attempts add up to the object, so none may count what another did."""
    assert values() == {
        "LinesRead": 20,
        "LinesDelivered": 9,
        "LinesFiltered": 4,
        "LinesRejected": 2,
        "LinesUnconfirmed": 5,
        "ExtraFields": 7,
        "BytesRead": 8765,
        "BytesDelivered": 9876,
        "Batches": 4,
        "Retries": 1,
        "ObjectsDelivered": 1,
        "ObjectsUnfinished": 0,
        "ObjectsFailed": 0,
        "ObjectsSkipped": 0,
        "LogLag": 30.0,
        "EventLag": 60.062,
        "Duration": 10.5,
        "DurationReading": 1.0,
        "DurationParsing": 2.0,
        "DurationDelivering": 3.0,
        "DurationKeeping": 4.0,
    }


OBJECTS = ("ObjectsDelivered", "ObjectsUnfinished", "ObjectsFailed", "ObjectsSkipped")


@pytest.mark.parametrize(
    ("outcome", "counted"),
    list(zip((DELIVERED, UNFINISHED, FAILED, SKIPPED), OBJECTS, strict=True)),
)
def test_each_outcome_counts_one_object(outcome: str, counted: str) -> None:
    """The others are zero, not missing, so that alarms have data."""
    found = values(outcome=outcome)
    assert {name: found[name] for name in OBJECTS} == dict.fromkeys(OBJECTS, 0) | {counted: 1}


def test_what_was_skipped_has_no_other_metrics() -> None:
    """Averages of duration and lag are about logs."""
    assert set(values(outcome=SKIPPED, attempt=Attempt())) == set(OBJECTS)


@pytest.mark.parametrize("outcome", [DELIVERED, UNFINISHED, FAILED, SKIPPED])
@pytest.mark.parametrize("attempt", [ATTEMPT, Attempt()], ids=["much", "nothing"])
def test_a_summary_with_metrics_is_valid_embedded_metric_format(
    outcome: str, attempt: Attempt
) -> None:
    """CloudWatch drops without a word what is not."""
    said = summary(outcome, SUBJECT, attempt)
    made = members(outcome, SUBJECT, attempt)
    assert not set(said) & set(made)
    line = json.loads(json.dumps(said | made))
    envelope = line["_aws"]
    assert envelope["Timestamp"] == 1785627661000
    [directive] = envelope["CloudWatchMetrics"]
    assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
    assert directive["Namespace"] == "LogProcessor"
    assert directive["Dimensions"] == [["FunctionName"]]
    assert line["FunctionName"] == "shop-logs"
    metrics = {each["Name"]: each["Unit"] for each in directive["Metrics"]}
    assert len(metrics) == len(directive["Metrics"]) <= 100
    for name, unit in metrics.items():
        assert type(line[name]) in (int, float)
        assert line[name] >= 0
        assert unit in EMF_UNITS
        assert UNITS[name] == unit
    upper = {name for name in line if name[0].isupper()}
    assert upper == {"FunctionName", *metrics}


@pytest.mark.parametrize(
    ("latest", "lag"),
    [
        ("2026-08-01T23:41:00.250000Z", 1.0),
        ("2026-08-01T23:41:00", 1.0),
        ("2026-08-01T23:40:60Z", 1.0),
        ("2026-08-01T23:40:60.123456Z", 1.0),
        ("2026-08-02T01:41:00+02:00", 1.0),
        ("2026-08-02T01:41:00.5+0200", 1.0),
        ("2026-08-01T23:42:00Z", 0.0),
        ("", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-08-01T23:41:00+99:99", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("0000-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:60Z", None),
    ],
)
def test_the_lag_of_a_log_is_that_of_its_youngest_line(latest: str, lag: float | None) -> None:
    """To the second. Clocks differ, so it is never negative; what is no time is not late."""
    assert values(attempt=Attempt(Account(latest=latest))).get("LogLag") == lag


@pytest.mark.parametrize(
    ("time", "lag"),
    [(None, None), (NOW - timedelta(hours=1), 3600.0), (NOW + timedelta(hours=1), 0.0)],
)
def test_the_lag_of_an_event_is_from_its_notification(
    time: datetime | None, lag: float | None
) -> None:
    """Where that says when it was."""
    assert values(subject=Subject("logs", "a", Kind.ALB, 1, time)).get("EventLag") == lag
