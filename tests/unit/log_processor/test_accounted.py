"""Whatever breaks, at whatever step: after enough attempts each line has arrived or is kept.

Nothing here asks our modules what happened: what arrived is what a receiver has taken, by the ids
of the events, and what is kept is what stands in the bucket.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lambda_src.log_processor.delivery import Protocol
from lambda_src.log_processor.filters import Filter, parse
from lambda_src.log_processor.forwarding import Portion, Transformation
from lambda_src.log_processor.handler import process
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.schemas import Write
from lambda_src.log_processor.schemas.original import ORIGINAL

from .buckets import VERSION, Bucket, refusal
from .delivering import GENEROUS, target
from .invocations import NOTHING_FAILED, WRITE, Invocation, batch, failures, message, services
from .lumberjack_server import Session, acknowledge_windows, acknowledging, serving
from .receivers import Behaviour, StandIn, receiving, reset
from .samples import ALB_KEY, line

ORIGIN = Origin("logs", ALB_KEY, VERSION)

DELIVERED, FILTERED, REJECTED = "d", "f", "r"
"""What a line is there for."""


CHUNKS = 20
"""In which the object comes, besides the empty one that ends it."""


class Row(NamedTuple):
    """One line of the object."""

    fate: str
    raw: bytes
    offset: int
    end: int


def rows(fates: str) -> list[Row]:
    """Return lines of which no two are the same, rejected ones neither UTF-8 nor without CR."""
    made = {
        DELIVERED: lambda number: line(Kind.ALB, user_agent=f'"é {number}"').encode(),
        FILTERED: lambda number: line(Kind.ALB, user_agent=f'"filtered {number}"').encode(),
        REJECTED: lambda number: b"nonsense \xff %d\r" % number if number % 2 else b"%d" % number,
    }
    raws = [made[fate](number) for number, fate in enumerate(fates)]
    ends = list(accumulate(len(raw) + 1 for raw in raws))
    return [
        Row(fate, raw, end - len(raw) - 1, end)
        for fate, raw, end in zip(fates, raws, ends, strict=True)
    ]


class Killed(BaseException):
    """The process is gone: nothing it would have done afterwards happens."""


ERRORS: Mapping[str, Callable[[], BaseException]] = {
    "refused": lambda: refusal("InternalError", "We encountered an internal error."),
    "timeout": lambda: ReadTimeoutError(endpoint_url="https://s3"),
    "bug": lambda: ZeroDivisionError("nobody foresaw it"),
    "killed": Killed,
}


@dataclass(frozen=True)
class Trouble:
    """What befalls one attempt."""

    steps: Mapping[tuple[str, int], str | float] = field(default_factory=dict)
    """By a step and how often it was taken before: an error, or seconds that pass."""
    behaviours: Sequence[str] = ("good",)
    """Of the receiver's connections, the last of all further ones; nothing: it refuses."""
    cut: int = 0
    """Bytes that are missing at the object's end."""
    unwritten: int | None = None
    """The block, from 0, whose events raise an error when they are written."""


