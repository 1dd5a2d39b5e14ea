"""One function for each thing that is fed from outside; each takes any bytes and must not raise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from lambda_src.log_processor.delivery.attempts import AttemptError
from lambda_src.log_processor.delivery.frames import acknowledgements
from lambda_src.log_processor.events import deliveries
from lambda_src.log_processor.formats import FORMATS
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.parsing import parse
from lambda_src.log_processor.reading import blocks
from lambda_src.log_processor.redaction import redactor
from lambda_src.log_processor.requests import split_request
from lambda_src.log_processor.schemas import Schema, writer
from lambda_src.log_processor.single import record

ORIGIN = Origin("logs", "key", "version")
KINDS = (*FORMATS, Kind.UNKNOWN)
WRITERS = [writer(schema, {"Type": "logs"}) for schema in Schema]
REDACT = redactor(["token", "password"])


def lines(data: bytes) -> None:
    """Every line becomes an event in each schema or a rejection, as it does alone."""
    if not data:
        return
    kind, content = KINDS[data[0] % len(KINDS)], data[1:]
    # The same line many times is taken apart side by side.
    repeated = b"\n".join([content] * 20)
    for chunks in ([content], [content[:7], content[7:]], [repeated]):
        for block in blocks(chunks):
            parsed = parse(block, kind)
            whole = sum(map(len, parsed.tables))
            assert whole + len(parsed.rejections) == parsed.lines
            for write in WRITERS:
                events = write(parsed.tables, ORIGIN).split("\n")[:-1]
                ids = [json.loads(event)["@metadata"]["_id"] for event in events]
                assert len(set(ids)) == whole
    if kind in FORMATS:
        record(FORMATS[kind], content.decode("utf-8", "replace").replace("\n", " "))


def frames(data: bytes) -> None:
    """Acknowledgements are the same however they are cut, and nothing else is taken for one."""
    try:
        numbers, rest = acknowledgements(data)
    except AttemptError:
        return
    assert len(numbers) * 6 + len(rest) == len(data)
    cut = len(data) // 2
    first, held = acknowledgements(data[:cut])
    second, end = acknowledgements(held + data[cut:])
    assert (first + second, end) == (numbers, rest)


def event(data: bytes) -> None:
    """Whatever an invocation is given, something can be said of it."""
    try:
        given = json.loads(data)
    except (ValueError, RecursionError):
        return
    found = deliveries(given)
    assert all(delivery.requests for delivery in found)


def request(data: bytes) -> None:
    """Redacting a second time changes nothing, and a request is taken apart whatever it holds."""
    text = data.decode("utf-8", "replace")
    split_request(text)
    once = REDACT(text)
    assert REDACT(once) == once


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "lines": lines,
    "frames": frames,
    "event": event,
    "request": request,
}
