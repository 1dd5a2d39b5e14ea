"""One object through all the stages."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.accounting import Account, Phases
from lambda_src.log_processor.delivery import Deadline
from lambda_src.log_processor.errors import DeliveryError, ReadError, StateError
from lambda_src.log_processor.filters import Filter, parse
from lambda_src.log_processor.forwarding import (
    CHECKPOINT_SECONDS,
    REJECTION_BYTES,
    Portion,
    Transformation,
    Work,
    forward,
)
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.reading import BLOCK_BYTES, LINE_LIMIT
from lambda_src.log_processor.redaction import redactor
from lambda_src.log_processor.schemas.original import ORIGINAL
from lambda_src.log_processor.state import Checkpoint, load

from .invocations import WRITE, event, events, offsets
from .samples import ALB_34, ALB_EVENT, CLASSIC_15, CLASSIC_EVENT, FIELDS, line

ORIGIN = Origin("logs", "a", "v1")
LINE = f"{CLASSIC_15}\n".encode()


@dataclass
class Kept:
    """A receiver that keeps its batches, and a place that keeps texts; either may fail."""

    batches: list[bytes] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    """Names, in the order in which they were written."""
    failing: str = "nothing"
    """What names must not have in them."""
    most: int = 10**6
    """Batches that are taken."""

    def deliver(self, batch: bytes) -> None:
        if len(self.batches) == self.most:
            raise DeliveryError("gone")
        self.batches.append(batch)

    def put(self, name: str, text: bytes) -> None:
        if self.failing in name:
            raise StateError(f"{name} cannot be written")
        self.texts[name] = text
        self.puts.append(name.partition("/")[0])

    def get(self, name: str) -> bytes | None:
        return self.texts.get(name)

    @property
    def lines(self) -> list[bytes]:
        return b"".join(self.batches).splitlines()

    @property
    def rejected(self) -> list[dict[str, Any]]:
        texts = [text for name, text in self.texts.items() if name.startswith("rejected/")]
        return [json.loads(each) for text in texts for each in text.splitlines()]


def work(kept: Kept, kind: Kind = Kind.UNKNOWN, **options: Any) -> Work:
    usual: dict[str, Any] = {
        "transformation": Transformation(WRITE),
        "texts": kept,
        "stop": Deadline(60.0, lambda: 0.0),
        "clock": lambda: 0.0,
    }
    return Work(ORIGIN, kind, receiver=kept, **(usual | options))


def test_lines_become_events_or_are_rejected_and_kept() -> None:
    """The offsets of rejected lines are those in the uncompressed content."""
    content = f"{ALB_34}\n\nnonsense\r\n{CLASSIC_15}".encode()
    kept, account = Kept(), Account()
    assert forward(work(kept), [gzip.compress(content)], account)
    assert events(kept.lines) == [ALB_EVENT, CLASSIC_EVENT]
    size = len(ALB_34)
    assert offsets(kept.lines) == [0, size + 12]
    reasons = ["empty line", "1 field, expected at least 18"]
    assert account == Account(
        read=4,
        delivered=2,
        rejected=2,
        offset=len(content),
        bytes=len(content),
        rejections=[(size + 1, reasons[0]), (size + 2, reasons[1])],
        kinds={Kind.ALB, Kind.CLASSIC},
        latest="2026-08-01T23:39:43.945958Z",
    )
    about = {"bucket": "logs", "key": "a", "version": "v1"}
    assert kept.rejected == [
        about | {"offset": size + 1, "length": 0, "reason": reasons[0], "line": ""},
        about | {"offset": size + 2, "length": 9, "reason": reasons[1], "line": "nonsense\r"},
    ]


def test_a_line_over_the_limit_is_rejected_and_the_next_delivered() -> None:
    """One hostile request costs one line; its beginning and its length are kept."""
    kept, account = Kept(), Account()
    content = b"x" * (LINE_LIMIT + 1) + b"\n" + LINE
    assert forward(work(kept, Kind.CLASSIC), [content], account)
    assert events(kept.lines) == [CLASSIC_EVENT]
    reason = "the line is longer than 1,048,576 bytes"
    assert account.rejections == [(0, reason)]
    [rejected] = kept.rejected
    assert rejected.pop("line") == "x" * LINE_LIMIT
    assert (rejected["offset"], rejected["length"], rejected["reason"]) == (
        0,
        LINE_LIMIT + 1,
        reason,
    )


def test_batches_are_whole_lines_of_limited_size() -> None:
    """Memory does not grow with the object."""
    kept, account = Kept(), Account()
    assert forward(work(kept, Kind.CLASSIC), [LINE] * 3000, account)
    sizes = [len(batch) for batch in kept.batches]
    least, most = Portion().characters, Portion().characters + len(kept.lines[0]) + 1
    assert all(batch.endswith(b"}}\n") for batch in kept.batches)
    assert all(least <= size <= most for size in sizes[:-1])
    assert len(sizes) > 2
    assert len(kept.lines) == account.read == account.delivered == 3000


def test_bytes_of_rejected_lines_count_as_well() -> None:
    """They wait in memory until they are kept."""
    kept, account = Kept(), Account()
    portion = Portion(characters=10 * (10 + REJECTION_BYTES))
    assert forward(work(kept, Kind.ALB, portion=portion), [b"0123456789\n"] * 35, account)
    assert [text.count(b"\n") for text in kept.texts.values()] == [10, 10, 10, 5]
    assert kept.batches == [b""] * 4
    assert account.rejected == len(kept.rejected) == 35


EXCLUDED = Filter(
    parse('[{"name": "all", "action": "exclude", "field": "Status", "in": ["200"]}]', ORIGINAL),
    ORIGINAL,
)


def test_bytes_that_were_read_count_where_nearly_all_is_filtered() -> None:
    """A checkpoint needs the end of a batch, also where there is nothing to deliver."""
    kept, account = Kept(), Account()
    clock = iter(range(10**6)).__next__
    filtering = work(
        kept,
        transformation=Transformation(WRITE, EXCLUDED),
        portion=Portion(bytes_read=10 * len(LINE)),
        clock=lambda: float(clock()),
    )
    assert forward(filtering, [LINE] * 100, account)
    assert (account.filtered, account.rule_counts) == (100, Counter(all=100))
    assert len(kept.puts) > 5


def test_an_object_without_events_sends_nothing() -> None:
    """What is rejected needs no connection, and an empty object nothing at all."""
    kept = Kept()
    assert forward(work(kept), [], Account())
    assert kept == Kept()


def test_what_is_kept_nowhere_needs_no_place() -> None:
    """A command that shows rejected lines itself has none."""
    kept, account = Kept(), Account()
    assert forward(work(kept, texts=None), [b"nonsense\n", LINE], account)
    assert (account.delivered, account.rejected, kept.texts) == (1, 1, {})


@given(
    st.sampled_from(list(Kind)),
    st.lists(
        st.sampled_from([ALB_34.encode(), CLASSIC_15.encode(), b"", b"\r"])
        | st.binary(max_size=99).map(lambda data: data.replace(b"\n", b"")),
        max_size=9,
    ),
    st.integers(1, 50),
    st.integers(0, 3000),
    st.booleans(),
)
def test_every_line_is_an_event_or_filtered_or_kept_as_it_was(
    kind: Kind, content: list[bytes], size: int, characters: int, filtering: bool
) -> None:
    """Whatever the lines are, however the chunks are cut, and however much goes together."""
    whole = gzip.compress(b"".join(line + b"\n" for line in content))
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]
    kept, account = Kept(), Account()
    able = work(
        kept,
        kind,
        transformation=Transformation(WRITE, EXCLUDED if filtering else None),
        portion=Portion(characters),
    )
    assert forward(able, chunks, account)
    assert account.read == len(content) == len(kept.lines) + account.filtered + len(kept.rejected)
    assert (account.delivered, account.rejected) == (len(kept.lines), len(kept.rejected))
    assert account.unconfirmed == 0
    begins = [sum(len(line) + 1 for line in content[:at]) for at in range(len(content))]
    by_offset = dict(zip(begins, content, strict=True))
    for each in kept.rejected:
        if "line" in each:
            assert by_offset[each["offset"]] == each["line"].encode()
    told = [*offsets(kept.lines), *(each["offset"] for each in kept.rejected)]
    assert len(set(told)) == len(told)
    assert set(told) <= set(begins)


@pytest.mark.parametrize("start", range(5))
def test_a_resumed_object_goes_on_at_the_byte(start: int) -> None:
    """Nothing before it is looked at; the counts are those of the whole object."""
    checkpoint = Checkpoint(start * len(LINE), read=start, delivered=start)
    kept, account = Kept(), Account.resumed(checkpoint)
    assert forward(work(kept), [LINE * 4], account)
    assert offsets(kept.lines) == [at * len(LINE) for at in range(start, 4)]
    assert (account.read, account.delivered, account.offset) == (4, 4, 4 * len(LINE))
    assert account.bytes == (4 - start) * len(LINE)
    # Whoever comes again must not begin in the middle.
    assert load(kept, ORIGIN, "") == (account.checkpoint() if start else Checkpoint())


class Clock:
    """Time that passes while chunks come."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def chunks(self, seconds: Iterable[float]) -> Iterator[bytes]:
        for each in seconds:
            self.now += each
            yield LINE


