"""What a Custom::BucketNotification asks for.

Bucket               the bucket's name
ExpectedBucketOwner  the account that owns it: a bucket of that name in another one is left alone
Type                 queue, function or eventbridge
Id                   of the notification, the bucket's only one of that name    not with eventbridge
Arn                  of the queue or function that is told                      not with eventbridge
Events               event types, such as s3:ObjectCreated:*                    not with eventbridge
Prefix               of the keys that are told of; all if left out              not with eventbridge

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..custom_resource import RefusedError


class Type(StrEnum):
    """Who is told."""

    QUEUE = "queue"
    FUNCTION = "function"
    EVENTBRIDGE = "eventbridge"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A notification's bucket and its name there."""

    bucket: str
    owner: str | None
    id: str | None
    """None for EventBridge, which is on or off."""

    @property
    def physical_id(self) -> str:
        """`bucket/id`, or the bucket alone: another bucket or id is another resource."""
        return self.bucket if self.id is None else f"{self.bucket}/{self.id}"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One notification."""

    place: Place
    type: Type
    arn: str = ""
    events: tuple[str, ...] = ()
    prefix: str = ""


_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_EVENT = r"s3:[A-Za-z]+(:([A-Za-z]+|\*))?"
_RULES: Mapping[str, tuple[str, str]] = {
    "Bucket": (_BUCKET, "a bucket's name"),
    "ExpectedBucketOwner": (r"\d{12}", "an account's 12 digits"),
    "Type": ("|".join(Type), f"one of {', '.join(Type)}"),
    "Id": (r"[A-Za-z0-9._-]{1,255}", "1 to 255 letters, digits and . _ -"),
    "Prefix": (r"(?s).{0,1024}", "at most 1,024 characters"),
}
_ARNS: Mapping[str, tuple[str, str]] = {
    Type.QUEUE: (r"arn:[a-z-]+:sqs:[a-z0-9-]+:\d{12}:[\w.-]+", "a queue's ARN"),
    Type.FUNCTION: (
        r"arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?",
        "a function's ARN",
    ),
}
_ALWAYS = ("Bucket", "ExpectedBucketOwner", "Type")
_OF_AN_ENTRY = ("Id", "Arn", "Events", "Prefix")
_OPTIONAL = ("Prefix",)
_CLOUDFORMATIONS_OWN = ("ServiceToken", "ServiceTimeout")


def parse(properties: Mapping[str, Any]) -> Wanted:
    """Return what is asked for; a RefusedError names everything that is missing or wrong."""
    problems = list(_problems(properties))
    if problems:
        raise RefusedError("; ".join(problems))
    type_ = Type(properties["Type"])
    return Wanted(
        place=Place(
            bucket=properties["Bucket"],
            owner=properties["ExpectedBucketOwner"],
            id=properties.get("Id"),
        ),
        type=type_,
        arn=properties.get("Arn", ""),
        events=tuple(_events(properties.get("Events"))),
        prefix=properties.get("Prefix", ""),
    )


def place_of(properties: Mapping[str, Any], physical_id: str | None) -> Place | None:
    """Return what an older request was about, None where it cannot have made anything.

    It may have been made by older rules, or by nobody: then the id is CloudFormation's own.
    """
    bucket, slash, name = (physical_id or "").partition("/")
    owner = properties.get("ExpectedBucketOwner")
    if not slash:
        bucket, name = properties.get("Bucket", ""), properties.get("Id", "")
    if not (_fits(bucket, _BUCKET) and isinstance(name, str) and name):
        return None
    return Place(bucket=bucket, owner=owner if _fits(owner, r"\d{12}") else None, id=name)


def _problems(properties: Mapping[str, Any]) -> Iterator[str]:
    type_ = properties.get("Type")
    entry = _OF_AN_ENTRY if type_ != Type.EVENTBRIDGE else ()
    known = (*_ALWAYS, *entry)
    for name in known:
        if name in properties or name not in _OPTIONAL:
            yield from _problem(name, properties.get(name), type_)
    for name in properties:
        if name not in (*known, *_CLOUDFORMATIONS_OWN):
            where = f" with the Type {type_}" if name in _OF_AN_ENTRY else ""
            yield f"{name} is not known{where}; known here: {', '.join(known)}"


def _problem(name: str, value: object, type_: object) -> Iterator[str]:
    if value is None:
        yield f"{name} is missing"
    elif name == "Events":
        if not list(_events(value)) or not all(_fits(event, _EVENT) for event in _events(value)):
            yield f"Events is {value!r}; allowed: a list of event types such as s3:ObjectCreated:*"
    else:
        arns = _ARNS.get(str(type_)) if name == "Arn" else None
        pattern, allowed = arns or _RULES.get(name, (".+", "an ARN"))
        if not _fits(value, pattern):
            yield f"{name} is {value!r}; allowed: {allowed}"


def _events(value: object) -> Iterable[Any]:
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, list) else []


def _fits(value: object, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None
