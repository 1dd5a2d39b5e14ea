"""Chunks in, blocks of whole lines out."""

from __future__ import annotations

import gzip
import itertools
import random
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.errors import ReadError
from lambda_src.log_processor.reading import (
    BLOCK_BYTES,
    BLOCK_LINES,
    LINE_LIMIT,
    Block,
    LongLine,
    blocks,
    uncompressed,
)


class Line(NamedTuple):
    """One line of a block, its newline included."""

    offset: int
    data: bytes


def read(*chunks: bytes) -> list[Block | LongLine]:
    return list(blocks(uncompressed(chunks)))


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def lines(found: Iterable[Block | LongLine]) -> list[Line | LongLine]:
    """Return all lines one by one; each block must begin where the one before it ended."""
    result: list[Line | LongLine] = []
    for block in found:
        assert not result or block.offset == _end(result[-1])
        if isinstance(block, LongLine):
            result.append(block)
            continue
        assert block.end == block.offset + len(block.data)
        offset = block.offset
        for data in _split(block.data):
            result.append(Line(offset, data))
            offset += len(data)
    return result


def _split(data: bytes) -> list[bytes]:
    *whole, rest = data.split(b"\n")
    return [text + b"\n" for text in whole] + ([rest] if rest else [])


def _end(line: Line | LongLine) -> int:
    return line.end if isinstance(line, LongLine) else line.offset + len(line.data)


def test_what_follows_the_last_newline_is_a_block_of_its_own() -> None:
    """The last line needs no newline, and empty lines are lines."""
    assert read(b"ab\n\nc") == [Block(0, b"ab\n\n"), Block(4, b"c")]
    assert lines(read(b"ab\n\nc")) == [Line(0, b"ab\n"), Line(3, b"\n"), Line(4, b"c")]


def test_a_newline_at_the_end_starts_no_line() -> None:
    """Nothing after the last newline is not a line."""
    assert read(b"ab\n") == [Block(0, b"ab\n")]
    assert read(b"") == read() == read(b"", b"") == []


def test_only_a_newline_ends_a_line() -> None:
    """U+2028, NEL, form feed and a carriage return are text, before a newline as well."""
    text = "a\u2028b\u0085c\x0cd\re\x1ef\r".encode()
    assert lines(read(text + b"\ng")) == [Line(0, text + b"\n"), Line(len(text) + 1, b"g")]


def test_a_block_ends_at_a_newline() -> None:
    """Blocks have about the size that fits into a processor's cache."""
    content = (b"x" * 99 + b"\n") * 20_000
    found = read(content)
    assert all(isinstance(block, Block) and block.data.endswith(b"\n") for block in found)
    assert len(found) > 10
    assert max(block.end - block.offset for block in found) < 2 * BLOCK_BYTES + 100


@pytest.mark.parametrize("line", [b"\n", b"x\n"])
def test_a_block_has_few_lines_however_short_they_are(line: bytes) -> None:
    """Each of them takes memory of its own."""
    found = read(line * 200_000)
    assert b"".join(block.data for block in found if isinstance(block, Block)) == line * 200_000
    assert (
        max(block.data.count(b"\n") for block in found if isinstance(block, Block)) <= BLOCK_LINES
    )


