"""What SQS messages ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.events import Created, Ignored, Malformed, requests


def record(key: str, bucket: str = "logs", name: str = "ObjectCreated:Put") -> dict[str, Any]:
    """Return one record of a notification, as S3 writes it."""
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": "2026-08-01T23:40:01.000Z",
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AIDA"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": "C3D1", "x-amz-id-2": "Fvyg"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "logs",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "A3NL"},
                "arn": f"arn:aws:s3:::{bucket}",
            },
            "object": {"key": key, "size": 1024, "eTag": "d41d", "sequencer": "0055AED6"},
        },
    }


def body(*records: object) -> str:
    return json.dumps({"Records": records})


def test_each_record_of_a_body_is_an_object() -> None:
    """S3 may put several records into one notification."""
    asked = list(requests(body(record("a"), record("b", name="ObjectCreated:Post"))))
    assert asked == [Created("logs", "a"), Created("logs", "b")]


@pytest.mark.parametrize(
    ("encoded", "key"),
    [("a+b/c%2Bd%25.log", "a b/c+d%.log"), ("%C3%A9%E2%82%AC", "é€"), ("x=1&y", "x=1&y")],
)
def test_keys_are_decoded_once(encoded: str, key: str) -> None:
    """S3 writes a space as + and everything else unusual as %XX of UTF-8."""
    assert list(requests(body(record(encoded)))) == [Created("logs", key)]


def test_the_test_event_asks_for_nothing() -> None:
    """S3 sends one without Records when a notification is configured."""
    event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "logs", "HostId": "8cLe"}
    assert list(requests(json.dumps(event))) == [Ignored("logs", None, "s3:TestEvent")]
    assert list(requests('{"Event": "s3:TestEvent"}')) == [Ignored(None, None, "s3:TestEvent")]


def test_other_events_than_creation_ask_for_nothing() -> None:
    """A deleted object has nothing to deliver."""
    asked = list(requests(body(record("a+b", name="ObjectRemoved:Delete"))))
    assert asked == [Ignored("logs", "a b", "the event is ObjectRemoved:Delete, not ObjectCreated")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the body is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("null", "the body is not an S3 notification: it has no Records"),
        ("[]", "the body is not an S3 notification: it has no Records"),
        ('{"Records": []}', "the body is not an S3 notification: it has no Records"),
        ('{"Records": "x"}', "the body is not an S3 notification: it has no Records"),
        (body(None), "a record has no eventName, bucket name or object key"),
        (body({"s3": {}}), "a record has no eventName, bucket name or object key"),
        (body(record("")), "a record has no eventName, bucket name or object key"),
        (body(record("%FF")), "the object key '%FF' is not URL-encoded UTF-8"),
    ],
)
def test_what_cannot_be_understood_is_a_value_with_a_reason(text: str, reason: str) -> None:
    """No body raises."""
    assert list(requests(text)) == [Malformed(reason)]


def test_a_bad_record_does_not_hide_the_others() -> None:
    """Each record is understood or not by itself."""
    assert list(requests(body(record("a"), {}, record("b")))) == [
        Created("logs", "a"),
        Malformed("a record has no eventName, bucket name or object key"),
        Created("logs", "b"),
    ]


def test_a_body_nested_too_deeply_is_malformed() -> None:
    """The reader's limit is not the function's end."""
    [asked] = requests("[" * 100_000)
    assert isinstance(asked, Malformed)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.text() | values.map(json.dumps) | st.lists(values).map(lambda rows: body(*rows)))
def test_no_body_raises_or_asks_for_nothing_at_all(text: str) -> None:
    """Every body yields at least one value, so that no message succeeds by accident."""
    assert list(requests(text))
