"""What became of every line of an object, and the one log line that says so.

On success `read` = `delivered` + `rejected`. On failure nothing counts as delivered, whatever the
receiver may have: `read` = `rejected` + `unconfirmed`, and the message is handed back.

The line is JSON on stdout. Dashboards, alarms and other programs read it, so its shape is kept:

timestamp    UTC, ISO 8601 with milliseconds and Z
level        INFO, WARNING (lines were rejected) or ERROR (the object failed)
message      "object delivered", "object failed" or "object skipped"
requestId    of the invocation
bucket, key  the key is decoded; null where a notification names none
outcome      "delivered", "failed" or "skipped"
kind         a value of formats.Kind, as the key says; where it does not, as the lines do (`alb`, or
             `alb+classic`); null where a notification names no key
read, delivered, rejected, unconfirmed    numbers of lines
bytes        of the uncompressed content, as far as it was read
seconds      that the object took
rejections   the first three: [{"offset": …, "reason": …}]
error        on failure: what went wrong
traceback    on a failure that nobody foresaw
reason       on skipping: why

A message whose body, or a record of it, cannot be understood has a line with `timestamp`, `level`,
`message` ("message not understood"), `requestId`, `messageId`, `outcome` ("failed") and `error`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .formats import Kind

REJECTIONS_SHOWN = 3


@dataclass
class Account:
    """The counts of one object while it is read."""

    read: int = 0
    rejected: int = 0
    bytes: int = 0
    rejections: list[tuple[int, str]] = field(default_factory=list)
    """Offset and reason of the first rejected lines."""
    kinds: set[Kind] = field(default_factory=set)
    """Of the lines that became events."""

    def reject(self, offset: int, reason: str) -> None:
        """Count a line that became no event."""
        self.rejected += 1
        if len(self.rejections) < REJECTIONS_SHOWN:
            self.rejections.append((offset, reason))


@dataclass(frozen=True)
class Subject:
    """What a summary is about."""

    bucket: str | None
    key: str | None
    kind: str | None


def delivered(subject: Subject, account: Account, seconds: float) -> dict[str, Any]:
    """Return the summary of an object whose every line is drain-confirmed or rejected."""
    level = "WARNING" if account.rejected else "INFO"
    delivered_lines = account.read - account.rejected
    return _summary(level, "delivered", subject, account, seconds, delivered_lines)


def failed(
    subject: Subject, account: Account, seconds: float, error: str, traceback: str | None = None
) -> dict[str, Any]:
    """Return the summary of an object whose message is handed back."""
    summary = _summary("ERROR", "failed", subject, account, seconds) | {"error": error}
    return summary if traceback is None else summary | {"traceback": traceback}


def skipped(subject: Subject, reason: str) -> dict[str, Any]:
    """Return the summary of a notification that asks for nothing."""
    return _summary("INFO", "skipped", subject, Account(), 0.0) | {"reason": reason}


def not_understood(message_id: str, error: str) -> dict[str, Any]:
    """Return the summary of a message that names no object that could be tried."""
    return {
        "level": "ERROR",
        "message": "message not understood",
        "messageId": message_id,
        "outcome": "failed",
        "error": error,
    }


def _summary(
    level: str,
    outcome: str,
    subject: Subject,
    account: Account,
    seconds: float,
    delivered_lines: int = 0,
) -> dict[str, Any]:
    return {
        "level": level,
        "message": f"object {outcome}",
        "bucket": subject.bucket,
        "key": subject.key,
        "outcome": outcome,
        "kind": _kind(subject, account),
        "read": account.read,
        "delivered": delivered_lines,
        "rejected": account.rejected,
        "unconfirmed": account.read - account.rejected - delivered_lines,
        "bytes": account.bytes,
        "seconds": round(seconds, 3),
        "rejections": [{"offset": at, "reason": reason} for at, reason in account.rejections],
    }


def _kind(subject: Subject, account: Account) -> str | None:
    if subject.kind == Kind.UNKNOWN and account.kinds:
        return "+".join(sorted(account.kinds))
    return subject.kind


def utc_now() -> datetime:
    """Return the time of the wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Log:
    """Writes summaries of one invocation to stdout, one line each."""

    request_id: str
    now: Callable[[], datetime] = utc_now

    def write(self, summary: Mapping[str, Any]) -> None:
        """Write one line at once, so that lines of a process that dies are not lost or torn."""
        time = self.now().astimezone(UTC).isoformat(timespec="milliseconds")
        head = {
            "timestamp": time.replace("+00:00", "Z"),
            "level": summary["level"],
            "message": summary["message"],
            "requestId": self.request_id,
        }
        sys.stdout.write(json.dumps(head | dict(summary)) + "\n")
        sys.stdout.flush()
