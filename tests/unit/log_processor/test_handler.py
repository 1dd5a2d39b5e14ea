"""Invocations: real sockets, a bucket in memory, and what stdout says."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from lambda_src.log_processor import handler
from lambda_src.log_processor.errors import SettingsError
from lambda_src.log_processor.handler import Services, handle, process
from lambda_src.log_processor.schemas import event, original

from .buckets import Bucket, Invocation, message
from .receivers import receiving
from .samples import ALB_34, ALB_EVENT, ALB_KEY, CLASSIC_15, CLASSIC_EVENT, CLASSIC_KEY, STATIC

NOW = datetime(2026, 8, 1, tzinfo=UTC)
NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


def services(
    objects: Mapping[str, bytes | Exception], port: int, s3: Bucket | None = None
) -> Services:
    """Return services whose clock stands still."""
    bucket = s3 or Bucket(objects)
    return Services("127.0.0.1", port, original(STATIC), bucket, lambda: 0.0, lambda: NOW)


def failures(*ids: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in ids]}


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def summary(key: str | None, outcome: str, kind: str | None, **more: Any) -> dict[str, Any]:
    """Return the log line of an object, zeros unless said otherwise."""
    levels = {"delivered": "INFO", "failed": "ERROR", "skipped": "INFO"}
    return {
        "timestamp": "2026-08-01T00:00:00.000Z",
        "level": levels[outcome],
        "message": f"object {outcome}",
        "requestId": "request-1",
        "bucket": "logs",
        "key": key,
        "outcome": outcome,
        "kind": kind,
        "read": 0,
        "delivered": 0,
        "rejected": 0,
        "unconfirmed": 0,
        "bytes": 0,
        "seconds": 0.0,
        "rejections": [],
    } | more


def test_objects_are_delivered_and_accounted_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Each object has one connection and one log line."""
    content = f"{ALB_34}\n".encode()
    objects = {
        "a b+é/" + CLASSIC_KEY: CLASSIC_15.encode(),
        ALB_KEY: gzip.compress(content) + gzip.compress(content),
    }
    with receiving() as receiver:
        result = process(
            {"Records": [message("1", *objects)]}, Invocation(), services(objects, receiver.port)
        )
    assert result == NOTHING_FAILED
    assert [list(map(event, text.decode().splitlines())) for text in receiver.received] == [
        [CLASSIC_EVENT],
        [ALB_EVENT, ALB_EVENT],
    ]
    first, second = logged(capsys)
    size = len(CLASSIC_15)
    assert first == summary(
        "a b+é/" + CLASSIC_KEY, "delivered", "classic", read=1, delivered=1, bytes=size
    )
    assert second == summary(
        ALB_KEY, "delivered", "alb", read=2, delivered=2, bytes=2 * len(content)
    )


def test_one_bad_object_does_not_hide_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    """Its message is handed back, and the others of the batch and of the message succeed."""
    objects: dict[str, bytes | Exception] = {
        "broken.gz": gzip.compress(CLASSIC_15.encode() * 9)[:-9],
        "slow": ReadTimeoutError(endpoint_url="https://s3"),
        "good": CLASSIC_15.encode(),
        "bug": ZeroDivisionError("oops"),
    }
    records = [
        message("1", "broken.gz", "good"),
        message("2", "good"),
        message("3", "missing"),
        message("4", "slow"),
        message("5", "bug"),
        {"messageId": "6", "body": "nonsense"},
        message("7", "good"),
    ]
    with receiving() as receiver:
        result = process({"Records": records}, Invocation(), services(objects, receiver.port))
    assert result == failures("1", "3", "4", "5", "6")
    assert receiver.received[-3:] == [receiver.received[-1]] * 3
    lines = logged(capsys)
    assert [(line.get("key"), line["outcome"]) for line in lines] == [
        ("broken.gz", "failed"),
        ("good", "delivered"),
        ("good", "delivered"),
        ("missing", "failed"),
        ("slow", "failed"),
        ("bug", "failed"),
        (None, "failed"),
        ("good", "delivered"),
    ]
    assert [line["error"] for line in lines if "error" in line] == [
        "the gzip data ends before its end: the object is truncated",
        "s3://logs/missing: An error occurred (NoSuchKey) when calling the GetObject operation: "
        "The specified key does not exist.",
        's3://logs/slow: Read timeout on endpoint URL: "https://s3"',
        "ZeroDivisionError: oops",
        "the body is not JSON: Expecting value: line 1 column 1 (char 0)",
    ]
    assert "ZeroDivisionError" in lines[5]["traceback"]
    assert lines[6] == {
        "timestamp": "2026-08-01T00:00:00.000Z",
        "level": "ERROR",
        "message": "message not understood",
        "requestId": "request-1",
        "messageId": "6",
        "outcome": "failed",
        "error": "the body is not JSON: Expecting value: line 1 column 1 (char 0)",
    }


