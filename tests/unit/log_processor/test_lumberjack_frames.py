"""Lumberjack's frames: a decoder that does not know us reads what we write, and the reverse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.delivery import frames
from lambda_src.log_processor.delivery.batch import Batch
from lambda_src.log_processor.errors import DeliveryError

from .lumberjack_server import windows

EVENTS = st.lists(st.binary(max_size=300), min_size=1, max_size=50)


def frame(number: int) -> bytes:
    return b"2A" + number.to_bytes(4, "big")


def acknowledged(chunks: list[bytes]) -> tuple[list[int], bytes]:
    """Read the chunks one after the other, as the client does."""
    numbers: list[int] = []
    rest = b""
    for chunk in chunks:
        more, rest = frames.acknowledgements(rest + chunk)
        numbers += more
    return numbers, rest


def cut(content: bytes, places: list[int]) -> list[bytes]:
    """Return the content in pieces."""
    ends = sorted({place % (len(content) + 1) for place in places} | {len(content)})
    return [content[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def test_a_window_is_these_bytes() -> None:
    """Written out once by hand, as the protocol has them."""
    assert frames.encoded([b"{}", b'{"a":1}']) == (
        b"2W\x00\x00\x00\x02"
        b"2J\x00\x00\x00\x01\x00\x00\x00\x02{}"
        b'2J\x00\x00\x00\x02\x00\x00\x00\x07{"a":1}'
    )


@given(EVENTS, st.integers(0, 9))
def test_a_window_is_read_as_it_was_written(events: list[bytes], level: int) -> None:
    """Compressed or not: numbered from 1, and exactly as many as are announced."""
    assert windows(frames.encoded(events, level)) == [list(enumerate(events, 1))]


def test_compression_makes_it_smaller() -> None:
    """It is there for links that cost more than time does."""
    events = [b'{"a":"the same again"}'] * 1_000
    assert len(frames.encoded(events, 1)) < len(frames.encoded(events)) / 10


@given(
    st.lists(st.integers(0, 600_000), min_size=1, max_size=8),
    st.integers(0, 5_000),
)
def test_windows_are_all_events_in_order_and_none_is_too_large(
    sizes: list[int], small: int
) -> None:
    """Except that an event which is too large alone has a window of its own."""
    events = [bytes(size) for size in sizes] + [b"{}"] * small
    found: list[bytes] = []
    start = 0
    while start < len(events):
        window = frames.window(events, start)
        assert 1 <= len(window) <= 2_048
        assert len(window) == 1 or sum(map(len, window)) <= 1_048_576
        found += window
        start += len(window)
    assert found == events


def test_windows_are_as_large_as_they_may_be() -> None:
    """Each costs a round trip."""
    events = [b"{}"] * 5_000
    assert [len(frames.window(events, start)) for start in (0, 2_048, 4_096)] == [2_048, 2_048, 904]
    assert len(frames.window([bytes(1_024)] * 2_048, 0)) == 1_024


@given(st.lists(st.integers(0, 2**32 - 1), max_size=20), st.lists(st.integers(0, 200)))
def test_acknowledgements_may_be_cut_anywhere(numbers: list[int], places: list[int]) -> None:
    """TCP cuts as it likes, and what is not whole waits for its rest."""
    content = b"".join(map(frame, numbers))
    assert acknowledged(cut(content, places)) == (numbers, b"")


@given(st.integers(0, 2**32 - 1), st.integers(0, 5))
def test_the_beginning_of_an_acknowledgement_is_kept(number: int, size: int) -> None:
    """It acknowledges nothing yet."""
    beginning = frame(number)[:size]
    assert frames.acknowledgements(frame(7) + beginning) == ([7], beginning)


@given(st.binary(max_size=100), st.lists(st.integers(0, 100)))
def test_anything_else_is_an_error_and_nothing_worse(content: bytes, places: list[int]) -> None:
    """However it is cut: never a number that is not there, never an end that does not come."""
    try:
        numbers, rest = acknowledged(cut(content, places))
    except DeliveryError:
        assert any(
            content[start : start + 2] not in (b"2A", b"2", b"")
            for start in range(0, len(content), 6)
        )
    else:
        assert b"".join(map(frame, numbers)) + rest == content


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"1A\x00\x00\x00\x01", "it speaks version 1 of Lumberjack; version 2 is needed"),
        (b"1", "it speaks version 1 of Lumberjack"),
        (b"HTTP/1.1 400 Bad Request", "it answered b'HT' instead of an acknowledgement"),
        (b"2J\x00\x00\x00\x01", "it answered b'2J' instead of an acknowledgement"),
        (b"\n", r"it answered b'\\n' instead of an acknowledgement"),
    ],
)
def test_a_stranger_is_known_by_its_first_bytes(answer: bytes, said: str) -> None:
    """Nobody waits for the rest of a frame that it will never be."""
    with pytest.raises(DeliveryError, match=said):
        frames.acknowledgements(answer)


def test_the_lines_of_a_batch_are_its_events() -> None:
    """Only a newline ends one: JSON may hold what other readers take for the end of a line."""
    events = ['{"a":"\u2028\u0085"}'.encode(), b'{"b":"\r\x0b"}', b"{}"]
    assert Batch(b"\n".join(events) + b"\n").events == events


def test_an_empty_line_is_no_event() -> None:
    """A receiver would take it for JSON."""
    assert Batch(b"{}\n\n{}\n").events == [b"{}", b"{}"]
