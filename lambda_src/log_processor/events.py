"""What an SQS message asks for, as values: nothing in a message's body raises.

A body is an S3 notification:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote_plus


class Created(NamedTuple):
    """An object that was created, its key decoded."""

    bucket: str
    key: str


class Ignored(NamedTuple):
    """A notification that asks for nothing, and why."""

    bucket: str | None
    key: str | None
    reason: str


class Malformed(NamedTuple):
    """A body, or one record of it, that cannot be understood, and why."""

    reason: str


Request = Created | Ignored | Malformed


def requests(body: str) -> Iterator[Request]:
    """Yield what one message's body asks for, in its order; at least one value."""
    try:
        notification = json.loads(body)
    except (ValueError, RecursionError) as error:
        yield Malformed(f"the body is not JSON: {error}")
        return
    match notification:
        case {"Event": "s3:TestEvent"}:
            yield _test_event(notification)
        case {"Records": [_, *_] as records}:
            yield from map(_request, records)
        case _:
            yield Malformed("the body is not an S3 notification: it has no Records")


def _test_event(notification: dict[str, Any]) -> Ignored:
    """S3 sends one when notifications are configured; it has no Records."""
    bucket = notification.get("Bucket")
    return Ignored(bucket if isinstance(bucket, str) else None, None, "s3:TestEvent")


def _request(record: object) -> Request:
    match record:
        case {
            "eventName": str(name),
            "s3": {"bucket": {"name": str(bucket)}, "object": {"key": str(key)}},
        } if bucket and key:
            return _named(name, bucket, key)
        case _:
            return Malformed("a record has no eventName, bucket name or object key")


def _named(name: str, bucket: str, encoded: str) -> Request:
    try:
        key = unquote_plus(encoded, errors="strict")
    except UnicodeDecodeError:
        return Malformed(f"the object key {encoded!r} is not URL-encoded UTF-8")
    if not name.startswith("ObjectCreated:"):
        return Ignored(bucket, key, f"the event is {name}, not ObjectCreated")
    return Created(bucket, key)