NONE = Trouble()


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Story:
    """One object, attempt after attempt, and what has come of its lines so far."""

    def __init__(self, fates: str, protocol: Protocol, packed: bool, newline: bool = True) -> None:
        self.rows = rows(fates)
        lines = [row.raw + b"\n" for row in self.rows]
        lines[-1] = lines[-1] if newline else lines[-1][:-1]
        self.length = sum(map(len, lines))
        # A member for each line, so that something comes of each chunk.
        self.content = b"".join(gzip.compress(each, mtime=0) if packed else each for each in lines)
        self.bucket = Bucket(step=-(-len(self.content) // CHUNKS))
        self.protocol = protocol
        self.number = 0
        self.arrived: dict[str, bytes] = {}
        """Events by their ids."""
        self.lines = 0
        """How many events have arrived, repeats included."""

    def attempt(self, trouble: Trouble = NONE) -> dict[str, Any] | None:
        """Make the next attempt and return its summary, None if the process was killed."""
        self.number += 1
        before = self.checkpoint
        whole = len(self.content)
        self.bucket.objects = {ALB_KEY: self.content[: max(2, whole - trouble.cut)]}
        result, said, lines = self._processed(trouble)
        self._require_events(lines, self._start(before, trouble))
        if not said:
            assert result is None
            return None
        summary: dict[str, Any] = json.loads(said)
        assert summary["resumedAt"] == self._start(before, trouble)
        self._require_accounted(summary)
        delivered = summary["outcome"] == "delivered"
        assert result == (NOTHING_FAILED if delivered else failures("1"))
        if not delivered and not any(step == "checkpoint" for step, _ in trouble.steps):
            assert self.checkpoint == (self._end(summary) or before)
        return summary

    def end(self) -> None:
        """Make the attempt that nothing befalls."""
        summary = self.attempt()
        assert summary is not None
        fates = Counter(row.fate for row in self.rows)
        assert {name: summary[name] for name in ("outcome", *_COUNTS.values(), "read")} == {
            "outcome": "delivered",
            "delivered": fates[DELIVERED],
            "filtered": fates[FILTERED],
            "rejected": fates[REJECTED],
            "read": len(self.rows),
        }
        assert set(self.arrived) == {_id(row) for row in self.rows if row.fate == DELIVERED}

    @property
    def checkpoint(self) -> int:
        """The offset that is kept, 0 if none is."""
        kept = [json.loads(text)["offset"] for text in self.bucket.named("checkpoints").values()]
        assert len(kept) <= 1
        return kept[0] if kept else 0

    def _processed(self, trouble: Trouble) -> tuple[object, str, list[bytes]]:
        """Return the response, what was logged, and the lines that the receiver has read."""
        clock = Clock()
        self.bucket.before = _befalling(trouble.steps, clock)
        hangs = {"hangs", "silent"} & set(trouble.behaviours)
        with _receiving(self.protocol, trouble.behaviours) as receiver:
            able = services(
                self.bucket,
                target(self.protocol, receiver.port),
                idle=0.02 if hangs else GENEROUS,
                transformation=Transformation(
                    _failing(trouble.unwritten), Filter(parse(_RULES, ORIGINAL), ORIGINAL)
                ),
                portion=Portion(characters=2000),
                clock=clock,
            )
            event = batch(message("1", ALB_KEY, attempt=self.number))
            result = None
            with redirect_stdout(io.StringIO()) as said, suppress(Killed):
                result = process(event, Invocation(seconds=600), able)
        return result, said.getvalue(), receiver.lines

    def _start(self, checkpoint: int, trouble: Trouble) -> int:
        """Return where the attempt has to begin: a first one asks for no checkpoint."""
        is_opened = not isinstance(trouble.steps.get(("open", 0)), str)
        is_loaded = is_opened and not isinstance(trouble.steps.get(("load", 0)), str)
        return checkpoint if self.number > 1 and is_loaded else 0

    def _require_events(self, lines: Sequence[bytes], start: int) -> None:
        """Only lines that are to be delivered arrive, none before the start, repeats the same."""
        known = {_id(row): row for row in self.rows if row.fate == DELIVERED}
        self.lines += len(lines)
        for text in lines:
            found = json.loads(text)
            row = known[found["@metadata"]["_id"]]
            assert row.offset >= start
            assert f'"{found["UserAgent"]}"'.encode() in row.raw
            assert self.arrived.setdefault(_id(row), text) == text

    def _require_accounted(self, summary: Mapping[str, Any]) -> None:
        """What is reported as done has arrived, is kept, or was to be filtered."""
        counts = {fate: summary[name] for fate, name in _COUNTS.items()}
        assert summary["read"] == sum(counts.values()) + summary["unconfirmed"]
        assert summary["unconfirmed"] >= 0
        done = self.rows[: sum(counts.values())]
        assert Counter(counts) == Counter(row.fate for row in done)
        assert {_id(row) for row in done if row.fate == DELIVERED} <= set(self.arrived)
        kept = self._kept()
        assert all(kept[row.offset] == row.raw for row in done if row.fate == REJECTED)
        if summary["outcome"] == "delivered":
            assert len(done) == summary["read"] == len(self.rows)
            assert set(kept) == {row.offset for row in done if row.fate == REJECTED}

    def _kept(self) -> dict[int, bytes]:
        """Return the lines that were kept, by their offsets."""
        texts = b"".join(self.bucket.named("rejected").values())
        found = [json.loads(text) for text in texts.splitlines()]
        return {each["offset"]: _raw(each) for each in found}

    def _end(self, summary: Mapping[str, Any]) -> int:
        """Return the offset after the last line that is accounted for."""
        done = summary["read"] - summary["unconfirmed"]
        return min(self.rows[done - 1].end, self.length) if done else 0


_RULES = '[{"action": "exclude", "field": "UserAgent", "matches": "^filtered"}]'
_COUNTS = {DELIVERED: "delivered", FILTERED: "filtered", REJECTED: "rejected"}


def _id(row: Row) -> str:
    return f"{ORIGIN.id}-{row.offset}"


def _raw(kept: Mapping[str, Any]) -> bytes:
    if "lineBase64" in kept:
        return base64.b64decode(kept["lineBase64"])
    text: str = kept["line"]
    return text.encode()


def _befalling(steps: Mapping[tuple[str, int], str | float], clock: Clock) -> Callable[[str], None]:
    """Return what a bucket is to do before each step."""
    taken: Counter[str] = Counter()
    killed = False

    def before(step: str) -> None:
        nonlocal killed
        happens = steps.get((step, taken[step]), 0.0)
        taken[step] += 1
        killed = killed or happens == "killed"
        if killed:
            raise Killed
        if isinstance(happens, str):
            raise ERRORS[happens]()
        clock.now += happens

    return before


def _failing(unwritten: int | None) -> Write:
    """Return the writer of events, which fails at the block of this number."""
    written = iter(range(10**6))

    def write(*block: Any) -> str:
        if next(written) == unwritten:
            raise RuntimeError("nobody foresaw it")
        return WRITE(*block)

    return write


@contextmanager
def _receiving(protocol: Protocol, names: Sequence[str]) -> Iterator[StandIn]:
    known = _ACKNOWLEDGING if protocol.is_acknowledged else _DRAINING
    with receiving(*(known[name] for name in names)) as receiver:
        if not names:
            receiver.stop_listening()
        yield receiver


SOME = 1500
"""Bytes that are more than one event and less than a batch."""


def _resets(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection, SOME)
    reset(connection)


def _closes(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection, SOME)


def _hangs(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection, SOME)
    receiver.over.wait()


def _stays_silent(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection)
    receiver.over.wait()


def _restarts(receiver: StandIn, connection: socket.socket) -> None:
    if receiver.take(connection, SOME):
        _restarts_now(receiver, connection)


def _after_one_event(act: Callable[[StandIn, socket.socket], object]) -> Behaviour:
    """Return a behaviour that does this when one event of a window has come."""

    def answer(receiver: StandIn, connection: socket.socket, session: Session) -> None:
        if session.count == 1:
            act(receiver, connection)

    return serving(answer)


def _takes_a_window(receiver: StandIn, connection: socket.socket, session: Session) -> None:
    acknowledge_windows(receiver, connection, session)
    if session.count == session.size:
        connection.close()


def _acknowledges_one(receiver: StandIn, connection: socket.socket, session: Session) -> None:
    """Take two events, say that it has the first, and go."""
    if session.count == 1:
        session.acknowledge()
    if session.count == 2:
        connection.close()


def _restarts_now(receiver: StandIn, connection: socket.socket) -> None:
    receiver.stop_listening()
    receiver.listen()
    reset(connection)


_DRAINING: Mapping[str, Behaviour] = {
    "good": StandIn.drain,
    "once": StandIn.drain,
    "resets": _resets,
    "closes": _closes,
    "partly": _closes,
    "hangs": _hangs,
    "silent": _stays_silent,
    "restarts": _restarts,
}
_ACKNOWLEDGING: Mapping[str, Behaviour] = {
    "good": acknowledging(),
    "once": serving(_takes_a_window),
    "resets": _after_one_event(lambda _, connection: reset(connection)),
    "closes": _after_one_event(lambda _, connection: connection.close()),
    "partly": serving(_acknowledges_one),
    "hangs": _after_one_event(lambda receiver, _: receiver.over.wait()),
    "silent": serving(lambda *_: None),
    "restarts": _after_one_event(_restarts_now),
}


FATES = "ddrfdddrrfddfdrd"
TO_STOP = 590.001
"""Seconds after which no block is begun; a little less than 5 are left for what is on its way."""

TROUBLES: Mapping[str, tuple[Trouble, str | None]] = {
    "nothing": (NONE, "delivered"),
    "S3 refuses": (Trouble({("open", 0): "refused"}), "failed"),
    "the first chunk does not come": (Trouble({("read", 0): "timeout"}), "failed"),
    "a later chunk does not come": (Trouble({("read", 9): "timeout"}), "failed"),
    "the last chunk does not come": (Trouble({("read", CHUNKS - 1): "timeout"}), "failed"),
    "reading crashes": (Trouble({("read", 9): "bug"}), "failed"),
    "the process dies at once": (Trouble({("read", 0): "killed"}), None),
    "the process dies on its way": (Trouble({("read", 9): "killed"}), None),
    "the process dies after a checkpoint": (
        Trouble({("read", 5): 11.0, ("read", 9): "killed"}),
        None,
    ),
    "the process dies keeping lines": (Trouble({("rejected", 1): "killed"}), None),
    "the process dies keeping a checkpoint": (
        Trouble({("read", 5): 11.0, ("checkpoint", 0): "killed"}),
        None,
    ),
    "rejected lines cannot be kept": (Trouble({("rejected", 0): "refused"}), "failed"),
    "later ones cannot be kept": (Trouble({("rejected", 1): "timeout"}), "failed"),
    "keeping them crashes": (Trouble({("rejected", 1): "bug"}), "failed"),
    "a checkpoint cannot be kept": (
        Trouble({("read", 5): 11.0, ("checkpoint", 0): "refused"}),
        "delivered",
    ),
    "the checkpoint of a failure cannot be kept": (
        Trouble({("read", 9): "timeout", ("checkpoint", 0): "refused"}),
        "failed",
    ),
    "the time is up before the first block": (Trouble({("open", 0): TO_STOP}), "unfinished"),
    "the time is up at a block": (Trouble({("read", 5): TO_STOP}), "unfinished"),
    "the time is up at a later block": (Trouble({("read", 9): TO_STOP}), "unfinished"),
    "the time is over": (Trouble({("read", 9): 600.0}), "failed"),
    "an event cannot be written": (Trouble(unwritten=0), "failed"),
    "a later event cannot be written": (Trouble(unwritten=6), "failed"),
    "the receiver refuses": (Trouble(behaviours=()), "failed"),
    "the receiver resets": (Trouble(behaviours=("resets",)), "failed"),
    "the receiver resets a later batch": (Trouble(behaviours=("once", "resets")), "failed"),
    "the receiver resets one batch": (
        Trouble(behaviours=("once", "resets", "resets", "good")),
        "delivered",
    ),
    "the receiver closes": (Trouble(behaviours=("closes",)), "failed"),
    "the receiver closes a later batch": (Trouble(behaviours=("once", "once", "closes")), "failed"),
    "the receiver takes parts": (Trouble(behaviours=("partly", "closes")), "failed"),
    "the receiver stops reading": (Trouble(behaviours=("once", "hangs")), "failed"),
    "the receiver never confirms": (Trouble(behaviours=("silent",)), "failed"),
    "the receiver never confirms again": (Trouble(behaviours=("once", "silent")), "failed"),
    "the receiver restarts": (Trouble(behaviours=("restarts", "good")), "delivered"),
}
"""By what happens: the trouble, and the outcome of the attempt that it befalls."""

BOTH = pytest.mark.parametrize("protocol", [Protocol.TCP, Protocol.LUMBERJACK])
EITHER = pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])


