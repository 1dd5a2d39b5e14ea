"""What an invocation asks for, as values: nothing in an event raises, whatever it holds.

S3 announces objects itself or through EventBridge; SNS and SQS carry either, SQS also what SNS
carries, with SNS's envelope or (raw message delivery) without it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import unquote_plus


class Created(NamedTuple):
    """An object that was created, its key decoded; None stands for what the event does not say."""

    bucket: str
    key: str
    version: str | None = None
    """To be read instead of whatever has the key by now. That takes `s3:GetObjectVersion`:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    etag: str | None = None
    size: int | None = None
    """In bytes, as stored."""
    time: datetime | None = None
    """When S3 had the object, in UTC."""


class Ignored(NamedTuple):
    """A notification that asks for nothing, and why."""

    bucket: str | None
    key: str | None
    reason: str


class Malformed(NamedTuple):
    """An event, or one part of it, that cannot be understood: which part, and why."""

    reason: str


Request = Created | Ignored | Malformed


class Delivery(NamedTuple):
    """What succeeds or fails as a whole."""

    id: str | None
    """Of the SQS message; None where the source cannot take back a part of its event."""
    attempt: int | None
    """1 for the first; None where the source does not tell."""
    requests: tuple[Request, ...]
    """At least one."""


def deliveries(event: object) -> list[Delivery]:
    """Return each message of an SQS batch, or all of any other event as one delivery."""
    records = event.get("Records") if isinstance(event, dict) else None
    if isinstance(records, list) and any(map(_is_message, records)):
        return [_message(record, f"Records[{at}]") for at, record in enumerate(records)]
    return [Delivery(None, None, tuple(_announced(event, "", WRAPPINGS)))]


WRAPPINGS = 4
"""Texts inside each other that are opened; S3's notification inside SNS inside SQS has two."""
SHOWN_CHARACTERS = 100


def _is_message(record: object) -> bool:
    return isinstance(record, dict) and (record.get("eventSource") == "aws:sqs" or "body" in record)


def _message(record: object, place: str) -> Delivery:
    identifier = _text(_part(record, "messageId"))
    attempt = _attempt(_part(record, "attributes", "ApproximateReceiveCount"))
    return Delivery(identifier, attempt, tuple(_recorded(record, place, WRAPPINGS)))


def _attempt(count: object) -> int | None:
    """SQS writes the number as text."""
    plain = isinstance(count, str) and count.isascii() and count.isdigit() and len(count) < 10
    return (int(str(count)) or None) if plain else None


def _announced(value: Any, place: str, wrappings: int) -> Iterator[Request]:
    """Yield what an event, or a message that was carried in one, asks for."""
    match value:
        case {"Event": "s3:TestEvent"}:
            # S3 sends one when notifications are configured.
            yield Ignored(_text(value.get("Bucket")), None, "s3:TestEvent")
        case {"Records": [_, *_] as records}:
            for at, record in enumerate(records):
                yield from _recorded(record, _inside(place, f"Records[{at}]"), wrappings)
        case {"Records": _}:
            yield Malformed(f"{_inside(place, 'Records')} is no list or an empty one")
        case {"detail-type": _}:
            yield _bridged(value, place)
        case {"Type": _, "TopicArn": _} | {"Type": _, "Message": _}:
            yield from _published(value, place, wrappings)
        case _:
            yield Malformed(f"{place or 'the event'} is of no known source: {_keys(value)}")


def _recorded(record: Any, place: str, wrappings: int) -> Iterator[Request]:
    """Yield what one of an event's records asks for, which tells its source by what it carries."""
    match record:
        case {"s3": _}:
            yield _notified(record, place)
        case {"Sns": message}:
            yield from _published(message, f"{place}.Sns", wrappings)
        case {"body": body}:
            yield from _opened(body, f"{place}.body", wrappings)
        case {"eventSource": str(source)} | {"EventSource": str(source)} if source in _CARRIERS:
            yield Malformed(f"{place} comes from {source} and has no {_CARRIERS[source]}")
        case _:
            yield Malformed(f"{place} is of no known source: {_keys(record)}")


_CARRIERS = {"aws:s3": "s3", "aws:sns": "Sns", "aws:sqs": "body"}