def timed(kept: Kept, clock: Clock, **options: Any) -> Work:
    """Return work whose every line is a batch."""
    return work(kept, portion=Portion(1), clock=clock, **options)


def test_checkpoints_are_written_now_and_then() -> None:
    """After a confirmed batch, when some time has passed since the last; and at the end."""
    kept, clock, account = Kept(), Clock(), Account()
    third = CHECKPOINT_SECONDS / 3 + 0.01
    assert forward(timed(kept, clock), clock.chunks([third] * 10), account)
    assert kept.puts == ["checkpoints"] * 4
    assert load(kept, ORIGIN, "") == account.checkpoint()
    assert account.read == 10


def test_an_object_that_goes_through_at_once_leaves_no_checkpoint() -> None:
    """Nearly all do, and a request for each would cost more than all the rest."""
    kept, clock = Kept(), Clock()
    assert forward(timed(kept, clock), clock.chunks([1.0] * 9), Account())
    assert kept.puts == []


def test_the_time_is_up_between_blocks() -> None:
    """What was read is confirmed, and the checkpoint says how far that was."""
    kept, clock, account = Kept(), Clock(), Account()
    some = work(kept, clock=clock, stop=Deadline(4.5, clock))
    assert not forward(some, clock.chunks([1.0] * 9), account)
    assert (account.read, account.delivered, len(kept.lines)) == (5, 5, 5)
    assert load(kept, ORIGIN, "") == Checkpoint(5 * len(LINE), read=5, delivered=5)
    assert account.phases == Phases(reading=5.0)