@given(st.binary() | st.text(alphabet="a\n\r").map(str.encode), st.data())
def test_blocks_are_the_content_however_it_is_cut(content: bytes, data: st.DataObject) -> None:
    """Nothing is lost, added or moved; each block but the last ends in a newline."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=5)))
    chunks = [content[a:b] for a, b in itertools.pairwise([0, *cuts, len(content)])]
    found = list(blocks(chunks))
    assert b"".join(block.data for block in found if isinstance(block, Block)) == content
    assert all(isinstance(block, Block) and block.data.endswith(b"\n") for block in found[:-1])
    whole = [Line(at, text) for at, text in _with_offsets(_split(content))]
    assert lines(found) == lines(read(*pieces(gzip.compress(content), 7))) == whole


def _with_offsets(texts: list[bytes]) -> Iterator[tuple[int, bytes]]:
    return zip(itertools.accumulate(map(len, texts), initial=0), texts, strict=False)


@given(st.integers(0, 2**32), st.sampled_from([1000, 65_536, 262_144, 10**9]))
def test_large_content_in_large_chunks(seed: int, size: int) -> None:
    """Where a block ends within a chunk changes no line."""
    source = random.Random(seed)
    texts = [b"x" * int(source.expovariate(1 / 5000)) + b"\n" for _ in range(80)]
    content = b"".join(texts)
    expected = [Line(at, text) for at, text in _with_offsets(texts)]
    assert lines(blocks(pieces(content, size))) == expected


class TestLongLines:
    """What exceeds the limit is not kept."""

    @pytest.mark.parametrize("size", [1000, 65_536, LINE_LIMIT + 1, 3 * LINE_LIMIT, 10**9])
    def test_the_next_line_is_whole(self, size: int) -> None:
        """The limit counts the bytes before the newline."""
        limit = LINE_LIMIT
        content = b"a" * limit + b"\n" + b"b" * (limit + 1) + b"\nc\n" + b"d" * (limit + 9)
        assert lines(blocks(pieces(content, size))) == [
            Line(0, b"a" * limit + b"\n"),
            LongLine(limit + 1, b"b" * limit, limit + 1, 2 * limit + 3),
            Line(2 * limit + 3, b"c\n"),
            LongLine(2 * limit + 5, b"d" * limit, limit + 9, 3 * limit + 14),
        ]

    @pytest.mark.parametrize("size", [1000, 65_536, 10**9])
    def test_one_at_the_end_may_have_its_newline(self, size: int) -> None:
        """It ends behind it, and nothing follows."""
        content = b"a\n" + b"b" * (LINE_LIMIT + 5) + b"\n"
        assert lines(blocks(pieces(content, size))) == [
            Line(0, b"a\n"),
            LongLine(2, b"b" * LINE_LIMIT, LINE_LIMIT + 5, len(content)),
        ]

    def test_a_line_of_exactly_the_limit_may_lack_its_newline(self) -> None:
        """The limit itself is within it."""
        content = b"a" * LINE_LIMIT
        assert lines(blocks(pieces(content, 65_536))) == [Line(0, content)]

    def test_short_lines_behind_a_long_one_stay_lines(self) -> None:
        """Also when all of them come in the chunk that ends it."""
        content = b"a" * LINE_LIMIT + b"\n" + b"b\n" * 3 + b"c"
        found = lines(blocks([content[: LINE_LIMIT - 5], content[LINE_LIMIT - 5 :]]))
        assert [line.offset - LINE_LIMIT for line in found[1:]] == [1, 3, 5, 7]

    def test_a_line_without_end_takes_no_memory(self) -> None:
        """What exceeds the limit is dropped while it is read."""
        count = 64 * 16
        endless = itertools.repeat(b"x" * 65_536, count)
        size = count * 65_536
        assert list(blocks(endless)) == [LongLine(0, b"x" * LINE_LIMIT, size, size)]

    @given(st.integers(0, 2**32))
    def test_no_block_exceeds_the_limit(self, seed: int) -> None:
        """Whatever the lengths of lines and chunks are, memory is bounded."""
        source = random.Random(seed)
        lengths = [int(LINE_LIMIT * source.choice((0, 0.01, 0.99, 1, 1.01, 2))) for _ in range(4)]
        content = b"".join(b"x" * length + b"\n" for length in lengths)
        found = list(blocks(pieces(content, source.choice((65_536, 262_144, 10**9)))))
        for block in found:
            held = block.head if isinstance(block, LongLine) else block.data
            assert len(held) <= LINE_LIMIT + 1
        sizes = [_end(line) - line.offset for line in lines(found)]
        assert sizes == [length + 1 for length in lengths]


class TestResuming:
    """Reading on from where an earlier attempt stopped."""

    CONTENT = b"ab\n\nc\r\n\xff\n" + b"d" * (LINE_LIMIT + 1) + b"\nlast"

    @pytest.mark.parametrize("size", [1, 2, 3, 5, 65_536, 10**9])
    def test_the_rest_is_the_same_from_each_line_on(self, size: int) -> None:
        """Offsets count from the object's beginning, wherever reading starts."""
        content = self.CONTENT if size > 9 else self.CONTENT[:12]
        whole = lines(blocks(pieces(content, size)))
        for at, line in enumerate(whole):
            assert lines(blocks(pieces(content, size), start=line.offset)) == whole[at:]

    @given(st.lists(st.binary(max_size=9)), st.integers(1, 9))
    def test_the_rest_is_the_same_whatever_the_content(self, some: list[bytes], size: int) -> None:
        """Chunks need not end where lines do."""
        content = b"\n".join(some)
        whole = lines(blocks([content]))
        for at, line in enumerate(whole):
            assert lines(blocks(pieces(content, size), start=line.offset)) == whole[at:]

    @pytest.mark.parametrize("start", [3, 4, 100])
    def test_nothing_comes_after_the_end(self, start: int) -> None:
        """An object that was done stays done."""
        assert list(blocks([b"a", b"b\n"], start=start)) == []

    def test_a_gzip_stream_is_skipped_by_its_content(self) -> None:
        """Offsets are those of the uncompressed stream."""
        compressed = gzip.compress(b"ab\ncd\n")
        found = list(blocks(uncompressed(pieces(compressed, 1)), start=3))
        assert lines(found) == [Line(3, b"cd\n")]