@BOTH
@EITHER
@pytest.mark.parametrize("name", TROUBLES)
def test_every_line_survives_every_trouble(name: str, protocol: Protocol, packed: bool) -> None:
    """Whether it befalls the first attempt or one that goes on where another stopped."""
    trouble, outcome = TROUBLES[name]
    story = Story(FATES, protocol, packed)
    summary = story.attempt(trouble)
    assert (summary and summary["outcome"]) == outcome
    story.attempt(Trouble({("read", 12): "timeout"}))
    story.attempt(trouble)
    story.end()


@BOTH
def test_a_truncated_object_never_succeeds(protocol: Protocol) -> None:
    """What is there arrives, and is not sent again and again."""
    story = Story(FATES, protocol, packed=True)
    first = story.attempt(Trouble(cut=9))
    again = story.attempt(Trouble(cut=9))
    assert first is not None
    assert again is not None
    error = "the gzip data ends before its end: the object is truncated"
    assert first["error"] == again["error"] == error
    assert 0 < first["delivered"] <= again["delivered"]
    assert again["resumedAt"] > 0
    story.end()


@BOTH
@EITHER
def test_attempts_that_end_in_good_order_send_nothing_twice(
    protocol: Protocol, packed: bool
) -> None:
    """Each goes on at the byte where the one before stopped."""
    story = Story(FATES * 2, protocol, packed)
    number = 0
    outcomes: list[str] = []
    while not outcomes or outcomes[-1] == "unfinished":
        summary = story.attempt(Trouble({("read", number := number + 5): TO_STOP}))
        assert summary is not None
        outcomes.append(summary["outcome"])
    assert outcomes == ["unfinished"] * 3 + ["delivered"]
    assert story.lines == len(story.arrived) == FATES.count(DELIVERED) * 2


