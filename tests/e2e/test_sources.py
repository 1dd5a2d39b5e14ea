"""Each way in which AWS can announce an object, through the packaged function."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

from tests.unit.log_processor.receivers import receiving
from tests.unit.log_processor.samples import ALB_KEY, CONNECTION_KEY

from . import announcements, s3
from .announcements import NOTHING_FAILED, message
from .functions import environment, function
from .samples import ALB_LINE, every_kind, identified

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS's runtime interface emulator runs on Linux only"
)

ODD_KEYS = (
    "a b.log",
    "a+b.log",
    "a%20b.log",
    "a%2Bb.log",
    "a%b%.log",
    "a//b/../c.log",
    "a&b=c;d?e#f.log",
    "\u00fcn\u00ef/\u65e5\u672c/\U0001f600.log",
    " ' \" < > \\ ~ * ! ( ) @ , : $ [ ] { } | ^ `.log",
)
"""Several are what another becomes when it is decoded once too often, or encoded."""


def test_every_source_is_understood(code: Path, tmp_path: Path) -> None:
    """The same objects arrive, whoever announces them."""
    objects, events = every_kind(copies=2)
    announced = {
        "S3": [announcements.s3(*objects)],
        "SQS": [announcements.sqs(message("1", *objects))],
        "SNS": [announcements.sns(*objects)],
        "SNS in SQS": [announcements.sns_in_sqs("1", *objects)],
        "EventBridge": [announcements.eventbridge(key) for key in objects],
    }
    answers, arrived = {}, {}
    with (
        receiving() as receiver,
        s3.serving(s3.S3(objects)) as served,
        function(code, environment(served.port, receiver.port), tmp_path / "log") as invoke,
    ):
        for source, several in announced.items():
            answers[source] = [invoke(event) for event in several]
            arrived[source] = identified(receiver.lines)
            receiver.lines.clear()
    assert answers == {source: [NOTHING_FAILED] * len(each) for source, each in announced.items()}
    assert arrived == dict.fromkeys(announced, events)


def test_a_failure_goes_back_the_way_the_source_takes_it(code: Path, tmp_path: Path) -> None:
    """SQS takes messages back; any other source repeats an event whose invocation failed."""
    objects = {
        ALB_KEY: gzip.compress(ALB_LINE)[:-9],
        CONNECTION_KEY: b"",
    }
    announced = {
        "S3": announcements.s3(*objects),
        "SQS": announcements.sqs(message("1", CONNECTION_KEY), message("2", *objects)),
        "SNS": announcements.sns(*objects),
        "SNS in SQS": announcements.sns_in_sqs("2", *objects),
        "EventBridge": announcements.eventbridge(ALB_KEY),
    }
    with (
        receiving() as receiver,
        s3.serving(s3.S3(objects)) as served,
        function(code, environment(served.port, receiver.port), tmp_path / "log") as invoke,
    ):
        answers = {source: invoke(event) for source, event in announced.items()}
    handed_back = {"batchItemFailures": [{"itemIdentifier": "2"}]}
    kinds = {source: answer.get("errorType", answer) for source, answer in answers.items()}
    assert kinds == {
        "S3": "NotTakenBackError",
        "SQS": handed_back,
        "SNS": "NotTakenBackError",
        "SNS in SQS": handed_back,
        "EventBridge": "NotTakenBackError",
    }


def test_keys_are_decoded_as_often_as_their_source_has_encoded_them(
    code: Path, tmp_path: Path
) -> None:
    """S3's own notification encodes them as forms are, EventBridge does not: no two mix up."""
    objects = {key: ALB_LINE * number for number, key in enumerate(ODD_KEYS, 1)}
    announced = [announcements.s3(*ODD_KEYS), *map(announcements.eventbridge, ODD_KEYS)]
    with (
        receiving() as receiver,
        s3.serving(s3.S3(objects)) as served,
        function(code, environment(served.port, receiver.port), tmp_path / "log") as invoke,
    ):
        answers = [invoke(event) for event in announced]
        summaries = invoke.summaries
    assert answers == [NOTHING_FAILED] * len(announced)
    found = [(each["key"], each["delivered"]) for each in summaries]
    assert found == [(key, number) for number, key in enumerate(ODD_KEYS, 1)] * 2
