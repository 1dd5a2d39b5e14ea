"""What an invocation asks for, whoever announces the objects."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.events import (
    Created,
    Delivery,
    Ignored,
    Malformed,
    Request,
    deliveries,
)

VERSION = "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"
TIME = datetime(2026, 8, 1, 23, 40, 1, tzinfo=UTC)


def record(key: str, bucket: str = "logs", name: str = "ObjectCreated:Put") -> dict[str, Any]:
    """Return one record of a notification, as S3 writes it for a bucket with versions."""
    return {
        "eventVersion": "2.5",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": "2026-08-01T23:40:01.000Z",
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AIDAJDPLRKLG7UEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {
            "x-amz-request-id": "C3D13FE58DE4C810",
            "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "logs",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": f"arn:aws:s3:::{bucket}",
            },
            "object": {
                "key": key,
                "size": 1024,
                "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                "versionId": VERSION,
                "sequencer": "0055AED6DCD90281E5",
            },
        },
    }


def created(key: str, etag: str = "d41d8cd98f00b204e9800998ecf8427e") -> Created:
    """Return what the records and events of these tests announce."""
    return Created("logs", key, VERSION, etag, 1024, TIME)


def notification(*records: object) -> dict[str, Any]:
    return {"Records": list(records)}


TEST_EVENT = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2014-10-13T15:57:02.089Z",
    "Bucket": "logs",
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
}


def bridged(key: str, detail_type: str = "Object Created") -> dict[str, Any]:
    """Return an event of S3 as EventBridge passes it on."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": detail_type,
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2026-08-01T23:40:01Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:s3:::logs"],
        "detail": {
            "version": "0",
            "bucket": {"name": "logs"},
            "object": {
                "key": key,
                "size": 1024,
                "etag": "b1946ac92492d2347c6235b4d2611184",
                "version-id": VERSION,
                "sequencer": "617f08299329d189",
            },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "192.0.2.1",
            "reason": "PutObject",
        },
    }


TOPIC = "arn:aws:sns:eu-west-1:123456789012:logs"


def published(content: object) -> dict[str, Any]:
    """Return the envelope in which SNS puts a message into a queue."""
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon S3 Notification",
        "Message": json.dumps(content),
        "Timestamp": "2026-08-01T23:40:01.500Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLEw6JRN...",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
        "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
    }


SUBSCRIPTION = {
    "Type": "SubscriptionConfirmation",
    "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
    "Token": "2336412f37...",
    "TopicArn": TOPIC,
    "Message": f"You have chosen to subscribe to the topic {TOPIC}.",
    "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
    "Timestamp": "2026-04-26T20:45:04.751Z",
}


def sns(*contents: object) -> dict[str, Any]:
    """Return the event with which SNS invokes a function."""
    return notification(
        *(
            {
                "EventVersion": "1.0",
                "EventSubscriptionArn": f"{TOPIC}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55",
                "EventSource": "aws:sns",
                "Sns": {**published(content), "MessageAttributes": {}},
            }
            for content in contents
        )
    )


def sqs(*bodies: object, count: object = "1") -> dict[str, Any]:
    """Return a batch of messages with the ids `1`, `2` and so on."""
    return notification(
        *(
            {
                "messageId": str(number),
                "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
                "body": json.dumps(body),
                "attributes": {
                    "ApproximateReceiveCount": count,
                    "SentTimestamp": "1545082649183",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": "1545082649185",
                },
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:logs",
                "awsRegion": "eu-west-1",
            }
            for number, body in enumerate(bodies, start=1)
        )
    )


def asked(event: object) -> tuple[Request, ...]:
    """Return what an event's only delivery asks for."""
    [delivery] = deliveries(event)
    return delivery.requests


def reason(event: object) -> str:
    [request] = asked(event)
    assert isinstance(request, Malformed)
    return request.reason


