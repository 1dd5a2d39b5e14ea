"""Chunks in, lines out."""

from __future__ import annotations

import gzip
import itertools
import random
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.errors import ReadError
from lambda_src.log_processor.reading import LINE_LIMIT, Line, lines, uncompressed


def read(*chunks: bytes) -> list[Line]:
    return list(lines(uncompressed(chunks)))


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def test_lines_carry_their_offset() -> None:
    """The offset is that of the first byte, and the last line needs no newline."""
    assert read(b"ab\n\nc") == [Line(0, b"ab"), Line(3, b""), Line(4, b"c")]


def test_a_newline_at_the_end_starts_no_line() -> None:
    """Nothing after the last newline is not a line."""
    assert read(b"ab\n") == [Line(0, b"ab")]
    assert read(b"") == read() == []


def test_only_a_newline_ends_a_line() -> None:
    """U+2028, NEL, form feed and a lone carriage return are text."""
    text = "a\u2028b\u0085c\x0cd\re\x1ef".encode()
    assert read(text + b"\ng") == [Line(0, text), Line(len(text) + 1, b"g")]


def test_one_carriage_return_before_the_newline_is_stripped() -> None:
    """A tool that rewrote the file does not add to the last field."""
    assert read(b"a\r\nb\r\r\n\r\nc\r") == [
        Line(0, b"a"),
        Line(3, b"b\r"),
        Line(7, b""),
        Line(9, b"c"),
    ]


@pytest.mark.parametrize("size", [1000, 65_536, 3 * LINE_LIMIT])
def test_a_line_over_the_limit_has_no_data_and_the_next_is_whole(size: int) -> None:
    """The limit counts the bytes before the newline."""
    content = b"a" * LINE_LIMIT + b"\n" + b"b" * (LINE_LIMIT + 1) + b"\nc\n" + b"d" * LINE_LIMIT
    assert read(*pieces(content + b"d", size)) == [
        Line(0, b"a" * LINE_LIMIT),
        Line(LINE_LIMIT + 1, None),
        Line(2 * LINE_LIMIT + 3, b"c"),
        Line(2 * LINE_LIMIT + 5, None),
    ]


def test_a_line_without_end_takes_no_memory() -> None:
    """What exceeds the limit is dropped while it is read."""
    tracemalloc.start()
    try:
        endless = itertools.repeat(b"x" * 65_536, 64 * 16)
        assert list(lines(endless)) == [Line(0, None)]
        assert tracemalloc.get_traced_memory()[1] < 4 * LINE_LIMIT
    finally:
        tracemalloc.stop()


def test_a_gzip_bomb_is_read_in_small_pieces() -> None:
    """A few compressed bytes can stand for very many."""
    bomb = gzip.compress(b"\n" * 1_000_000 + b"x" * 30_000_000)
    assert max(map(len, uncompressed([bomb]))) <= 256 * 1024
    assert sum(map(len, uncompressed([bomb]))) == 31_000_000


@given(st.binary(), st.integers(1, 20))
def test_chunk_boundaries_never_matter(content: bytes, size: int) -> None:
    """The same lines come whichever way the content is cut."""
    whole = list(lines([content]))
    assert list(lines(pieces(content, size))) == whole
    assert read(*pieces(gzip.compress(content), size)) == whole
    rest = content.removesuffix(b"\n")
    expected = [line.removesuffix(b"\r") for line in rest.split(b"\n")] if content else []
    assert [line.data for line in whole] == expected


@given(st.lists(st.binary(max_size=50), max_size=5), st.integers(1, 30), st.integers(0, 40))
def test_gzip_members_follow_each_other(parts: list[bytes], size: int, padding: int) -> None:
    """Concatenated members are one stream, and zero bytes between and after them are padding."""
    compressed = b"".join(gzip.compress(part) + bytes(padding) for part in parts)
    assert b"".join(uncompressed(pieces(compressed, size))) == b"".join(parts)


def test_the_first_bytes_tell_gzip_even_if_they_come_one_by_one() -> None:
    """Neither the name of the object nor the cut of the chunks decides."""
    assert read(*pieces(gzip.compress(b"a\nb"), 1)) == [Line(0, b"a"), Line(2, b"b")]
    assert read(b"\x1f", b"x") == [Line(0, b"\x1fx")]
    assert read(b"\x1f") == [Line(0, b"\x1f")]


COMPRESSED = gzip.compress(random.Random(1).randbytes(2000))


@pytest.mark.parametrize("end", [2, 5, 10, 500, len(COMPRESSED) - 8, len(COMPRESSED) - 1])
@pytest.mark.parametrize("size", [1, 4096])
def test_truncated_gzip_is_an_error(end: int, size: int) -> None:
    """An object that ends too early is never taken for a short one."""
    with pytest.raises(ReadError) as caught:
        read(*pieces(COMPRESSED[:end], size))
    assert str(caught.value) == "the gzip data ends before its end: the object is truncated"


DAMAGED = {
    "check sum": COMPRESSED[:-8] + bytes(8),
    "garbage behind": COMPRESSED + b"garbage",
    "header": b"\x1f\x8b\x08\xff" + b"\xff" * 100,
    "another format between": zlib.compress(b"x").join([COMPRESSED, COMPRESSED]),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_corrupt_gzip_is_an_error(content: bytes) -> None:
    """What cannot be decompressed to its end fails the object."""
    with pytest.raises(ReadError, match="the gzip data is corrupt: "):
        read(content)


@given(st.binary(), st.binary())
def test_no_content_raises_anything_else(content: bytes, noise: bytes) -> None:
    """Whatever is in an object, it is read or it is a ReadError."""
    for hostile in (content, b"\x1f\x8b\x08" + content, gzip.compress(content) + noise):
        try:
            found = read(hostile)
        except ReadError:
            continue
        assert all(b"\n" not in (line.data or b"") for line in found)