STEPS = st.tuples(
    st.sampled_from(["open", "load", "read", "read", "read", "rejected", "checkpoint"]),
    st.sampled_from([0, 0, 1, 3, 6, 9, 14, 20]),
)
HAPPENINGS: st.SearchStrategy[str | float] = st.sampled_from([*ERRORS, 11.0, 11.0, TO_STOP, 600.0])
BEHAVIOURS = st.lists(
    st.sampled_from(["once", "once", "resets", "closes", "partly", "restarts"]), max_size=6
)


@st.composite
def troubles(draw: st.DrawFn, packed: bool) -> Trouble:
    """Several things at once; the receiver may become good in the end or stay bad."""
    behaviours = draw(BEHAVIOURS)
    return Trouble(
        steps=draw(st.dictionaries(STEPS, HAPPENINGS, max_size=3)),
        behaviours=[*behaviours, "good"] if draw(st.booleans()) else behaviours,
        cut=draw(st.sampled_from([0, 0, 9, 50])) if packed else 0,
        unwritten=draw(st.sampled_from([None, None, 0, 2, 8])),
    )


@hypothesis_settings(max_examples=150)
@given(st.data())
def test_every_line_survives_any_troubles(data: st.DataObject) -> None:
    """However many, in whatever order, befall whichever attempts."""
    packed = data.draw(st.booleans())
    fates = data.draw(st.text(FATES, min_size=1, max_size=14))
    protocol = data.draw(st.sampled_from([Protocol.TCP, Protocol.LUMBERJACK]))
    story = Story(fates, protocol, packed, newline=data.draw(st.booleans()))
    for trouble in data.draw(st.lists(troubles(packed), max_size=4)):
        story.attempt(trouble)
    story.end()