NOTIFIED = notification(record("a+b%2B"), record("c"))
BRIDGED = bridged("a+b%2B")
FROM_S3 = (created("a b+"), created("c"))
FROM_EVENTBRIDGE = (created("a+b%2B", "b1946ac92492d2347c6235b4d2611184"),)
SOURCES = {
    "s3": (NOTIFIED, FROM_S3),
    "eventbridge": (BRIDGED, FROM_EVENTBRIDGE),
    "s3 in sns": (sns(NOTIFIED), FROM_S3),
    "eventbridge in sns": (sns(BRIDGED), FROM_EVENTBRIDGE),
    "s3 in sqs": (sqs(NOTIFIED), FROM_S3),
    "eventbridge in sqs": (sqs(BRIDGED), FROM_EVENTBRIDGE),
    "s3 in sns in sqs": (sqs(published(NOTIFIED)), FROM_S3),
    "eventbridge in sns in sqs": (sqs(published(BRIDGED)), FROM_EVENTBRIDGE),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_announces_objects(source: str) -> None:
    """The keys that S3 itself writes are URL-encoded, those of EventBridge are not."""
    event, expected = SOURCES[source]
    known, attempt = ("1", 1) if "sqs" in source else (None, None)
    assert deliveries(event) == [Delivery(known, attempt, expected)]


def test_each_message_of_a_batch_succeeds_or_fails_alone() -> None:
    """Lambda hands back single messages, and says how often each was received."""
    bad = {"eventSource": "aws:sqs", "messageId": "3", "body": "x"}
    batch = sqs(notification(record("a")), published(notification(record("b"))), count="12")
    batch["Records"] += [bad, {"body": json.dumps(BRIDGED)}, None, 5]
    assert deliveries(batch) == [
        Delivery("1", 12, (created("a"),)),
        Delivery("2", 12, (created("b"),)),
        Delivery(
            "3",
            None,
            (Malformed("Records[2].body is not JSON: Expecting value: line 1 column 1 (char 0)"),),
        ),
        Delivery(None, None, FROM_EVENTBRIDGE),
        Delivery(None, None, (Malformed("Records[4] is of no known source: it is nothing"),)),
        Delivery(None, None, (Malformed("Records[5] is of no known source: it is a number"),)),
    ]


def test_several_messages_of_a_topic_are_one_delivery() -> None:
    """SNS cannot take back a part of its event."""
    event = sns(notification(record("a")), notification(record("b"), record("c")))
    assert deliveries(event) == [
        Delivery(None, None, (created("a"), created("b"), created("c"))),
    ]


@pytest.mark.parametrize("count", [1, True, None, "", "0", "-1", "1.0", "9" * 5000, "٣", [], 1.0])
def test_an_attempt_is_a_number_or_unknown(count: object) -> None:
    """SQS writes it as text; whatever else stands there fails nothing."""
    [delivery] = deliveries(sqs(NOTIFIED, count=count))
    assert delivery == Delivery("1", None, FROM_S3)


@pytest.mark.parametrize(
    ("encoded", "key"),
    [("a+b/c%2Bd%25.log", "a b/c+d%.log"), ("%C3%A9%E2%82%AC", "é€"), ("x=1&y", "x=1&y")],
)
def test_keys_are_decoded_once(encoded: str, key: str) -> None:
    """S3 writes a space as + and everything else unusual as %XX of UTF-8."""
    assert asked(notification(record(encoded))) == (created(key),)


WRAPPINGS: dict[str, Callable[[object], object]] = {
    "none": lambda content: content,
    "sns": sns,
    "sqs": sqs,
    "sns in sqs": lambda content: sqs(published(content)),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_the_test_event_asks_for_nothing(wrapping: str) -> None:
    """S3 sends one without Records when a notification is configured."""
    wrap = WRAPPINGS[wrapping]
    assert asked(wrap(TEST_EVENT)) == (Ignored("logs", None, "s3:TestEvent"),)
    assert asked(wrap({"Event": "s3:TestEvent"})) == (Ignored(None, None, "s3:TestEvent"),)


def test_other_events_than_creation_ask_for_nothing() -> None:
    """A deleted object has nothing to deliver, and a restored one was delivered before."""
    removed = notification(record("a+b", name="ObjectRemoved:Delete"))
    restored = bridged("a+b", "Object Restore Completed")
    bare = {"detail-type": "Async Copy Completion", "source": "aws.s3"}
    assert asked(removed) + asked(restored) + asked(bare) == (
        Ignored("logs", "a b", "the event is ObjectRemoved:Delete, not ObjectCreated"),
        Ignored("logs", "a+b", "the event is Object Restore Completed, not Object Created"),
        Ignored(None, None, "the event is Async Copy Completion, not Object Created"),
    )


def test_a_subscription_is_not_confirmed_by_taking_its_message() -> None:
    """Nothing comes until somebody confirms; that a subscription has ended asks for nothing."""
    assert reason(sqs(SUBSCRIPTION)) == (
        "Records[0].body asks to confirm a subscription to "
        "'arn:aws:sns:eu-west-1:123456789012:logs': visit its SubscribeURL"
    )
    ended = SUBSCRIPTION | {"Type": "UnsubscribeConfirmation"}
    assert asked(sqs(ended)) == (Ignored(None, None, "UnsubscribeConfirmation"),)


def without(event: dict[str, Any], *path: str | int) -> dict[str, Any]:
    """Return a copy of an event that lacks one part."""
    changed = copy.deepcopy(event)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return changed


ONE = notification(record("a"))
MISUNDERSTOOD: list[tuple[object, str]] = [
    (None, "the event is of no known source: it is nothing"),
    ([], "the event is of no known source: it is a list"),
    ("x", "the event is of no known source: it is text"),
    (True, "the event is of no known source: it is true or false"),
    ({}, "the event is of no known source: it is empty"),
    ({"a": 1, "b": 2}, "the event is of no known source: its keys are 'a, b'"),
    ({"Records": []}, "Records is no list or an empty one"),
    ({"Records": "x"}, "Records is no list or an empty one"),
    (sqs(None), "Records[0].body is of no known source: it is nothing"),
    (sqs({"Records": {}}), "Records[0].body.Records is no list or an empty one"),
    (notification({"eventSource": "aws:s3"}), "Records[0] comes from aws:s3 and has no s3"),
    (notification({"EventSource": "aws:sns"}), "Records[0] comes from aws:sns and has no Sns"),
    (without(sqs(ONE), "Records", 0, "body"), "Records[0] comes from aws:sqs and has no body"),
    (
        notification({"eventSource": "aws:kinesis"}),
        "Records[0] is of no known source: its keys are 'eventSource'",
    ),
    (notification({"body": 5}), "Records[0].body is not text"),
    (
        notification(record("")),
        "Records[0] has no text as s3.object.key",
    ),
    (
        notification({"s3": {"bucket": "logs", "object": {"key": 5}}}),
        "Records[0] has no text as eventName, s3.bucket.name, s3.object.key",
    ),
    (notification(record("\ud800")), "Records[0] has no text as s3.object.key"),
    (notification(record("%FF")), "Records[0]: the key '%FF' is not URL-encoded UTF-8"),
    (
        sqs(published(without(ONE, "Records", 0, "eventName"))),
        "Records[0].body.Message.Records[0] has no text as eventName",
    ),
    (without(sns(ONE), "Records", 0, "Sns", "Message"), "Records[0].Sns.Message is not text"),
    (
        without(sns(ONE), "Records", 0, "Sns", "Type"),
        "Records[0].Sns has the Type None, expected Notification",
    ),
    (BRIDGED | {"source": "mine"}, "source is 'mine', expected 'aws.s3'"),
    (
        sqs(BRIDGED | {"source": None}),
        "Records[0].body.source is None, expected 'aws.s3'",
    ),
    (without(BRIDGED, "detail"), "the event has no text as detail.bucket.name, detail.object.key"),
    (
        sqs(without(BRIDGED, "detail", "object", "key")),
        "Records[0].body has no text as detail.object.key",
    ),
    (BRIDGED | {"detail-type": 5}, "the event has no text as detail-type"),
]


@pytest.mark.parametrize(
    ("event", "expected"), MISUNDERSTOOD, ids=[row[1] for row in MISUNDERSTOOD]
)
def test_what_cannot_be_understood_says_where_and_why(event: object, expected: str) -> None:
    """Whoever reads the reason finds the part in the event."""
    assert reason(event) == expected


def test_a_bad_record_does_not_hide_the_others() -> None:
    """Each record is understood or not by itself."""
    assert asked(sqs(notification(record("a"), {}, record("b")))) == (
        created("a"),
        Malformed("Records[0].body.Records[1] is of no known source: it is empty"),
        created("b"),
    )


def test_wrappings_have_an_end() -> None:
    """Envelopes inside each other, or lists, must not exhaust the interpreter."""
    content: object = ONE
    for _ in range(3):
        content = published(content)
    assert asked(sqs(content)) == (created("a"),)
    assert reason(sqs(published(content))) == (
        "Records[0].body.Message.Message.Message.Message is wrapped more than 4 times"
    )
    nested = {"Records": [{"body": "[" * 100_000}]}
    assert reason(nested).startswith("Records[0].body is not JSON: ")


def test_reasons_stay_short() -> None:
    """A message of a quarter of a megabyte must not become a log line of one."""
    long = "x" * 250_000
    for event in (
        {long: 1},
        notification(record("%FF" + long)),
        BRIDGED | {"source": long},
        sqs(SUBSCRIPTION | {"Type": long}),
    ):
        assert len(reason(event)) < 200
    [ignored] = asked(bridged("a", long))
    assert isinstance(ignored, Ignored)
    assert len(ignored.reason) < 200


@pytest.mark.parametrize("place", ["eventTime", "versionId", "eTag", "size"])
@pytest.mark.parametrize("value", [None, "", True, [], {}, -1, 1.5, "\ud800", "9999-99-99"])
def test_what_is_not_needed_may_be_nonsense(place: str, value: object) -> None:
    """Only bucket, key and the event's name decide what is read."""
    odd = record("a")
    (odd if place == "eventTime" else odd["s3"]["object"])[place] = value
    [request] = asked(notification(odd))
    assert isinstance(request, Created)
    told = {
        "eventTime": request.time,
        "versionId": request.version,
        "eTag": request.etag,
        "size": request.size,
    }[place]
    is_text = place in {"versionId", "eTag"} and value == "9999-99-99"
    assert told == (value if is_text else None)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-08-01T23:40:01.000Z", TIME),
        ("2026-08-02T01:40:01+02:00", TIME),
        ("2026-08-01T23:40:01", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("20260801", None),
        ("today", None),
    ],
)
def test_a_time_has_a_zone_or_is_unknown(text: str, time: datetime | None) -> None:
    """A guess would be wrong by hours."""
    [request] = asked(notification(record("a") | {"eventTime": text}))
    assert request == created("a")._replace(time=time)


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
KEYS = (
    *("Records", "body", "s3", "Sns", "bucket", "object", "name", "key", "eventName", "eventTime"),
    *("eventSource", "EventSource", "Event", "Type", "Message", "TopicArn", "messageId", "source"),
    *("attributes", "ApproximateReceiveCount", "detail-type", "detail", "size", "versionId"),
)
likely: st.SearchStrategy[Any] = st.recursive(
    values | st.sampled_from(["aws:sqs", "aws.s3", "Object Created", "Notification", "1", "{}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
        | inner.map(json.dumps)
    ),
    max_leaves=20,
)


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to each part of an event."""
    yield above
    if isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[step], (*above, step))


def replaced(event: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.copy(event)
    changed[path[0]] = replaced(event[path[0]], path[1:], value)
    return changed


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A real event with something else in one or two places, in whatever wrapping."""
    content = draw(st.sampled_from([ONE, NOTIFIED, BRIDGED, TEST_EVENT, SUBSCRIPTION]))
    event: Any = content
    for _ in range(2):
        path = draw(st.sampled_from(list(places(event))))
        event = replaced(event, path, draw(values | st.sampled_from([{}, [], "", None])))
    event = draw(st.sampled_from(list(WRAPPINGS.values())))(event)
    return replaced(event, draw(st.sampled_from(list(places(event)))), draw(likely))


@given(values | likely | mutated())
def test_no_event_raises_or_asks_for_nothing_at_all(event: object) -> None:
    """Every delivery asks for something, so that no message succeeds by accident."""
    made = deliveries(event)
    assert made
    assert all(delivery.requests for delivery in made)
    for delivery in made:
        for request in delivery.requests:
            assert isinstance(request, Created | Ignored | Malformed)
            assert not isinstance(request, Created) or (request.bucket and request.key)
        json.dumps([delivery.id, delivery.attempt]).encode()
