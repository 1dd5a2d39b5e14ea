"""Chunks of bytes in, lines with their offsets out, in bounded memory whatever comes.

Gzip is told by its first bytes, not by the object's name: classic logs are plain, the others are
compressed, and a tool that copied them may have changed either.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from .errors import ReadError

LINE_LIMIT = 1024 * 1024
"""Bytes of the longest line that is read, its newline not counted."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = zlib.MAX_WBITS | 16
_PIECE_BYTES = 256 * 1024


class Line(NamedTuple):
    """One line of the uncompressed stream."""

    offset: int
    """Of its first byte in the uncompressed stream."""
    data: bytes | None
    """Without the newline and one carriage return before it; None when it exceeds LINE_LIMIT."""


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


def lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    r"""Yield the lines of a plain stream: only `\n` ends one, and the last may lack it."""
    held: list[bytes] = []
    offset = size = 0
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            length = size + len(piece)
            yield Line(offset, _data(held, piece, length))
            offset += length + 1
            size = 0
            held.clear()
        size += len(rest)
        held.append(rest)
        if size > LINE_LIMIT:
            held.clear()
    if size:
        yield Line(offset, _data(held, b"", size))


def _data(held: list[bytes], piece: bytes, length: int) -> bytes | None:
    if length > LINE_LIMIT:
        return None
    whole = b"".join((*held, piece)) if held else piece
    return whole.removesuffix(b"\r")


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
        piece = member.decompress(data, _PIECE_BYTES)
        if piece:
            yield piece
        data = member.unconsumed_tail
        more = bool(data) or len(piece) == _PIECE_BYTES
