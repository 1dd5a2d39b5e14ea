"""Objects with lines of every kind, what becomes of them, and ALB logs of any size."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from tests.unit.log_processor.samples import ALB_34, EVENTS, KEYS, line

from .s3 import LOGS, Streamed, etag

Events = dict[str, dict[str, Any]]
"""By their ids."""

ODD_AGENTS = ("\u2028 \u00e9 \U0001f600", "\\x22 \\xC3\\x88 {", "a\tb\x7f", "x" * 5_000)


def every_kind(copies: int) -> tuple[dict[str, bytes], Events]:
    """Return one object of each kind with so many lines, compressed as AWS does it."""
    objects: dict[str, bytes] = {}
    events: Events = {}
    for kind, key in KEYS.items():
        lines = [(line(kind), EVENTS[kind])] * copies
        if kind is Kind.ALB:
            lines += [(line(kind, user_agent=f'"{odd}"'), _with_agent(odd)) for odd in ODD_AGENTS]
        content = "".join(f"{text}\n" for text, _ in lines).encode()
        objects[key] = gzip.compress(content) if key.endswith(".gz") else content
        events |= _identified(key, objects[key], lines)
    return objects, events


ALB_LINE = f"{ALB_34}\n".encode()
BLOCK_LINES = 100


def alb(lines: int, pause: Callable[[], object] = lambda: None) -> Streamed:
    """Return a log with so many times ALB_LINE, and a pause before each block of BLOCK_LINES."""
    blocks, block = lines // BLOCK_LINES, ALB_LINE * BLOCK_LINES

    def chunks() -> Iterator[bytes]:
        for _ in range(blocks):
            pause()
            yield block

    return Streamed(blocks * len(block), chunks)


def offsets(lines: int) -> list[int]:
    """Return where the lines of such a log begin."""
    return list(range(0, lines * len(ALB_LINE), len(ALB_LINE)))


def offset(event: bytes) -> int:
    """Return where in its log an event's line begins, as its id says."""
    name: str = json.loads(event)["@metadata"]["_id"]
    return int(name.rpartition("-")[2])


def identified(lines: Iterable[bytes]) -> Events:
    """Return events without their ids, by them; none may have come twice."""
    events: Events = {}
    for each in map(json.loads, lines):
        name = each.pop("@metadata")["_id"]
        assert name not in events
        events[name] = each
    return events


def _identified(
    key: str, content: bytes, lines: Iterable[tuple[str, Mapping[str, Any]]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    origin, offset = Origin(LOGS, key, etag(content)), 0
    for text, event in lines:
        yield f"{origin.id}-{offset}", dict(event)
        offset += len(text.encode()) + 1


def _with_agent(agent: str) -> dict[str, Any]:
    return dict(EVENTS[Kind.ALB]) | {"UserAgent": agent}