def test_without_any_time_nothing_is_read_or_kept() -> None:
    """The next attempt finds everything as it was."""
    kept, clock, account = Kept(), Clock(), Account()
    assert not forward(work(kept, stop=Deadline(0.0, clock)), clock.chunks([0.0]), account)
    assert (kept, account) == (Kept(), Account())


def failing(chunks: Iterable[bytes], error: BaseException) -> Iterator[bytes]:
    yield from chunks
    raise error


@pytest.mark.parametrize("error", [ReadError("broken"), ZeroDivisionError(), KeyboardInterrupt()])
def test_after_an_error_the_checkpoint_says_how_far_it_came(error: BaseException) -> None:
    """Whatever the error is: what was confirmed is not done again."""
    kept, account = Kept(), Account()
    with pytest.raises(type(error)):
        forward(timed(kept, Clock()), failing([LINE] * 3, error), account)
    assert load(kept, ORIGIN, "") == Checkpoint(3 * len(LINE), read=3, delivered=3)
    assert account.unconfirmed == 0


def test_an_error_before_anything_is_confirmed_leaves_no_checkpoint() -> None:
    """There is nothing to say."""
    kept, account = Kept(most=0), Account()
    with pytest.raises(DeliveryError):
        forward(timed(kept, Clock()), [LINE], account)
    assert (kept.puts, account.read, account.unconfirmed) == ([], 1, 1)


def test_only_what_the_receiver_confirmed_is_delivered() -> None:
    """What it had before it failed stays so."""
    kept, account = Kept(most=2), Account()
    with pytest.raises(DeliveryError):
        forward(timed(kept, Clock()), [LINE] * 9, account)
    assert (account.read, account.delivered, account.unconfirmed) == (3, 2, 1)
    assert load(kept, ORIGIN, "") == Checkpoint(2 * len(LINE), read=2, delivered=2)


def test_rejected_lines_that_cannot_be_kept_fail_the_object() -> None:
    """They would be gone; the events of their batch come again with the same ids."""
    kept, account = Kept(failing="rejected/"), Account()
    with pytest.raises(StateError, match="cannot be written"):
        forward(work(kept), [LINE + b"nonsense\n"], account)
    assert (account.read, account.delivered, account.rejected) == (2, 0, 0)
    assert account.unconfirmed == 2


