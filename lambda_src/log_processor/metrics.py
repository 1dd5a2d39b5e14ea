"""CloudWatch metrics of one attempt at an object, as members of its summary.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from .summaries import DELIVERED, FAILED, SKIPPED, UNFINISHED, Attempt, Subject

COUNT, BYTES, SECONDS = "Count", "Bytes", "Seconds"

UNITS = {
    "LinesRead": COUNT,
    "LinesDelivered": COUNT,
    "LinesFiltered": COUNT,
    "LinesRejected": COUNT,
    "LinesUnconfirmed": COUNT,
    "ExtraFields": COUNT,
    "BytesRead": BYTES,
    "BytesDelivered": BYTES,
    "Batches": COUNT,
    "Retries": COUNT,
    "ObjectsDelivered": COUNT,
    "ObjectsUnfinished": COUNT,
    "ObjectsFailed": COUNT,
    "ObjectsSkipped": COUNT,
    "LogLag": SECONDS,
    "EventLag": SECONDS,
    "Duration": SECONDS,
    "DurationReading": SECONDS,
    "DurationParsing": SECONDS,
    "DurationDelivering": SECONDS,
    "DurationKeeping": SECONDS,
}
"""Every metric there is, with its unit."""


@dataclass(frozen=True)
class Metrics:
    """Where metrics go."""

    namespace: str
    function: str
    """The function's name: the metrics' only dimension."""

    def members(
        self, outcome: str, subject: Subject, attempt: Attempt, now: datetime
    ) -> dict[str, Any]:
        """Return what makes a summary metrics as well."""
        return self._envelope(_values(outcome, subject, attempt, now), now)

    def failure(self, now: datetime) -> dict[str, Any]:
        """Return what makes the summary of a message that was not understood metrics as well."""
        return self._envelope({"ObjectsFailed": 1}, now)

    def _envelope(self, values: Mapping[str, int | float], now: datetime) -> dict[str, Any]:
        directive = {
            "Namespace": self.namespace,
            "Dimensions": [["FunctionName"]],
            "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
        }
        envelope = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}
        return {"FunctionName": self.function, **values, "_aws": envelope}


def _values(
    outcome: str, subject: Subject, attempt: Attempt, now: datetime
) -> dict[str, int | float]:
    objects = {
        "ObjectsDelivered": int(outcome == DELIVERED),
        "ObjectsUnfinished": int(outcome == UNFINISHED),
        "ObjectsFailed": int(outcome == FAILED),
        "ObjectsSkipped": int(outcome == SKIPPED),
    }
    if outcome == SKIPPED:
        return dict(objects)
    account, phases = attempt.account, attempt.account.phases
    return {
        "LinesRead": account.read - account.carried.read,
        "LinesDelivered": account.delivered - account.carried.delivered,
        "LinesFiltered": account.filtered - account.carried.filtered,
        "LinesRejected": account.rejected - account.carried.rejected,
        "LinesUnconfirmed": account.unconfirmed,
        "ExtraFields": account.extra_fields,
        "BytesRead": account.bytes,
        "BytesDelivered": attempt.bytes_delivered,
        "Batches": attempt.batches,
        "Retries": attempt.retries,
        **objects,
        **_lag("LogLag", _time(account.latest), now),
        **_lag("EventLag", subject.event_time, now),
        "Duration": round(attempt.seconds, 6),
        "DurationReading": round(phases.reading, 6),
        "DurationParsing": round(phases.parsing, 6),
        "DurationDelivering": round(phases.delivering, 6),
        "DurationKeeping": round(phases.keeping, 6),
    }


def _lag(name: str, since: datetime | None, now: datetime) -> dict[str, float]:
    """Clocks differ: what came from the future is not late."""
    if since is None:
        return {}
    return {name: round(max(0.0, (now - since).total_seconds()), 3)}


def _time(text: str) -> datetime | None:
    """Return a log's time, which may have no zone, or a leap second."""
    parts = re.match(r"([0-9-]+T[0-9:]+):([0-9]{2})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})?$", text)
    if parts is None:
        return None
    minute, second, zone = parts.groups()
    try:
        begun = datetime.fromisoformat(f"{minute}:00{(zone or 'Z').replace('Z', '+00:00')}")
        return begun.astimezone(UTC) + timedelta(seconds=int(second))
    except (ValueError, OverflowError):
        return None
