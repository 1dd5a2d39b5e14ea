"""Objects that are broken, empty, no logs at all or very large, through the packaged function."""

from __future__ import annotations

import gzip
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.log_processor.receivers import StandIn, receiving
from tests.unit.log_processor.samples import ALB_KEY

from . import announcements, s3
from .announcements import NOTHING_FAILED, message
from .functions import environment, function
from .limits import LIMITS, MEBIBYTE, Limit
from .samples import ALB_LINE, BLOCK_LINES, alb, offset

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS's runtime interface emulator runs on Linux only"
)

LINES = 5_000
WHOLE = gzip.compress(ALB_LINE * LINES)
HALF = len(WHOLE) // 2

OBJECTS: dict[str, tuple[bytes, str, int]] = {
    "truncated.gz": (WHOLE[:-100], "failed", 0),
    "without-its-checksum.gz": (WHOLE[:-8], "failed", 0),
    "corrupt.gz": (WHOLE[:HALF] + bytes(40) + WHOLE[HALF + 40 :], "failed", 0),
    "no-gzip-behind-its-magic.gz": (b"\x1f\x8b" + ALB_LINE, "failed", 0),
    "members.gz": (WHOLE + gzip.compress(b"") + gzip.compress(ALB_LINE), "delivered", LINES + 1),
    "padded.gz": (gzip.compress(ALB_LINE) + bytes(1_000), "delivered", 1),
    "plain-in-spite-of-its-name.gz": (ALB_LINE, "delivered", 1),
    "gzip-in-spite-of-its-name.log": (gzip.compress(ALB_LINE), "delivered", 1),
    "without-the-last-newline.log": (ALB_LINE[:-1], "delivered", 1),
    "empty.log": (b"", "delivered", 0),
    "empty.gz": (gzip.compress(b""), "delivered", 0),
    "folder/": (b"", "skipped", 0),
    "AWSLogs/123456789012/ELBAccessLogTestFile": (b"Enable AccessLog", "skipped", 0),
}
"""Content, what becomes of it, and how many lines arrive at least."""

REASONS = {
    "truncated.gz": "the gzip data ends before its end",
    "without-its-checksum.gz": "the gzip data ends before its end",
    "corrupt.gz": "the gzip data is corrupt",
    "no-gzip-behind-its-magic.gz": "the gzip data is corrupt",
}


def test_what_is_broken_goes_back_and_what_is_empty_is_done(code: Path, tmp_path: Path) -> None:
    """Each object's message shares its fate, and nobody else's."""
    contents = {key: each[0] for key, each in OBJECTS.items()}
    batch = announcements.sqs(*(message(key, key, size=len(OBJECTS[key][0])) for key in OBJECTS))
    with (
        receiving() as receiver,
        s3.serving(s3.S3(contents)) as served,
        function(code, environment(served.port, receiver.port), tmp_path / "log") as invoke,
    ):
        answer = invoke(batch)
        summaries = {each["key"]: each for each in invoke.summaries}
    assert {key: each["outcome"] for key, each in summaries.items()} == {
        key: outcome for key, (_, outcome, _) in OBJECTS.items()
    }
    failed = [{"itemIdentifier": key} for key, each in OBJECTS.items() if each[1] == "failed"]
    assert answer == {"batchItemFailures": failed}
    errors = {key: each["error"] for key, each in summaries.items() if "error" in each}
    assert {key: REASONS[key] in error for key, error in errors.items()} == dict.fromkeys(
        REASONS, True
    )
    whole = {key: each for key, each in summaries.items() if each["outcome"] != "failed"}
    assert {key: each["delivered"] for key, each in whole.items()} == {
        key: OBJECTS[key][2] for key in whole
    }
    assert not any(each["rejected"] or each["unconfirmed"] for each in whole.values())
    assert len(receiver.lines) == sum(each["delivered"] for each in summaries.values())


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_lambdas_smallest_memory_suffices(limit: Limit, code: Path, tmp_path: Path) -> None:
    """A log of 200 MB, compressed to next to nothing, passes within 128 MiB."""
    lines = 200_000_000 // len(ALB_LINE)
    packed = gzip.compress(ALB_LINE * lines, compresslevel=1)
    batch = announcements.sqs(message("1", ALB_KEY))
    arrived = InOrder()
    with (
        limit.of(128 * MEBIBYTE) as within,
        limit.of(128 * MEBIBYTE) as as_much,
        receiving(arrived) as receiver,
        s3.serving(s3.S3({ALB_KEY: packed})) as served,
        function(
            code, environment(served.port, receiver.port), tmp_path / "log", within=within
        ) as invoke,
    ):
        assert invoke(batch) == NOTHING_FAILED, invoke.summaries
        assert not can_have(200 * MEBIBYTE, as_much)
    assert (arrived.lines, arrived.surprises) == (lines, [])


@pytest.mark.slow
def test_a_gibibyte_takes_no_more_memory_than_any_log(code: Path, tmp_path: Path) -> None:
    """The process that runs the function never has more than 110 MiB."""
    lines = 1024 * MEBIBYTE // len(ALB_LINE) // BLOCK_LINES * BLOCK_LINES
    batch = announcements.sqs(message("1", ALB_KEY))
    arrived = InOrder()
    with (
        receiving(arrived) as receiver,
        s3.serving(s3.S3({ALB_KEY: alb(lines)})) as served,
        function(code, environment(served.port, receiver.port), tmp_path / "log") as invoke,
    ):
        assert invoke(batch) == NOTHING_FAILED, invoke.summaries
        peak = peak_bytes(invoke.pid)
    assert (arrived.lines, arrived.surprises) == (lines, [])
    assert peak < 110 * MEBIBYTE


class InOrder:
    """Behaves as a receiver that looks whether the events of alb() come one after the other.

    It keeps none of them, and looks only at a batch's first and last one.
    """

    def __init__(self) -> None:
        self.lines = 0
        self.surprises: list[Any] = []

    def __call__(self, receiver: StandIn, connection: socket.socket) -> None:
        content = b"".join(iter(lambda: connection.recv(1 << 20), b""))
        if not content:
            return
        count = content.count(b"\n")
        first = content[: content.index(b"\n")]
        last = content[content.rindex(b"\n", 0, -1) + 1 :] if count > 1 else first
        expected = (self.lines * len(ALB_LINE), (self.lines + count - 1) * len(ALB_LINE))
        if (offset(first), offset(last)) != expected:
            self.surprises.append((offset(first), offset(last), expected))
        self.lines += count


def can_have(size: int, within: Sequence[str]) -> bool:
    """Whether a program gets so much memory."""
    taking = (*within, sys.executable, "-c", f"b'x' * int('{size}')")
    return subprocess.run(taking, capture_output=True, check=False).returncode == 0


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process has had at any time."""
    [kibibytes] = re.findall(r"^VmHWM:\s+([0-9]+) kB$", status(pid), re.MULTILINE)
    return int(kibibytes) * 1024


def status(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()
