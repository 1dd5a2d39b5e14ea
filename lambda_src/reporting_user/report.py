"""What a run says: lines of the function's log, and the Data of CloudFormation's answer.

The log has a line for each statement, one for each thing that was left as it is, and a summary:

timestamp, level, message, requestId   as the runtime's own lines have them
message      "statement", "missing", "problem", or "reporting user kept" or "removed"
role         the reporting user
database, statement                    what was done; the password's verifier is not part of it
text         what is missing, or what stands in the way and what to do about it
statements, missing, problems, seconds of the summary: numbers
_aws         of the summary: CloudWatch's embedded metric format; its values are the keys in
             PascalCase, in the namespace ReportingUser, by function

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .plan import Kind
from .work import Outcome

KEPT, REMOVED = "reporting user kept", "reporting user removed"
NAMESPACE = "ReportingUser"

_ROOM = 1000
"""Bytes of one list in an answer, which has 4,096 in all."""

_CUT = " … (the rest is in the log)"


def utc_now() -> datetime:
    """Return the time of the wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Log:
    """Writes lines of one invocation to stdout."""

    request_id: str
    function: str
    now: Callable[[], datetime] = utc_now

    def report(self, message: str, outcome: Outcome, seconds: float) -> None:
        """Say what a run did and left."""
        for database, statement in outcome.statements:
            said = {"role": outcome.role, "database": database, "statement": statement}
            self._write("INFO", "statement", said)
        missing, problems = outcome.notes(Kind.MISSING), outcome.notes(Kind.PROBLEM)
        for text in missing:
            self._write("INFO", Kind.MISSING, {"role": outcome.role, "text": text})
        for text in problems:
            self._write("WARNING", Kind.PROBLEM, {"role": outcome.role, "text": text})
        counts = {
            "statements": len(outcome.statements),
            "missing": len(missing),
            "problems": len(problems),
        }
        summary = {"role": outcome.role, **counts, "seconds": round(seconds, 3)}
        level = "WARNING" if problems else "INFO"
        self._write(level, message, {**summary, **self._metrics(counts)})

    def warn(self, text: str, role: str) -> None:
        """Say what stands in the way of all."""
        self._write("WARNING", Kind.PROBLEM, {"role": role, "text": text})

    def _metrics(self, counts: Mapping[str, int]) -> dict[str, Any]:
        values = {name.capitalize(): value for name, value in counts.items()}
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [["FunctionName"]],
            "Metrics": [{"Name": name, "Unit": "Count"} for name in values],
        }
        timestamp = int(self.now().timestamp() * 1000)
        about = {"Timestamp": timestamp, "CloudWatchMetrics": [directive]}
        return {"FunctionName": self.function, **values, "_aws": about}

    def _write(self, level: str, message: str, said: Mapping[str, Any]) -> None:
        time = self.now().astimezone(UTC).isoformat(timespec="milliseconds")
        head = {
            "timestamp": time.replace("+00:00", "Z"),
            "level": level,
            "message": message,
            "requestId": self.request_id,
        }
        # One write: lines of a process that dies are not torn.
        sys.stdout.write(json.dumps({**head, **said}) + "\n")
        sys.stdout.flush()


def data(outcome: Outcome) -> dict[str, str]:
    """Return what `Fn::GetAtt` gives: texts, cut where they are long."""
    return {
        "Role": outcome.role,
        "Statements": str(len(outcome.statements)),
        "Missing": _cut("; ".join(outcome.notes(Kind.MISSING))),
        "Problems": _cut("; ".join(outcome.notes(Kind.PROBLEM))),
    }


def _cut(text: str) -> str:
    if _size(text) <= _ROOM:
        return text
    while _size(text + _CUT) > _ROOM:
        text = text[:-1]
    return text + _CUT


def _size(text: str) -> int:
    """As it is sent, where what is not ASCII takes six bytes or twelve."""
    return len(json.dumps(text))
