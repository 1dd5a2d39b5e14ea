"""What is kept about an object between attempts: how far it came, and the lines it was rejected.

Both are texts under names that follow from the object, its version and the offset alone, so that
whoever does the same work again writes the same names.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from .errors import StateError
from .origin import Origin
from .parsing import Rejection

NAME_BYTES = 700
"""Of the object's own key in a name: S3 takes 1,024 for all of it."""


REJECTIONS = 2048
"""Lines in one text."""


class Texts(Protocol):
    """A place for texts under names."""

    def put(self, name: str, text: bytes) -> None:
        """Keep a text, or raise a StateError."""

    def get(self, name: str) -> bytes | None:
        """Return a text, None if there is none, or raise a StateError."""


@dataclass(frozen=True)
class Checkpoint:
    """How far an object has come: all lines before the offset are accounted for."""

    offset: int = 0
    """In the uncompressed stream."""
    read: int = 0
    delivered: int = 0
    filtered: int = 0
    rejected: int = 0


def is_ours(name: str) -> bool:
    """Whether a text of this name is kept here."""
    return name.startswith(("checkpoints/", "rejected/"))


def load(texts: Texts, origin: Origin, task: str) -> Checkpoint:
    """Return where the attempt before stopped, the beginning if it left no word of that.

    `task` is what all attempts have in common: the id of the message, or of the invocation. What
    another task left counts for nothing: whoever sends an object through again wants all of it.
    """
    text = texts.get(_checkpoint_name(origin))
    if text is None:
        return Checkpoint()
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("it is no JSON object")
        checkpoint = _checkpoint(found)
        return checkpoint if found.get("task") == task else Checkpoint()
    except (ValueError, RecursionError) as error:
        # What cannot be trusted is not used: the object is delivered again, with the same ids.
        raise StateError(f"the checkpoint of {origin.key} cannot be understood: {error}") from error


def save(texts: Texts, origin: Origin, task: str, checkpoint: Checkpoint) -> None:
    """Keep a checkpoint in place of the one before."""
    about = {
        "bucket": origin.bucket,
        "key": origin.key,
        "version": origin.version,
        "task": task,
    }
    texts.put(_checkpoint_name(origin), json.dumps(about | asdict(checkpoint)).encode())


def keep_rejected(texts: Texts, origin: Origin, rejections: Sequence[Rejection]) -> None:
    """Keep lines as they were read, each with the reason, as one JSON object a line.

    A text has REJECTIONS of them at most, so that very many take no more memory than some.
    """
    for start in range(0, len(rejections), REJECTIONS):
        some = rejections[start : start + REJECTIONS]
        # With both ends in the name, no attempt can replace what another one kept by less.
        name = f"{origin.id}-{some[0].offset:016d}-{some[-1].offset:016d}.jsonl"
        text = b"".join(f"{_rejected(origin, each)}\n".encode() for each in some)
        texts.put(f"rejected/{_path(origin)}/{name}", text)


def _rejected(origin: Origin, rejection: Rejection) -> str:
    try:
        line = {"line": rejection.line.decode()}
    except UnicodeDecodeError:
        line = {"lineBase64": base64.b64encode(rejection.line).decode()}
    said: dict[str, Any] = {
        "bucket": origin.bucket,
        "key": origin.key,
        "version": origin.version,
        "offset": rejection.offset,
        "length": rejection.length,
        "reason": rejection.reason,
    }
    return json.dumps(said | line)


def _checkpoint_name(origin: Origin) -> str:
    return f"checkpoints/{_path(origin)}/{origin.id}.json"


def _path(origin: Origin) -> str:
    key = origin.key.encode("utf-8", "replace")[:NAME_BYTES].decode("utf-8", "ignore")
    return f"{origin.bucket}/{key}"


def _checkpoint(found: Mapping[str, object]) -> Checkpoint:
    counts = {name: _count(name, found.get(name)) for name in asdict(Checkpoint())}
    checkpoint = Checkpoint(**counts)
    if checkpoint.read != checkpoint.delivered + checkpoint.filtered + checkpoint.rejected:
        raise ValueError("its counts do not add up")
    return checkpoint


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} is no count")
    return value