def test_what_is_not_a_log_is_skipped_and_counted(
    capsys: pytest.CaptureFixture[str], refused_port: int
) -> None:
    """Neither test events nor test files nor deletions fail their message or are opened."""
    removed = message("3", "a b")
    removed["body"] = removed["body"].replace("ObjectCreated:Put", "ObjectRemoved:Delete")
    records = [
        {"messageId": "1", "body": '{"Event": "s3:TestEvent", "Bucket": "logs"}'},
        message("2", "AWSLogs/123456789012/ELBAccessLogTestFile"),
        removed,
    ]
    result = process({"Records": records}, Invocation(), services({}, refused_port))
    assert result == NOTHING_FAILED
    assert logged(capsys) == [
        summary(None, "skipped", None, reason="s3:TestEvent"),
        summary(
            "AWSLogs/123456789012/ELBAccessLogTestFile",
            "skipped",
            "control",
            reason="the load balancer's test of the bucket, not a log",
        ),
        summary(
            "a b",
            "skipped",
            "unknown",
            reason="the event is ObjectRemoved:Delete, not ObjectCreated",
        ),
    ]


def test_nothing_is_delivered_that_nobody_received(
    capsys: pytest.CaptureFixture[str], refused_port: int
) -> None:
    """A receiver that refuses leaves all events unconfirmed."""
    content = f"{CLASSIC_15}\n\n{CLASSIC_15}\n".encode()
    result = process(
        {"Records": [message("1", CLASSIC_KEY)]},
        Invocation(),
        services({CLASSIC_KEY: content}, refused_port),
    )
    assert result == failures("1")
    [line] = logged(capsys)
    assert line == summary(
        CLASSIC_KEY,
        "failed",
        "classic",
        read=3,
        rejected=1,
        unconfirmed=2,
        bytes=len(content),
        rejections=[{"offset": len(CLASSIC_15) + 1, "reason": "empty line"}],
        error=f"127.0.0.1:{refused_port}: Connection refused",
    )


def test_an_object_of_rejected_lines_needs_no_receiver(
    capsys: pytest.CaptureFixture[str], refused_port: int
) -> None:
    """Logs of a kind that is not handled yet are counted, line by line."""
    key = "conn_log_123456789012_elasticloadbalancing_eu-west-1_app.shop.50dc_x.log.gz"
    result = process(
        {"Records": [message("1", key)]}, Invocation(), services({key: b"a\nb\n"}, refused_port)
    )
    assert result == NOTHING_FAILED
    reason = "logs of the kind alb-connection are not handled yet"
    assert logged(capsys) == [
        summary(
            key,
            "delivered",
            "alb-connection",
            level="WARNING",
            read=2,
            rejected=2,
            bytes=4,
            rejections=[{"offset": 0, "reason": reason}, {"offset": 2, "reason": reason}],
        )
    ]


def test_without_time_left_objects_are_handed_back(capsys: pytest.CaptureFixture[str]) -> None:
    """A part of the invocation's time is kept for saying so."""
    bucket = Bucket({"good": CLASSIC_15.encode()})
    clock = itertools.count(0.0, 6.0)
    with receiving() as receiver:
        late = Services("127.0.0.1", receiver.port, original(STATIC), bucket, lambda: next(clock))
        result = process({"Records": [message("1", "good")]}, Invocation(seconds=10), late)
    assert (result, bucket.opened) == (failures("1"), [])
    [line] = logged(capsys)
    assert line["error"] == "the invocation's time has run out before the object's end"


@pytest.mark.parametrize("port", ["listening", "refused"])
def test_every_object_is_closed(port: str, refused_port: int) -> None:
    """Also when its delivery fails: connections to S3 are few."""
    bucket = Bucket({"good": CLASSIC_15.encode() * 100})
    with receiving() as receiver:
        number = receiver.port if port == "listening" else refused_port
        process({"Records": [message("1", "good")]}, Invocation(), services({}, number, bucket))
    assert [stream.closed for stream in bucket.opened] == [True]


def test_an_invocation_leaves_no_state_behind(refused_port: int) -> None:
    """After a failure the same services deliver the same object."""
    bucket = Bucket({"good": CLASSIC_15.encode()})
    batch = {"Records": [message("1", "good")]}
    assert process(batch, Invocation(), services({}, refused_port, bucket)) == failures("1")
    with receiving() as receiver:
        again = services({}, receiver.port, bucket)
        assert process(batch, Invocation(), again) == NOTHING_FAILED
        assert process(batch, Invocation(), again) == NOTHING_FAILED
    assert receiver.received == [receiver.received[0]] * 2


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment without the function's variables, and nothing made for it before."""
    for name in list(os.environ):
        if name.startswith(("EVENT_", "LOGSTASH_")):
            monkeypatch.delenv(name)
    handler._services.cache_clear()
    yield
    handler._services.cache_clear()


@pytest.mark.usefixtures("no_variables")
def test_without_settings_the_invocation_fails() -> None:
    """So that its messages stay in the queue."""
    with pytest.raises(SettingsError, match="LOGSTASH_HOST is missing or empty; LOGSTASH_PORT"):
        handle({"Records": [message("1", "good")]}, Invocation())


def test_importing_does_nothing_and_needs_nothing_of_ours() -> None:
    """No settings are read, no client is made, and the package stands alone."""
    source = Path(handler.__file__).parent.parent
    code = (
        "import sys, log_processor.handler, botocore.session;"
        "assert log_processor.handler._services.cache_info().currsize == 0;"
        "assert not any(name.split('.')[0] == 'infra' for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=source, env={}, check=True, timeout=120)
