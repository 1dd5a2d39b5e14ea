"""S3 in memory, which streams its objects as S3's client does, and breaks where it is told to."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

LOGS, STATE = "logs", "state"
PREFIX = "log-processor/"
VERSION = "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"
"""Of every object."""
ETAG = "d41d8cd98f00b204e9800998ecf8427e"

Before = Callable[[str], None]
"""Told of a step before it is taken, which is one of `open` and `read` for an object, `load`,
`checkpoint` and `rejected` for what is kept; it may raise, or let time pass."""


def refusal(code: str, message: str = "No.", operation: str = "GetObject") -> ClientError:
    """Return what S3's client raises."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class Stream(io.BytesIO):
    """A body that gives little at a time and must not be read at once."""

    def __init__(self, content: bytes, step: int, before: Callable[[], None]) -> None:
        super().__init__(content)
        self._step, self._before = step, before

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size > 0
        self._before()
        return super().read(min(size, self._step))


@dataclass
class Bucket:
    """Gives the objects of `logs`, or raises what stands in an object's place; keeps `state`."""

    objects: Mapping[str, bytes | Exception] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    """What is kept, by whole keys."""
    version: str | None = VERSION
    step: int = 1000
    """Bytes that a body gives at once."""
    before: Before = lambda step: None
    requests: list[dict[str, str]] = field(default_factory=list)
    """What was asked of the bucket of logs."""
    opened: list[Stream] = field(default_factory=list)

    def get_object(self, **request: str) -> Mapping[str, Any]:
        assert request.keys() - {"VersionId"} == {"Bucket", "Key"}
        if request["Bucket"] == STATE:
            return self._text(request["Key"])
        assert request["Bucket"] == LOGS
        self.requests.append(request)
        self.before("open")
        content = self.objects.get(request["Key"], refusal("NoSuchKey"))
        if isinstance(content, Exception):
            raise content
        if request.get("VersionId", self.version) != self.version:
            raise refusal("NoSuchVersion")
        self.opened.append(Stream(content, self.step, lambda: self.before("read")))
        identity = {} if self.version is None else {"VersionId": self.version}
        return {"Body": self.opened[-1], "ETag": f'"{ETAG}"', **identity}

    def put_object(self, **request: Any) -> Mapping[str, Any]:
        assert request.keys() == {"Bucket", "Key", "Body"}
        assert request["Bucket"] == STATE
        name = request["Key"].removeprefix(PREFIX)
        self.before("checkpoint" if name.startswith("checkpoints/") else "rejected")
        self.texts[request["Key"]] = request["Body"]
        return {}

    def named(self, folder: str) -> dict[str, bytes]:
        """Return what is kept below a folder, in the order of the names."""
        beginning = f"{PREFIX}{folder}/"
        return {name: self.texts[name] for name in sorted(self.texts) if beginning in name}

    def _text(self, key: str) -> Mapping[str, Any]:
        self.before("load")
        if key not in self.texts:
            raise refusal("NoSuchKey")
        self.opened.append(Stream(self.texts[key], self.step, lambda: None))
        return {"Body": self.opened[-1], "ETag": '"x"'}
