"""Chunks of bytes in, blocks of whole lines out, in bounded memory whatever comes.

Gzip is told by its first bytes, not by the object's name: classic logs are plain, the others are
compressed, and a tool that copied them may have changed either.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import accumulate, chain
from typing import NamedTuple

from .errors import ReadError

LINE_LIMIT = 1024 * 1024
"""Bytes of the longest line that is read, its newline not counted."""

BLOCK_LINES = 4096
"""Of a block, however short they are."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = zlib.MAX_WBITS | 16
BLOCK_BYTES = 96 * 1024
"""What is worked on at once: it should fit into a processor's cache with all that comes of it."""


@dataclass(frozen=True)
class Block:
    """Whole lines of the uncompressed stream."""

    offset: int
    """Of the first byte in the uncompressed stream."""
    data: bytes
    """The lines with their newlines; the stream's last one may lack its own."""

    @property
    def end(self) -> int:
        """The offset after the last byte."""
        return self.offset + len(self.data)

    @cached_property
    def starts(self) -> Sequence[int]:
        """The offset of each line's first byte."""
        # A file in memory finds its lines several times faster than splitting or counting does.
        lines = map(len, BytesIO(self.data))
        starts = list(accumulate(lines, initial=self.offset))
        starts.pop()
        return starts


class LongLine(NamedTuple):
    """A line of the uncompressed stream that exceeds LINE_LIMIT."""

    offset: int
    head: bytes
    """Its first LINE_LIMIT bytes."""
    length: int
    """In bytes, without the newline."""
    end: int
    """The offset after the line and its newline."""


def uncompressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the content of a plain or gzip stream; a ReadError says that gzip data is broken."""
    source = iter(chunks)
    head = b""
    for chunk in source:
        head += chunk
        if len(head) >= len(_GZIP_MAGIC):
            break
    whole = chain((head,), source)
    return _gunzip(whole) if head.startswith(_GZIP_MAGIC) else whole


def blocks(chunks: Iterable[bytes], start: int = 0) -> Iterator[Block | LongLine]:
    r"""Yield the lines of a plain stream in blocks of about BLOCK_BYTES: only `\n` ends a line.

    `start` is the offset of a line: what stands before it is skipped.
    """
    held = bytearray()
    offset = start
    source = _from(chunks, start)
    while (chunk := next(source, None)) is not None:
        at = 0
        while at < len(chunk):
            # The last block of a chunk takes what remains, rather than leave a few lines over.
            until = at + BLOCK_BYTES if len(chunk) - at >= 2 * BLOCK_BYTES else len(chunk)
            end = chunk.rfind(b"\n", at, until) + 1
            if end:
                block = Block(offset, bytes(held) + chunk[at:end] if held else chunk[at:end])
                yield from _within_limit(block)
                held.clear()
                offset, at = block.end, end
                continue
            held += chunk[at:until]
            at = until
            if len(held) > LINE_LIMIT:
                line, rest = _long_line(offset, held, chain((chunk[at:],), source))
                yield line
                held.clear()
                offset, chunk, at = line.end, rest, 0
    if held:
        yield Block(offset, bytes(held))


def _from(chunks: Iterable[bytes], start: int) -> Iterator[bytes]:
    """Yield the stream without its first bytes."""
    for chunk in chunks:
        if start < len(chunk):
            yield chunk[start:] if start else chunk
        start = max(0, start - len(chunk))


def _within_limit(block: Block) -> Iterator[Block | LongLine]:
    """Yield the block, or what it consists of if it has a line too long or too many lines."""
    if len(block.data) <= LINE_LIMIT:
        yield from _few_lines(block)
        return
    offset = block.offset
    for text in block.data.split(b"\n")[:-1]:
        end = offset + len(text) + 1
        if len(text) > LINE_LIMIT:
            yield LongLine(offset, text[:LINE_LIMIT], len(text), end)
        else:
            yield Block(offset, text + b"\n")
        offset = end


def _few_lines(block: Block) -> Iterator[Block]:
    """Yield a block in parts of few lines: each of them takes memory, however short it is."""
    if len(block.starts) <= BLOCK_LINES:
        yield block
        return
    cut = block.data.find(b"\n", len(block.data) // 2) + 1
    if 0 < cut < len(block.data):
        yield from _few_lines(Block(block.offset, block.data[:cut]))
        yield from _few_lines(Block(block.offset + cut, block.data[cut:]))
    else:
        cut = block.data.rfind(b"\n", 0, -1) + 1
        yield from _few_lines(Block(block.offset, block.data[:cut]))
        yield Block(block.offset + cut, block.data[cut:])


def _long_line(offset: int, held: bytearray, source: Iterator[bytes]) -> tuple[LongLine, bytes]:
    """Read on to the end of a line that is too long; return it, and what of a chunk follows it."""
    head = bytes(held[:LINE_LIMIT])
    length = len(held)
    for chunk in source:
        end = chunk.find(b"\n")
        if end >= 0:
            length += end
            return LongLine(offset, head, length, offset + length + 1), chunk[end + 1 :]
        length += len(chunk)
    return LongLine(offset, head, length, offset + length), b""


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Members follow each other, with nothing or zero bytes between them, as gzip(1) reads them."""
    member = zlib.decompressobj(_GZIP_WINDOW)
    try:
        for chunk in chunks:
            data = chunk
            while data := data.lstrip(b"\0") if member.eof else data:
                if member.eof:
                    member = zlib.decompressobj(_GZIP_WINDOW)
                yield from _inflate(member, data)
                data = member.unused_data
    except zlib.error as error:
        raise ReadError(f"the gzip data is corrupt: {error}") from error
    if not member.eof:
        raise ReadError("the gzip data ends before its end: the object is truncated")


def _inflate(member: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Yield small pieces: a few compressed bytes can stand for very many."""
    more = True
    while more and not member.eof:
        piece = member.decompress(data, BLOCK_BYTES)
        if piece:
            yield piece
        data = member.unconsumed_tail
        more = bool(data) or len(piece) == BLOCK_BYTES
