"""A template as CloudFormation takes it: in the request, or in S3 where it is too long for that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.model import Stack
from infra.weight import REQUEST_BYTES


@dataclass(frozen=True)
class StoredTemplate:
    """A template that stands in S3 while its stack is made."""

    text: str
    bucket: str
    key: str
    """`templates/<stack>/<sha256>.json`: what has been there once is never another one."""

    @property
    def content(self) -> bytes:
        """The object's content."""
        return self.text.encode()


def text(document: Mapping[str, Any]) -> str:
    """As few bytes as JSON takes."""
    return json.dumps(document, separators=(",", ":"))


def stored(stack: Stack, bucket: str | None) -> StoredTemplate | None:
    """The stack's template as an object of that bucket; None where a request carries it."""
    found = text(stack.template)
    if bucket is None or len(found.encode()) <= REQUEST_BYTES:
        return None
    digest = hashlib.sha256(found.encode()).hexdigest()
    return StoredTemplate(found, bucket, f"templates/{stack.name}/{digest}.json")