def _opened(text: object, place: str, wrappings: int) -> Iterator[Request]:
    if not isinstance(text, str):
        yield Malformed(f"{place} is not text")
    elif not wrappings:
        yield Malformed(f"{place} is wrapped more than {WRAPPINGS} times")
    else:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield Malformed(f"{place} is not JSON: {error}")
        else:
            yield from _announced(value, place, wrappings - 1)


def _published(message: object, place: str, wrappings: int) -> Iterator[Request]:
    """Yield what SNS carries; its other messages are about the subscription.

    Nothing comes through a subscription until somebody confirms it, so a message that asks for
    that must not be taken for done. One that confirms the end of a subscription asks for nothing.
    """
    match _part(message, "Type"):
        case "Notification":
            yield from _opened(_part(message, "Message"), f"{place}.Message", wrappings)
        case "SubscriptionConfirmation":
            topic = _shown(_part(message, "TopicArn"))
            yield Malformed(
                f"{place} asks to confirm a subscription to {topic}: visit its SubscribeURL"
            )
        case "UnsubscribeConfirmation":
            yield Ignored(None, None, "UnsubscribeConfirmation")
        case other:
            yield Malformed(f"{place} has the Type {_shown(other)}, expected Notification")


def _notified(record: Mapping[str, Any], place: str) -> Request:
    """Return what one record of S3's own notification asks for."""
    name = _text(record.get("eventName"))
    bucket = _text(_part(record, "s3", "bucket", "name"))
    encoded = _text(_part(record, "s3", "object", "key"))
    if name is None or bucket is None or encoded is None:
        needed = {"eventName": name, "s3.bucket.name": bucket, "s3.object.key": encoded}
        return _lacking(place, needed)
    try:
        key = unquote_plus(encoded, errors="strict")
    except UnicodeDecodeError:
        return Malformed(f"{place}: the key {_shown(encoded)} is not URL-encoded UTF-8")
    if not name.removeprefix("s3:").startswith("ObjectCreated:"):
        return Ignored(bucket, key, f"the event is {name[:SHOWN_CHARACTERS]}, not ObjectCreated")
    stored = record["s3"]["object"]
    version, etag = stored.get("versionId"), stored.get("eTag")
    return _created(bucket, key, version, etag, stored.get("size"), record.get("eventTime"))


def _bridged(event: Mapping[str, Any], place: str) -> Request:
    """Return what an event of EventBridge asks for; its keys are not URL-encoded."""
    source, kind = event.get("source"), _text(event.get("detail-type"))
    if source != "aws.s3":
        where = _inside(place, "source")
        return Malformed(f"{where} is {_shown(source)}, expected 'aws.s3'")
    bucket = _text(_part(event, "detail", "bucket", "name"))
    key = _text(_part(event, "detail", "object", "key"))
    if kind is not None and kind != "Object Created":
        return Ignored(bucket, key, f"the event is {kind[:SHOWN_CHARACTERS]}, not Object Created")
    if kind is None or bucket is None or key is None:
        needed = {"detail-type": kind, "detail.bucket.name": bucket, "detail.object.key": key}
        return _lacking(place or "the event", needed)
    stored = event["detail"]["object"]
    version, etag = stored.get("version-id"), stored.get("etag")
    return _created(bucket, key, version, etag, stored.get("size"), event.get("time"))


def _created(
    bucket: str, key: str, version: object, etag: object, size: object, time: object
) -> Created:
    return Created(bucket, key, _text(version), _text(etag), _size(size), _time(time))


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _part(value: object, *path: str) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: object) -> str | None:
    """Return text that is not empty and can be sent: JSON can hold halves of surrogate pairs."""
    if not isinstance(value, str) or not value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value


def _size(value: object) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and isinstance(value, int) and value >= 0 else None


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
        return time.astimezone(UTC) if time and time.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _lacking(place: str, needed: Mapping[str, str | None]) -> Malformed:
    missing = ", ".join(name for name, value in needed.items() if value is None)
    return Malformed(f"{place} has no text as {missing}")


def _keys(value: object) -> str:
    """Say what a value is without repeating all of it."""
    if not isinstance(value, dict):
        return f"it is {_JSON_NAMES.get(type(value), 'no JSON')}"
    return f"its keys are {_shown(', '.join(map(str, value)))}" if value else "it is empty"


_JSON_NAMES = {
    type(None): "nothing",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
}


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + "…"
