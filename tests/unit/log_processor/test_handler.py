"""Invocations: real sockets, a bucket in memory, and what stdout says."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from lambda_src.log_processor import handler
from lambda_src.log_processor.delivery import Protocol
from lambda_src.log_processor.errors import NotTakenBackError, SettingsError
from lambda_src.log_processor.filters import Filter, parse
from lambda_src.log_processor.forwarding import Transformation
from lambda_src.log_processor.handler import handle, process
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.redaction import redactor
from lambda_src.log_processor.schemas.original import ORIGINAL
from lambda_src.log_processor.state import Checkpoint, save
from lambda_src.log_processor.storage import Folder

from .buckets import PREFIX, STATE, VERSION, Bucket, refusal
from .delivering import behaving, target
from .invocations import (
    NOTHING_FAILED,
    WRITE,
    Invocation,
    batch,
    event,
    events,
    failures,
    logged,
    message,
    offsets,
    services,
)
from .receivers import receiving
from .samples import ALB_34, ALB_EVENT, ALB_KEY, CLASSIC_15, CLASSIC_EVENT, CLASSIC_KEY, line
from .test_events import TEST_EVENT, bridged, notification, published, record, sns, sqs

GOOD = {"good": CLASSIC_15.encode()}


def summary(key: str | None, outcome: str, kind: str | None, **more: Any) -> dict[str, Any]:
    """Return the log line of an object without its metrics, zeros unless said otherwise."""
    levels = {"delivered": "INFO", "failed": "ERROR", "skipped": "INFO", "unfinished": "INFO"}
    return {
        "timestamp": "2026-08-01T23:41:01.000Z",
        "level": levels[outcome],
        "message": f"object {outcome}",
        "requestId": "request-1",
        "bucket": "logs",
        "key": key,
        "version": None if outcome == "skipped" else VERSION,
        "outcome": outcome,
        "kind": kind,
        "read": 0,
        "delivered": 0,
        "filtered": 0,
        "rejected": 0,
        "unconfirmed": 0,
        "attempt": 1,
        "resumedAt": 0,
        "bytes": 0,
        "seconds": 0.0,
        "phases": {"reading": 0.0, "parsing": 0.0, "delivering": 0.0, "keeping": 0.0},
        "batches": 0,
        "retries": 0,
        "filters": {},
        "rejections": [],
    } | more


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was logged without the metrics, whose keys are in PascalCase."""
    return [
        {name: value for name, value in line.items() if name[0].islower()}
        for line in logged(capsys)
    ]


def outcomes(capsys: pytest.CaptureFixture[str]) -> list[tuple[str | None, str]]:
    return [(line.get("key"), line["outcome"]) for line in logged(capsys)]