def test_a_checkpoint_that_cannot_be_kept_does_not_hide_the_error() -> None:
    """The next attempt does more again, which is all."""
    kept = Kept(failing="checkpoints/")
    with pytest.raises(ReadError, match="broken"):
        forward(timed(kept, Clock()), failing([LINE], ReadError("broken")), Account())


def test_seconds_are_told_by_what_they_were_spent_on() -> None:
    """Each phase is what an operator can change something about."""
    clock = Clock()

    class Slow(Kept):
        def deliver(self, batch: bytes) -> None:
            clock.now += 2.0

        def put(self, name: str, text: bytes) -> None:
            clock.now += 4.0

    def write(*block: Any) -> str:
        clock.now += 8.0
        return WRITE(*block)

    account = Account()
    able = work(Slow(), transformation=Transformation(write), clock=clock)
    chunks = chain(clock.chunks([1.0]), [b"nonsense\n"])
    assert forward(able, chunks, account)
    assert account.phases == Phases(reading=1.0, parsing=8.0, delivering=2.0, keeping=4.0)


TOKEN = "/?token=hush&page=2"


def test_redaction_reaches_every_field_that_holds_a_url() -> None:
    """Also the fields that nobody knows yet, and in lines that are filtered it costs nothing."""
    transformation = Transformation(WRITE, EXCLUDED, redactor(["token"]))
    fields = {"request": f'"GET {TOKEN} HTTP/1.1"', "transformed_uri": f'"{TOKEN}"'}
    lines = [
        line(Kind.ALB, elb_status_code="500", **fields) + f" {TOKEN}",
        line(Kind.ALB, **fields),
    ]
    kept, account = Kept(), Account()
    content = "\n".join(lines * 9).encode()
    assert forward(work(kept, transformation=transformation), [content], account)
    assert b"hush" not in b"".join(kept.batches)
    redacted = "/?token=REDACTED&page=2"
    assert (
        events(kept.lines)
        == [
            ALB_EVENT
            | {
                "Status": "500",
                "FullRequest": f"GET {redacted} HTTP/1.1",
                "TransformedUri": redacted,
                "ExtraFields": [redacted],
            }
        ]
        * 9
    )
    assert (account.delivered, account.filtered, account.extra_fields) == (9, 9, 9)


@pytest.mark.parametrize("kind", FIELDS)
def test_filters_and_redaction_leave_other_lines_as_they_were(kind: Kind) -> None:
    """Of every kind of log."""
    plain, changed = Kept(), Kept()
    able = Transformation(
        WRITE,
        Filter(parse('[{"action": "exclude", "field": "elb", "in": ["x"]}]', ORIGINAL), ORIGINAL),
        redactor(["token"]),
    )
    content = [f"{line(kind)}\n".encode() * 9]
    assert forward(work(plain, kind), content, Account())
    assert forward(work(changed, kind, transformation=able), content, Account())
    assert plain.batches == changed.batches
    assert len(list(map(event, plain.lines))) == 9


MEGABYTES = 24
PROGRAM = """
import gzip, resource, sys
from tests.unit.log_processor.test_forwarding import Account, Kept, LINE, forward, work

class Discarding(Kept):
    def deliver(self, batch): pass
    def put(self, name, text): pass

packed = gzip.compress((LINE * 8 + b"nonsense\\n") * 1000)
def chunks(megabytes):
    for _ in range(megabytes * 2**20 // (len(LINE) * 8000)):
        yield packed

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

assert forward(work(Discarding()), chunks(4), Account())
before = most()
account = Account()
assert forward(work(Discarding()), chunks(int(sys.argv[1])), account)
print(account.bytes // 2**20, account.unconfirmed, most() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell in this way")
def test_memory_does_not_grow_with_the_object() -> None:
    """Once it has what a small object needs, a large one takes no more."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(MEGABYTES)],
        cwd=Path(__file__).parents[3],
        env=dict(os.environ),
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    megabytes, unconfirmed, more = map(int, done.stdout.split())
    assert megabytes >= MEGABYTES - 3
    assert unconfirmed == 0
    assert more < 8


def test_a_block_is_smaller_than_a_batch() -> None:
    """Otherwise each block would take a connection."""
    assert BLOCK_BYTES < Portion().characters < Portion().bytes_read
