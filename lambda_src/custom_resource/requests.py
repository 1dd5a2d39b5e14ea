"""CloudFormation's request, as an event has it: whom to answer, then what is asked for.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from .errors import NotAnsweredError, RequestError

ECHO_LIMIT = 512
"""Bytes of each id that an answer repeats, so that all of them and a reason fit in its 4,096.

The longest real one is a stack's ARN, with about 250.
"""

PHYSICAL_ID_LIMIT = 1024
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html"""

NEVER_MADE = "CREATE_FAILED/"
"""What the id of something begins with that a failed Create did not begin to make.

CloudFormation sends a Delete for it all the same, which then has nothing to do.
"""


class RequestType(StrEnum):
    """What CloudFormation wants."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


@dataclass(frozen=True)
class Address:
    """Whom to answer, and what every answer repeats; empty where the event lacks it."""

    url: str = field(repr=False)
    """Presigned: whoever has it can answer."""
    stack_id: str
    request_id: str
    logical_id: str
    physical_id: str | None

    @property
    def failed_id(self) -> str:
        """The physical id to answer with while nothing new may exist."""
        return self.physical_id or f"{NEVER_MADE}{self.logical_id}"


@dataclass(frozen=True)
class Request:
    """One request, understood; numbers and truths in its properties are text."""

    type: RequestType
    stack_id: str
    logical_id: str
    physical_id: str | None
    """None in a Create."""
    properties: Mapping[str, Any] = field(repr=False)
    old_properties: Mapping[str, Any] = field(repr=False)

    @property
    def never_made(self) -> bool:
        """Whether this is about something that no Create began to make."""
        return self.physical_id is None or self.physical_id.startswith(NEVER_MADE)


def address(event: object) -> Address:
    """Return whom to answer; a NotAnsweredError where the event tells no URL for that."""
    members = event if isinstance(event, Mapping) else {}
    return Address(
        url=_url(members.get("ResponseURL")),
        stack_id=_echo(members, "StackId") or "",
        request_id=_echo(members, "RequestId") or "",
        logical_id=_echo(members, "LogicalResourceId") or "",
        physical_id=_echo(members, "PhysicalResourceId", PHYSICAL_ID_LIMIT),
    )


def parse(event: object) -> Request:
    """Return what is asked for; a RequestError names all that is missing or wrong."""
    members = event if isinstance(event, Mapping) else {}
    type_ = _type(members.get("RequestType"))
    properties = members.get("ResourceProperties")
    problems = [] if type_ else [f"RequestType is not one of {', '.join(RequestType)}"]
    problems += [
        f"{name} is missing, or no text of up to {ECHO_LIMIT} bytes"
        for name in ("StackId", "RequestId", "LogicalResourceId")
        if not _echo(members, name)
    ]
    physical_id = _echo(members, "PhysicalResourceId", PHYSICAL_ID_LIMIT)
    if type_ is RequestType.UPDATE and not physical_id:
        problems.append("PhysicalResourceId is missing, or no text of up to 1024 bytes")
    # A Delete must succeed where a Create failed for these very properties.
    if type_ is not RequestType.DELETE and not isinstance(properties, Mapping):
        problems.append("ResourceProperties is missing, or no object")
    if problems or type_ is None:
        raise RequestError(f"this is no request of CloudFormation's: {'; '.join(problems)}")
    return Request(
        type=type_,
        stack_id=members["StackId"],
        logical_id=members["LogicalResourceId"],
        physical_id=None if type_ is RequestType.CREATE else physical_id,
        properties=_mapping(properties),
        old_properties=_mapping(members.get("OldResourceProperties")),
    )


def _url(value: object) -> str:
    if isinstance(value, str) and _can_be_opened(value):
        return value
    raise NotAnsweredError(
        "the event has no ResponseURL to answer to: only CloudFormation can call this function"
    )


def _can_be_opened(url: str) -> bool:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        return False
    return bool(good) and url.isascii() and url.isprintable() and " " not in url


def _echo(members: Mapping[str, Any], name: str, limit: int = ECHO_LIMIT) -> str | None:
    value = members.get(name)
    fits = isinstance(value, str) and 0 < len(json.dumps(value)) - len('""') <= limit
    return value if fits else None


def _type(value: object) -> RequestType | None:
    return next((one for one in RequestType if one == value), None)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