@pytest.mark.parametrize("protocol", Protocol)
def test_objects_are_delivered_and_accounted_for(
    protocol: Protocol, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each object has one log line, whatever carries its events."""
    content = f"{ALB_34}\n".encode()
    objects = {
        "a b+é/" + CLASSIC_KEY: CLASSIC_15.encode(),
        ALB_KEY: gzip.compress(content) + gzip.compress(content),
    }
    with receiving(behaving(protocol)) as receiver:
        able = services(Bucket(objects), target(protocol, receiver.port))
        result = process(batch(message("1", *objects)), Invocation(), able)
    assert result == NOTHING_FAILED
    assert events(receiver.lines) == [CLASSIC_EVENT, ALB_EVENT, ALB_EVENT]
    assert offsets(receiver.lines) == [0, 0, len(content)]
    counts = {"batches": 1, "bytes": len(CLASSIC_15), "read": 1, "delivered": 1}
    assert said(capsys) == [
        summary("a b+é/" + CLASSIC_KEY, "delivered", "classic", **counts),
        summary(
            ALB_KEY, "delivered", "alb", batches=1, bytes=2 * len(content), read=2, delivered=2
        ),
    ]


NOTIFIED = notification(record("good"))
SOURCES: Mapping[str, dict[str, Any]] = {
    "s3": NOTIFIED,
    "eventbridge": bridged("good"),
    "s3 in sns": sns(NOTIFIED),
    "s3 in sqs": sqs(NOTIFIED),
    "s3 in sns in sqs": sqs(published(NOTIFIED)),
    "eventbridge in sqs": sqs(bridged("good")),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_is_served(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The version that was announced is read, whatever has the key by now."""
    bucket = Bucket(GOOD)
    with receiving() as receiver:
        result = process(SOURCES[source], Invocation(), services(bucket, receiver.port))
    assert result == NOTHING_FAILED
    assert events(receiver.lines) == [CLASSIC_EVENT]
    assert bucket.requests == [{"Bucket": "logs", "Key": "good", "VersionId": VERSION}]
    [line] = logged(capsys)
    assert (line["outcome"], line["EventLag"]) == ("delivered", 60.0)
    assert line["attempt"] == (1 if "sqs" in source else None)


@pytest.mark.parametrize("source", ["s3", "eventbridge", "s3 in sns"])
def test_a_source_that_takes_no_part_back_fails_as_a_whole(
    source: str, refused_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lambda repeats an asynchronous event, or gives it to a destination, only if it fails."""
    with pytest.raises(NotTakenBackError) as caught:
        process(SOURCES[source], Invocation(), services(Bucket(GOOD), refused_port))
    assert str(caught.value) == "not everything was delivered: the log says what was not, and why"
    assert outcomes(capsys) == [("good", "failed")]


def test_everything_is_tried_before_the_invocation_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One object of an event must not cost the others an attempt."""
    bucket = Bucket({"bad": refusal("InternalError"), **GOOD})
    event = notification(record("bad"), {}, record("good"))
    with receiving() as receiver, pytest.raises(NotTakenBackError):
        process(event, Invocation(), services(bucket, receiver.port))
    assert events(receiver.lines) == [CLASSIC_EVENT]
    assert outcomes(capsys) == [("bad", "failed"), (None, "failed"), ("good", "delivered")]


def test_a_message_without_id_cannot_be_handed_back(capsys: pytest.CaptureFixture[str]) -> None:
    """The invocation fails then, and all of its batch comes again."""
    nameless = message("1", "missing")
    nameless["body"] = "nonsense"
    del nameless["messageId"]
    with receiving() as receiver, pytest.raises(NotTakenBackError):
        process(
            batch(nameless, message("2", "good")),
            Invocation(),
            services(Bucket(GOOD), receiver.port),
        )
    assert outcomes(capsys) == [(None, "failed"), ("good", "delivered")]


def test_one_bad_object_does_not_hide_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    """Its message is handed back, and the others of the batch and of the message succeed."""
    objects: dict[str, bytes | Exception] = {
        "broken.gz": gzip.compress(CLASSIC_15.encode() * 9)[:-9],
        "slow": ReadTimeoutError(endpoint_url="https://s3"),
        "denied": refusal("AccessDenied", "Access Denied"),
        "bug": ZeroDivisionError("oops"),
        **GOOD,
    }
    records = [
        message("1", "broken.gz", "good"),
        message("2", "good"),
        message("3", "denied"),
        message("4", "slow"),
        message("5", "bug"),
        {"messageId": "6", "body": "nonsense"},
        message("7", "good"),
    ]
    with receiving() as receiver:
        result = process(batch(*records), Invocation(), services(Bucket(objects), receiver.port))
    assert result == failures("1", "3", "4", "5", "6")
    assert events(receiver.lines) == [CLASSIC_EVENT] * 3
    lines = said(capsys)
    assert [(line.get("key"), line["outcome"]) for line in lines] == [
        ("broken.gz", "failed"),
        ("good", "delivered"),
        ("good", "delivered"),
        ("denied", "failed"),
        ("slow", "failed"),
        ("bug", "failed"),
        (None, "failed"),
        ("good", "delivered"),
    ]
    assert [line["error"] for line in lines if "error" in line] == [
        "the gzip data ends before its end: the object is truncated",
        "s3://logs/denied: An error occurred (AccessDenied) when calling the GetObject operation: "
        "Access Denied (or, without s3:ListBucket, the object is gone)",
        's3://logs/slow: Read timeout on endpoint URL: "https://s3"',
        "ZeroDivisionError: oops",
        "Records[5].body is not JSON: Expecting value: line 1 column 1 (char 0)",
    ]
    assert "ZeroDivisionError" in lines[5]["traceback"]
    assert lines[6] == {
        "timestamp": "2026-08-01T23:41:01.000Z",
        "level": "ERROR",
        "message": "message not understood",
        "requestId": "request-1",
        "messageId": "6",
        "outcome": "failed",
        "error": "Records[5].body is not JSON: Expecting value: line 1 column 1 (char 0)",
    }


CONTROL_KEY = "AWSLogs/123456789012/ELBAccessLogTestFile"


def test_what_is_not_a_log_is_skipped_and_counted(
    capsys: pytest.CaptureFixture[str], refused_port: int
) -> None:
    """Neither test events nor test files, folders nor deletions are opened or fail."""
    bucket = Bucket()
    marker = record("folder/")
    marker["s3"]["object"]["size"] = 0
    records = [
        {"messageId": "1", "body": json.dumps(TEST_EVENT)},
        message("2", CONTROL_KEY),
        message("3", "a b", name="ObjectRemoved:Delete"),
        message("4", "folder/"),
        {"messageId": "5", "body": json.dumps(notification(marker))},
    ]
    result = process(batch(*records), Invocation(), services(bucket, refused_port))
    assert (result, bucket.requests) == (NOTHING_FAILED, [])
    control, removed = (
        "the load balancer's test of the bucket, not a log",
        "the event is ObjectRemoved:Delete, not ObjectCreated",
    )
    folder = summary("folder/", "skipped", "unknown", reason="a folder's marker, not a log")
    assert said(capsys) == [
        summary(None, "skipped", None, reason="s3:TestEvent", attempt=None),
        summary(CONTROL_KEY, "skipped", "control", reason=control),
        summary("a b", "skipped", "unknown", reason=removed),
        folder,
        folder | {"attempt": None},
    ]


def test_what_the_function_writes_is_not_read(
    capsys: pytest.CaptureFixture[str], refused_port: int
) -> None:
    """A notification on the bucket of the state must not start a loop."""
    keys = [f"{PREFIX}rejected/logs/a/1.jsonl", f"{PREFIX}checkpoints/logs/a/1.json"]
    event = sqs(notification(*(record(key, bucket=STATE) for key in keys)))
    bucket = Bucket()
    assert process(event, Invocation(), services(bucket, refused_port)) == NOTHING_FAILED
    assert bucket.requests == []
    reason = "written by this function itself"
    assert said(capsys) == [
        summary(key, "skipped", "unknown", bucket=STATE, reason=reason) for key in keys
    ]


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion", "MethodNotAllowed"])
def test_an_object_that_is_gone_is_skipped_and_counted(
    code: str, capsys: pytest.CaptureFixture[str], refused_port: int
) -> None:
    """Trying again brings nothing back; the metric says that logs were lost before they came."""
    able = services(Bucket({"a": refusal(code)}), refused_port)
    assert process(batch(message("1", "a")), Invocation(), able) == NOTHING_FAILED
    [line] = logged(capsys)
    assert line["ObjectsSkipped"] == 1
    reason = (
        f"the object is gone: s3://logs/a: An error occurred ({code}) when calling the GetObject "
        "operation: No."
    )
    expected = summary("a", "skipped", "unknown", reason=reason)
    assert {name: line[name] for name in expected} == expected


def test_another_version_than_announced_is_gone(
    capsys: pytest.CaptureFixture[str], refused_port: int
) -> None:
    """It has a notification of its own."""
    bucket = Bucket(GOOD, version="another")
    able = services(bucket, refused_port)
    assert process(SOURCES["s3"], Invocation(), able) == NOTHING_FAILED
    [line] = logged(capsys)
    assert "NoSuchVersion" in line["reason"]
    assert bucket.requests == [{"Bucket": "logs", "Key": "good", "VersionId": VERSION}]


def test_nothing_is_delivered_that_nobody_received(
    capsys: pytest.CaptureFixture[str], refused_port: int
) -> None:
    """A receiver that refuses leaves all events unconfirmed, and what goes with them."""
    content = f"{CLASSIC_15}\n\n{CLASSIC_15}\n".encode()
    bucket = Bucket({CLASSIC_KEY: content})
    event = batch(message("1", CLASSIC_KEY))
    assert process(event, Invocation(), services(bucket, refused_port)) == failures("1")
    [line] = said(capsys)
    assert line.pop("error").startswith(f"127.0.0.1:{refused_port}: Connection refused: ")
    assert line == summary(
        CLASSIC_KEY,
        "failed",
        "classic",
        read=3,
        unconfirmed=3,
        bytes=len(content),
        retries=5,
        rejections=[{"offset": len(CLASSIC_15) + 1, "reason": "empty line"}],
    )
    assert bucket.texts == {}


def test_an_object_of_rejected_lines_needs_no_receiver(
    capsys: pytest.CaptureFixture[str], refused_port: int
) -> None:
    """They are kept as they came, one after the other."""
    bucket = Bucket({ALB_KEY: b"a\n\xff b\n"})
    able = services(bucket, refused_port)
    assert process(batch(message("1", ALB_KEY)), Invocation(), able) == NOTHING_FAILED
    reasons = ["1 field, expected at least 18", "2 fields, expected at least 18"]
    rejections = [{"offset": at, "reason": why} for at, why in zip([0, 2], reasons, strict=True)]
    assert said(capsys) == [
        summary(
            ALB_KEY,
            "delivered",
            "alb",
            level="WARNING",
            read=2,
            rejected=2,
            bytes=6,
            rejections=rejections,
        )
    ]
    [text] = bucket.named("rejected").values()
    about = {"bucket": "logs", "key": ALB_KEY, "version": VERSION}
    assert [json.loads(line) for line in text.splitlines()] == [
        about | {"offset": 0, "length": 1, "reason": reasons[0], "line": "a"},
        about | {"offset": 2, "length": 3, "reason": reasons[1], "lineBase64": "/yBi"},
    ]


def test_without_time_left_objects_are_handed_back(capsys: pytest.CaptureFixture[str]) -> None:
    """A part of the invocation's time is kept for saying so; nothing is opened in it."""
    bucket = Bucket(GOOD)
    clock = itertools.count(0.0, 9.0)
    with receiving() as receiver:
        late = services(bucket, receiver.port, clock=lambda: next(clock))
        event = batch(message("1", "good"), message("2", "good"))
        result = process(event, Invocation(seconds=10), late)
    assert (result, bucket.requests) == (failures("1", "2"), [])
    lines = said(capsys)
    assert [line.pop("seconds") for line in lines] == [18.0, 18.0]
    expected = summary("good", "unfinished", "unknown", version=None)
    del expected["seconds"]
    assert lines == [expected] * 2


def test_an_object_that_is_cut_by_time_goes_on_with_the_next_attempt(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It stops between blocks, with everything before confirmed."""
    content = f"{CLASSIC_15}\n".encode() * 20
    now = 0.0

    def before(step: str) -> None:
        nonlocal now
        now += 5.0 if step == "read" and now < 25 else 0.0

    bucket = Bucket({"a": content}, step=500, before=before)
    with receiving() as receiver:
        able = services(bucket, receiver.port, clock=lambda: now)
        results = [
            process(batch(message("1", "a", attempt=number)), Invocation(seconds=30), able)
            for number in (1, 2)
        ]
    assert results == [failures("1"), NOTHING_FAILED]
    assert [event(line) for line in receiver.lines] == [CLASSIC_EVENT] * 20
    size = len(CLASSIC_15) + 1
    assert offsets(receiver.lines) == [size * number for number in range(20)]
    first, second = logged(capsys)
    kept = ("outcome", "level", "read", "delivered", "unconfirmed", "attempt", "resumedAt")
    done = first["delivered"]
    assert [first[name] for name in kept] == ["unfinished", "INFO", done, done, 0, 1, 0]
    assert [second[name] for name in kept] == ["delivered", "INFO", 20, 20, 0, 2, done * size]
    assert (first["bytes"], second["bytes"]) == (done * size, (20 - done) * size)
    assert (first["LinesRead"], second["LinesRead"]) == (done, 20 - done)
    assert (first["ObjectsUnfinished"], second["ObjectsUnfinished"]) == (1, 0)


def test_a_checkpoint_is_asked_for_only_where_there_may_be_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A first attempt of a message needs none; who cannot tell which attempt it is asks."""
    steps: list[str] = []
    bucket = Bucket(GOOD, before=steps.append)
    with receiving() as receiver:
        able = services(bucket, receiver.port)
        for number in (1, 2, None):
            process(batch(message("1", "good", attempt=number)), Invocation(), able)
    assert steps == [
        *("open", "read", "read"),
        *("open", "load", "read", "read"),
        *("open", "load", "read", "read"),
    ]
    assert outcomes(capsys) == [("good", "delivered")] * 3


def kept(version: str = VERSION) -> Bucket:
    """Return a bucket with two lines, and a checkpoint after the first line of a version."""
    bucket = Bucket({"a": f"{CLASSIC_15}\n{CLASSIC_15}\n".encode()})
    checkpoint = Checkpoint(offset=len(CLASSIC_15) + 1, read=1, delivered=1)
    save(Folder(bucket, STATE, PREFIX), Origin("logs", "a", version), "1", checkpoint)
    return bucket


def second_attempt(
    bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> tuple[list[int], dict[str, Any]]:
    """Return what arrived, and the summary."""
    with receiving() as receiver:
        able = services(bucket, receiver.port)
        process(batch(message("1", "a", attempt=2)), Invocation(), able)
    [line] = said(capsys)
    return offsets(receiver.lines), line


def test_a_redelivery_goes_on_at_the_checkpoint(capsys: pytest.CaptureFixture[str]) -> None:
    """The counts are those of the whole object."""
    size = len(CLASSIC_15) + 1
    counts = {"read": 2, "delivered": 2, "batches": 1, "attempt": 2}
    expected = summary("a", "delivered", "classic", bytes=size, resumedAt=size, **counts)
    assert second_attempt(kept(), capsys) == ([size], expected)


def test_a_checkpoint_of_another_version_is_not_used(capsys: pytest.CaptureFixture[str]) -> None:
    """The same key may have got another content."""
    size = len(CLASSIC_15) + 1
    counts = {"read": 2, "delivered": 2, "batches": 1, "attempt": 2}
    expected = summary("a", "delivered", "classic", bytes=2 * size, **counts)
    assert second_attempt(kept("another"), capsys) == ([0, size], expected)


@pytest.mark.parametrize("trouble", ["corrupt", "out of reach"])
def test_without_its_checkpoint_an_object_is_delivered_from_the_beginning(
    trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which is always right, and is said."""
    bucket = kept()

    def before(step: str) -> None:
        if step == "load":
            raise refusal("SlowDown")

    if trouble == "corrupt":
        bucket.texts = dict.fromkeys(bucket.texts, b'{"offset": 99')
    else:
        bucket.before = before
    arrived, line = second_attempt(bucket, capsys)
    size = len(CLASSIC_15) + 1
    assert arrived == [0, size]
    error = line.pop("stateError")
    assert ("cannot be understood" if trouble == "corrupt" else "SlowDown") in error
    counts = {"read": 2, "delivered": 2, "batches": 1, "attempt": 2}
    assert line == summary("a", "delivered", "classic", level="WARNING", bytes=2 * size, **counts)


@pytest.mark.parametrize("port", ["listening", "refused"])
def test_every_object_is_closed(port: str, refused_port: int) -> None:
    """Also when its delivery fails: connections to S3 are few."""
    bucket = Bucket({"good": CLASSIC_15.encode() * 100})
    with receiving() as receiver:
        number = receiver.port if port == "listening" else refused_port
        process(batch(message("1", "good")), Invocation(), services(bucket, number))
    assert [stream.closed for stream in bucket.opened] == [True]


def test_an_object_that_is_opened_too_late_is_closed_too(refused_port: int) -> None:
    """Nothing of it was read then."""
    now = 0.0

    def before(step: str) -> None:
        nonlocal now
        now += 25.0

    bucket = Bucket(GOOD, before=before)
    late = services(bucket, refused_port, clock=lambda: now)
    assert process(batch(message("1", "good")), Invocation(), late) == failures("1")
    assert [stream.closed for stream in bucket.opened] == [True]


def test_an_invocation_leaves_no_state_behind(refused_port: int) -> None:
    """After a failure the same services deliver the same object."""
    bucket = Bucket(GOOD)
    asked = batch(message("1", "good"))
    assert process(asked, Invocation(), services(bucket, refused_port)) == failures("1")
    with receiving() as receiver:
        again = services(bucket, receiver.port)
        assert process(asked, Invocation(), again) == NOTHING_FAILED
        assert process(asked, Invocation(), again) == NOTHING_FAILED
    assert receiver.received == [receiver.received[0]] * 2
    assert bucket.texts == {}


SECRET = "hush4711"
TOKEN = f"https://www.example.com:443/in?token={SECRET}&page=2"


def confidential() -> Transformation:
    rules = [
        {"name": "health", "action": "exclude", "field": "UserAgent", "matches": "^ELB-"},
        {
            "name": "big",
            "action": "exclude",
            "field": "sent_bytes",
            "above": 50,
            "count_only": True,
        },
    ]
    return Transformation(
        WRITE, Filter(parse(json.dumps(rules), ORIGINAL), ORIGINAL), redactor(["token"])
    )


def test_what_is_filtered_or_redacted_leaves_by_no_way(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither to the receiver nor to the log; rejected lines are kept as they came."""
    lines = [
        line(Kind.ALB, request=f'"GET {TOKEN} HTTP/1.1"', redirect_url=f'"{TOKEN}"'),
        line(Kind.ALB, user_agent='"ELB-HealthChecker/2.0"'),
        line(Kind.ALB, time=f"/?token={SECRET}"),
        f"{line(Kind.ALB)} /?token={SECRET}",
    ]
    bucket = Bucket({ALB_KEY: "\n".join(lines).encode()})
    with receiving() as receiver:
        able = services(bucket, receiver.port, transformation=confidential())
        assert process(batch(message("1", ALB_KEY)), Invocation(), able) == NOTHING_FAILED
    first, second = events(receiver.lines)
    redacted = TOKEN.replace(SECRET, "REDACTED")
    assert first == ALB_EVENT | {
        "FullRequest": f"GET {redacted} HTTP/1.1",
        "RedirectUrl": redacted,
    }
    assert second == ALB_EVENT | {"ExtraFields": ["/?token=REDACTED"]}
    written = capsys.readouterr().out
    assert SECRET not in written
    assert SECRET not in b"".join(receiver.lines).decode()
    told = json.loads(written)
    assert (told["read"], told["delivered"], told["filtered"], told["rejected"]) == (4, 2, 1, 1)
    assert told["filters"] == {"health": 1, "big": 2}
    [rejection] = told["rejections"]
    assert rejection["reason"].startswith('field 2 time is "/?token=REDACTED')
    [text] = bucket.named("rejected").values()
    assert json.loads(text)["line"] == lines[2]


def test_the_log_has_a_line_for_each_object_and_none_for_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What a log costs must not grow with the traffic, or with who sends nonsense."""
    bucket = Bucket({"a": b"nonsense\n" * 5000, "b": f"{CLASSIC_15}\n".encode() * 500})
    with receiving() as receiver:
        able = services(bucket, receiver.port)
        assert process(batch(message("1", "a", "b")), Invocation(), able) == NOTHING_FAILED
    written = capsys.readouterr().out
    assert [json.loads(line)["rejected"] for line in written.splitlines()] == [5000, 0]
    assert len(written) < 8000


VARIABLES = ("EVENT_", "LOGSTASH_", "STATE_", "FILTERS", "REDACT", "METRICS_")


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment without the function's variables, and nothing made for it before."""
    for name in list(os.environ):
        if name.startswith(VARIABLES):
            monkeypatch.delenv(name)
    handler._services.cache_clear()
    yield
    handler._services.cache_clear()


@pytest.mark.usefixtures("no_variables")
def test_without_settings_the_invocation_fails() -> None:
    """So that its messages stay in the queue."""
    with pytest.raises(SettingsError, match="LOGSTASH_HOST is missing or empty; EVENT_COMPONENT"):
        handle(batch(message("1", "good")), Invocation())


@pytest.mark.usefixtures("no_variables")
def test_the_variables_decide_what_an_invocation_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read once; what is not asked for is not made."""
    from .samples import ENVIRONMENT

    more = {
        "STATE_LOCATION": "s3://state/p/",
        "REDACT": "token",
        "FILTERS": '[{"action": "exclude", "field": "Status", "in": ["200"]}]',
    }
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for name, value in (ENVIRONMENT | more).items():
        monkeypatch.setenv(name, value)
    made = handler._services()
    assert made is handler._services()
    assert made.transformation.filter is not None
    assert made.transformation.redact is not None
    assert made.transformation.redact("/?token=x") == "/?token=REDACTED"
    assert made.texts.holds("state", "p/rejected/a")
    assert [str(each) for each in made.target.endpoints] == ["127.0.0.1:5000"]


def test_importing_does_nothing_and_needs_nothing_of_ours() -> None:
    """No settings are read, no client is made, and the package stands alone."""
    source = Path(handler.__file__).parents[2]
    code = (
        "import sys, lambda_src.log_processor.handler as handler, botocore.session;"
        "assert handler._services.cache_info().currsize == 0;"
        "assert not any(name.split('.')[0] == 'infra' for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=source, env={}, check=True, timeout=120)
