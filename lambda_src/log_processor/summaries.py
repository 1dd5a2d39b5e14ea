"""The one log line that says what became of an object, which is its CloudWatch metrics as well.

The line is JSON on stdout, in the shape of the runtime's own. Dashboards, alarms and other
programs read it, so its shape is kept:

timestamp    UTC, ISO 8601 with milliseconds and Z
level        INFO, WARNING (lines were rejected, or what is kept was out of reach) or ERROR
message      "object delivered", "object failed", "object unfinished" or "object skipped"
requestId    of the invocation
bucket, key  the key is decoded; null where a notification names none
version      the version id, or the ETag; null before the object was opened
outcome      "delivered", "failed", "skipped", or "unfinished": the invocation's time was up before
             the object's end; it was handed back, and the next attempt goes on at the checkpoint
kind         a value of kinds.Kind, as the key says; where it does not, as the lines do (`alb`, or
             `alb+classic`); null where a notification names no key
read, delivered, filtered, rejected, unconfirmed
             numbers of lines since the object's beginning:
             read = delivered + filtered + rejected + unconfirmed
attempt      of the message, 1 for the first; null where the source does not tell
resumedAt    the offset in the uncompressed content that the attempt began at; 0 for the beginning
bytes        of the uncompressed content, as far as this attempt read it
seconds      that the attempt took
phases       {"reading": …, "parsing": …, "delivering": …, "keeping": …}, seconds
batches, retries   of this attempt
filters      {"name of a rule": lines that it dropped, or would have dropped}
rejections   the first three: [{"offset": …, "reason": …}]
error        on failure: what went wrong
traceback    on a failure that nobody foresaw
stateError   what was wrong with the checkpoint; the object itself may be delivered all the same
reason       on skipping: why
_aws         CloudWatch's embedded metric format; its values are the keys in PascalCase, which count
             this attempt alone

A message whose body, or a record of it, cannot be understood has a line with `timestamp`, `level`,
`message` ("message not understood"), `requestId`, `messageId`, `outcome` ("failed") and `error`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from .accounting import Account
from .kinds import Kind

DELIVERED, FAILED, UNFINISHED, SKIPPED = "delivered", "failed", "unfinished", "skipped"

Summary = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What a summary is about."""

    bucket: str | None
    key: str | None
    kind: str | None
    attempt: int | None = None
    event_time: datetime | None = None
    """When S3 had the object."""


@dataclass
class Attempt:
    """What one attempt at an object came to."""

    account: Account = field(default_factory=Account)
    version: str | None = None
    seconds: float = 0.0
    batches: int = 0
    retries: int = 0
    bytes_delivered: int = 0
    error: str | None = None
    traceback: str | None = None


def summary(outcome: str, subject: Subject, attempt: Attempt, reason: str | None = None) -> Summary:
    """Return the summary of an attempt at an object."""
    account = attempt.account
    said: Summary = {
        "level": _level(outcome, attempt),
        "message": f"object {outcome}",
        "bucket": subject.bucket,
        "key": subject.key,
        "version": attempt.version,
        "outcome": outcome,
        "kind": _kind(subject, account),
        "read": account.read,
        "delivered": account.delivered,
        "filtered": account.filtered,
        "rejected": account.rejected,
        "unconfirmed": account.unconfirmed,
        "attempt": subject.attempt,
        "resumedAt": account.carried.offset,
        "bytes": account.bytes,
        "seconds": round(attempt.seconds, 3),
        "phases": {name: round(spent, 3) for name, spent in asdict(account.phases).items()},
        "batches": attempt.batches,
        "retries": attempt.retries,
        "filters": dict(account.rule_counts),
        "rejections": [{"offset": at, "reason": why} for at, why in account.rejections],
    }
    optional = {
        "error": attempt.error,
        "traceback": attempt.traceback,
        "stateError": account.state_error,
        "reason": reason,
    }
    return said | {name: text for name, text in optional.items() if text is not None}


def not_understood(message_id: str | None, error: str) -> Summary:
    """Return the summary of a message that names no object that could be tried."""
    return {
        "level": "ERROR",
        "message": "message not understood",
        "messageId": message_id,
        "outcome": FAILED,
        "error": error,
    }


def _level(outcome: str, attempt: Attempt) -> str:
    if outcome == FAILED:
        return "ERROR"
    return "WARNING" if attempt.account.rejected or attempt.account.state_error else "INFO"


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

    def write(self, said: Mapping[str, Any]) -> None:
        """Write one line at once, so that lines of a process that dies are not lost or torn."""
        time = self.now().astimezone(UTC).isoformat(timespec="milliseconds")
        head = {
            "timestamp": time.replace("+00:00", "Z"),
            "level": said["level"],
            "message": said["message"],
            "requestId": self.request_id,
        }
        sys.stdout.write(json.dumps(head | dict(said)) + "\n")
        sys.stdout.flush()