class TestGzip:
    """Compressed objects."""

    COMPRESSED = gzip.compress(random.Random(1).randbytes(2000), mtime=0)

    @given(st.lists(st.binary(max_size=50), max_size=5), st.integers(1, 30), st.integers(0, 40))
    def test_members_follow_each_other(self, parts: list[bytes], size: int, padding: int) -> None:
        """Concatenated members are one stream, and zero bytes between and after are padding."""
        compressed = b"".join(gzip.compress(part) + bytes(padding) for part in parts)
        assert b"".join(uncompressed(pieces(compressed, size))) == b"".join(parts)

    def test_a_line_may_go_on_in_the_next_member(self) -> None:
        """Members are nothing that lines know of."""
        compressed = gzip.compress(b"a\nb") + gzip.compress(b"") + gzip.compress(b"c\n")
        assert lines(read(compressed)) == [Line(0, b"a\n"), Line(2, b"bc\n")]

    def test_the_first_bytes_tell_even_if_they_come_one_by_one(self) -> None:
        """Neither the name of the object nor the cut of the chunks decides."""
        assert lines(read(*pieces(gzip.compress(b"a\nb"), 1))) == [Line(0, b"a\n"), Line(2, b"b")]
        assert lines(read(b"\x1f", b"x")) == [Line(0, b"\x1fx")]
        assert lines(read(b"\x1f")) == [Line(0, b"\x1f")]

    def test_an_empty_object_has_no_lines(self) -> None:
        """Neither has an object that is nothing but an empty member."""
        assert read() == read(gzip.compress(b"")) == []

    @pytest.mark.parametrize("size", [1, 10**9])
    def test_a_truncated_object_is_an_error(self, size: int) -> None:
        """Wherever it ends, it is never taken for a short one."""
        small = gzip.compress(b"ab\ncd\n", mtime=0)
        for content in (small, small + small):
            for end in range(2, len(content)):
                if end == len(small):
                    continue
                with pytest.raises(ReadError) as caught:
                    read(*pieces(content[:end], size))
                expected = "the gzip data ends before its end: the object is truncated"
                assert str(caught.value) == expected

    @pytest.mark.parametrize(
        "content",
        [
            COMPRESSED[:-8] + bytes(8),
            COMPRESSED[:-4] + bytes(4),
            COMPRESSED[:100] + b"\0\xff\0\xff" + COMPRESSED[104:],
            COMPRESSED + b"garbage",
            COMPRESSED + bytes(9) + b"garbage",
            b"\x1f\x8b\x08\xff" + b"\xff" * 100,
            zlib.compress(b"x").join([COMPRESSED, COMPRESSED]),
        ],
        ids=["check sum", "length", "inside", "behind", "behind padding", "header", "between"],
    )
    @pytest.mark.parametrize("size", [1, 10**9])
    def test_a_corrupt_object_is_an_error(self, content: bytes, size: int) -> None:
        """What cannot be decompressed to its end fails the object."""
        with pytest.raises(ReadError, match="the gzip data is corrupt: "):
            read(*pieces(content, size))

    def test_what_stands_for_very_much_comes_in_small_pieces(self) -> None:
        """A few compressed bytes never fill the memory."""
        bomb = gzip.compress(b"\n" * 1_000_000 + b"x" * 30_000_000)
        sizes = [len(piece) for piece in uncompressed([bomb])]
        assert (sum(sizes), max(sizes)) == (31_000_000, BLOCK_BYTES)
        found = read(bomb)
        assert found[-1] == LongLine(1_000_000, b"x" * LINE_LIMIT, 30_000_000, 31_000_000)
        assert max(block.end - block.offset for block in found[:-1]) < 2 * BLOCK_BYTES

    @given(st.binary(), st.binary())
    def test_no_content_raises_anything_else(self, content: bytes, noise: bytes) -> None:
        """Whatever is in an object, it is read or it is a ReadError."""
        for hostile in (content, b"\x1f\x8b\x08" + content, gzip.compress(content) + noise):
            try:
                found = read(hostile)
            except ReadError:
                continue
            assert all(isinstance(block, Block) for block in found)
