"""A bucket in memory that streams its objects as S3's client does, and its invocations."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from botocore.exceptions import ClientError


class Stream(io.BytesIO):
    """A body that gives little at a time and must not be read at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size > 0
        return super().read(min(size, 1000))


@dataclass
class Bucket:
    """Gives its objects, or raises what stands in an object's place."""

    objects: Mapping[str, bytes | Exception]
    opened: list[Stream] = field(default_factory=list)

    def get_object(self, **request: str) -> Mapping[str, Any]:
        assert request.keys() == {"Bucket", "Key"}
        assert request["Bucket"] == "logs"
        if request["Key"] not in self.objects:
            error = {"Code": "NoSuchKey", "Message": "The specified key does not exist."}
            raise ClientError({"Error": error}, "GetObject")
        content = self.objects[request["Key"]]
        if isinstance(content, Exception):
            raise content
        self.opened.append(Stream(content))
        return {"Body": self.opened[-1]}


@dataclass
class Invocation:
    """Lambda's context object."""

    aws_request_id: str = "request-1"
    seconds: float = 30.0

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


def message(message_id: str, *keys: str) -> dict[str, str]:
    """Return an SQS message about the creation of these objects."""
    records = [
        {
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "logs"}, "object": {"key": quote_plus(key, safe="/")}},
        }
        for key in keys
    ]
    return {"messageId": message_id, "body": json.dumps({"Records": records})}
