"""The packaged function as AWS runs it: zip, runtime client, HTTP to S3, TCP to a receiver."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

from tests.unit.log_processor.receivers import receiving
from tests.unit.log_processor.samples import ALB_KEY, CLASSIC_15, CLASSIC_KEY

from . import announcements, s3
from .announcements import NOTHING_FAILED, message
from .functions import Python, environment, function
from .processes import wait_until
from .samples import ALB_LINE, every_kind, identified

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS's runtime interface emulator runs on Linux only"
)


def test_a_batch_is_delivered_and_what_failed_is_handed_back(
    python: Python, code: Path, tmp_path: Path
) -> None:
    """Objects of every kind arrive whole, also the second time; a broken one fails alone."""
    objects, events = every_kind(copies=300)
    broken = gzip.compress(ALB_LINE.rstrip())[:-9]  # without one whole line
    batch = announcements.sqs(
        message("1", *objects), message("2", "missing"), message("3", "broken")
    )
    with (
        receiving() as receiver,
        s3.serving(s3.S3({**objects, "broken": broken})) as served,
        function(
            code, environment(served.port, receiver.port), tmp_path / "log", python=python
        ) as invoke,
    ):
        answers, arrived = [], []
        for _ in range(2):
            answers.append(invoke(batch))
            arrived.append(identified(receiver.lines))
            receiver.lines.clear()
        summaries = invoke.summaries
    assert answers == [{"batchItemFailures": [{"itemIdentifier": "3"}]}] * 2
    assert arrived == [events] * 2
    assert [each["outcome"] for each in summaries] == [
        *(["delivered"] * len(objects)),
        "skipped",
        "failed",
    ] * 2


def test_lines_that_are_not_understood_are_kept(code: Path, tmp_path: Path) -> None:
    """They stand in the bucket of states as they were, and the log says where they came from."""
    content = f"{CLASSIC_15}\nnonsense\n\n{CLASSIC_15}".encode()
    with (
        receiving() as receiver,
        s3.serving(s3.S3({CLASSIC_KEY: content})) as served,
        function(code, environment(served.port, receiver.port), tmp_path / "log") as invoke,
    ):
        assert invoke(announcements.sqs(message("1", CLASSIC_KEY))) == NOTHING_FAILED
        [summary] = invoke.summaries
        kept = [(each["offset"], each["line"]) for each in served.rejected()]
    shown = ("level", "kind", "read", "delivered", "rejected", "unconfirmed")
    assert [summary[name] for name in shown] == ["WARNING", "classic", 4, 2, 2, 0]
    assert kept == [(len(CLASSIC_15) + 1, "nonsense"), (len(CLASSIC_15) + 10, "")]
    assert len(receiver.lines) == 2


def test_a_receiver_that_refuses_hands_the_message_back(
    code: Path, refused_port: int, tmp_path: Path
) -> None:
    """Nothing is lost: SQS delivers the message again."""
    with (
        s3.serving(s3.S3({ALB_KEY: gzip.compress(ALB_LINE)})) as served,
        function(code, environment(served.port, refused_port), tmp_path / "log") as invoke,
    ):
        answer = invoke(announcements.sqs(message("1", ALB_KEY)))
        [summary] = invoke.summaries
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert summary["error"].startswith(f"127.0.0.1:{refused_port}: Connection refused: ")
    assert (summary["outcome"], summary["delivered"], served.kept) == ("failed", 0, {})


def test_settings_that_are_missing_fail_every_invocation(code: Path, tmp_path: Path) -> None:
    """All of them are named at once, and nothing is taken for done."""
    settings = environment(1, 1, LOGSTASH_PORT="http", STATE_LOCATION="")
    with function(code, settings, tmp_path / "log") as invoke:
        answers = [invoke(announcements.sqs(message("1", ALB_KEY))) for _ in range(2)]
    wrong = (
        "STATE_LOCATION is missing or empty; "
        "LOGSTASH_PORT is 'http', expected a number from 1 to 65535"
    )
    assert [(each["errorType"], each["errorMessage"]) for each in answers] == [
        ("SettingsError", wrong)
    ] * 2


def test_the_emulator_leaves_no_process_behind(
    code: Path, refused_port: int, tmp_path: Path
) -> None:
    """The runtime that it starts is in its process group and ends with it."""
    here = tmp_path / "here"
    here.symlink_to(code)
    settings = environment(refused_port, refused_port)
    with function(here, settings, tmp_path / "log") as invoke:
        invoke(announcements.s3("missing"))
        assert is_running(here)
    wait_until(lambda: not is_running(here), "all processes end", tmp_path / "log")


def is_running(code: Path) -> bool:
    """Whether any process has the code's folder in its environment."""
    return any(f"LAMBDA_TASK_ROOT={code}" in text for text in environments())


def environments() -> list[str]:
    """Return the environments of all running processes that we may look at."""
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            found.append(file.read_text(errors="replace"))
        except OSError:
            continue
    return found
