"""One object through all the stages."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.accounting import Account
from lambda_src.log_processor.delivery import Deadline
from lambda_src.log_processor.errors import ReadError
from lambda_src.log_processor.formats import Kind
from lambda_src.log_processor.forwarding import BATCH_CHARACTERS, forward, until
from lambda_src.log_processor.reading import LINE_LIMIT
from lambda_src.log_processor.schemas import event, original

from .samples import ALB_34, ALB_EVENT, CLASSIC_15, CLASSIC_EVENT, STATIC

WRITE = original(STATIC)


@dataclass
class Kept:
    """A receiver that keeps its batches."""

    batches: list[bytes] = field(default_factory=list)
    confirmed: bool = False

    def send(self, batch: bytes) -> None:
        assert not self.confirmed
        self.batches.append(batch)

    def confirm(self) -> None:
        self.confirmed = True

    @property
    def lines(self) -> list[str]:
        return b"".join(self.batches).decode().splitlines(keepends=True)


def test_lines_become_events_or_are_counted_as_rejected() -> None:
    """The offsets of rejected lines are those in the uncompressed content."""
    content = f"{ALB_34}\n\nnonsense\n{CLASSIC_15}".encode()
    kept, account = Kept(), Account()
    forward([gzip.compress(content)], Kind.UNKNOWN, WRITE, kept, account)
    assert list(map(event, kept.lines)) == [ALB_EVENT, CLASSIC_EVENT]
    assert kept.confirmed
    assert account == Account(
        read=4,
        rejected=2,
        bytes=len(content),
        rejections=[
            (len(ALB_34) + 1, "empty line"),
            (len(ALB_34) + 2, "1 field, expected at least 18"),
        ],
        kinds={Kind.ALB, Kind.CLASSIC},
    )


def test_a_line_over_the_limit_is_rejected_and_the_next_delivered() -> None:
    """One hostile request costs one line."""
    kept, account = Kept(), Account()
    content = b"x" * (LINE_LIMIT + 1) + f"\n{CLASSIC_15}\n".encode()
    forward([content], Kind.CLASSIC, WRITE, kept, account)
    assert list(map(event, kept.lines)) == [CLASSIC_EVENT]
    assert account.rejections == [(0, "the line is longer than 1048576 bytes")]


def test_batches_are_whole_lines_of_limited_size() -> None:
    """Memory does not grow with the object."""
    kept, account = Kept(), Account()
    forward([f"{CLASSIC_15}\n".encode() * 1000], Kind.CLASSIC, WRITE, kept, account)
    line = len(kept.lines[0])
    assert all(batch.endswith(b"}\n") for batch in kept.batches)
    assert [len(batch) // line for batch in kept.batches[:-1]] == [BATCH_CHARACTERS // line + 1] * (
        len(kept.batches) - 1
    )
    assert len(kept.lines) == account.read == 1000


def test_an_object_without_events_sends_nothing() -> None:
    """What is rejected needs no connection."""
    kept = Kept()
    forward([b"nonsense\n"], Kind.ALB, WRITE, kept, Account())
    assert kept == Kept([], confirmed=True)


@given(
    st.sampled_from(list(Kind)),
    st.lists(
        st.sampled_from([ALB_34.encode(), CLASSIC_15.encode(), b"", b"\r"])
        | st.binary(max_size=99).map(lambda data: data.replace(b"\n", b"")),
        max_size=9,
    ),
    st.integers(1, 50),
)
def test_every_line_is_an_event_or_a_rejection(kind: Kind, content: list[bytes], size: int) -> None:
    """Whatever the lines are and however the chunks are cut."""
    whole = gzip.compress(b"".join(line + b"\n" for line in content))
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]
    kept, account = Kept(), Account()
    forward(chunks, kind, WRITE, kept, account)
    delivered = b"".join(kept.batches).count(b"\n")
    assert account.read == len(content) == delivered + account.rejected


def test_chunks_end_at_the_deadline() -> None:
    """What takes too long fails in time to say so."""
    times = iter([0.0, 0.0, 1.0, 2.0])
    chunks = until(Deadline(2.0, lambda: next(times)), iter([b"a", b"b", b"c"]))
    assert [next(chunks), next(chunks)] == [b"a", b"b"]
    with pytest.raises(ReadError) as caught:
        next(chunks)
    assert str(caught.value) == "the invocation's time has run out before the object's end"


def test_chunks_before_the_deadline_are_all_there() -> None:
    """The end of the content ends it."""
    assert list(until(Deadline(60.0), [b"a", b"b"])) == [b"a", b"b"]
