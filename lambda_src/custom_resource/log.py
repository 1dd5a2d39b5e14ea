"""The function's log: JSON lines on stdout, in the shape of the runtime's own.

timestamp    UTC, ISO 8601 with milliseconds and Z
level        INFO, WARNING or ERROR
message      "step", "answered", "answer not taken", "not answered", "answered before" or
             "failed unforeseen"
requestId    of the invocation
requestType, stackId, logicalResourceId   of CloudFormation's request, as far as it has them
step         what was begun
status, physicalResourceId, reason, seconds   of the answer
attempt, error                            why the answer was not taken, and which time that was
traceback    of a failure that nobody foresaw

Properties, what the answer's Data holds and the presigned URL are never written, and what a
provider has called a secret is replaced by ***.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time of the wall clock."""
    return datetime.now(UTC)


class Secrets:
    """Texts that must not be seen, and how to write others without them."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, text: str) -> None:
        """Keep this text out of everything that is written from now on."""
        if text:
            # Longest first: one secret may be a part of another.
            self._texts = sorted({*self._texts, text}, key=len, reverse=True)

    def concealed(self, text: str) -> str:
        """Return the text without any secret."""
        for secret in self._texts:
            text = text.replace(secret, "***")
        return text


@dataclass(frozen=True)
class Log:
    """Writes lines about one request."""

    about: Mapping[str, str]
    """What every line says."""
    secrets: Secrets = field(default_factory=Secrets)
    now: Callable[[], datetime] = utc_now

    def write(self, level: str, message: str, **members: str | float) -> None:
        """Write one line at once, so that lines of a process that dies are not lost or torn."""
        time = self.now().astimezone(UTC).isoformat(timespec="milliseconds")
        head = {"timestamp": time.replace("+00:00", "Z"), "level": level, "message": message}
        said = {
            name: self.secrets.concealed(value) if isinstance(value, str) else value
            for name, value in members.items()
        }
        # What cannot be logged is done, and answered, all the same.
        with suppress(OSError):
            sys.stdout.write(json.dumps({**head, **self.about, **said}) + "\n")
            sys.stdout.flush()
