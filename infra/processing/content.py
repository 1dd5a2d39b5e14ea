"""A source as chunks of bytes, and as the origin that its events' ids are made of.

An object has the ids that the function gives it. A file's version is the MD5 of its bytes, as the
ETag of an object is that was uploaded in one piece: the same content at the same path has the same
ids, and other content never overwrites it. So a file is read twice, and a stream is stored first.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from typing import IO, BinaryIO

from infra.aws.services import ObjectReader
from infra.errors import InputError
from infra.processing.progress import Identified, Passed, Tell
from infra.processing.sources import LocalFile, StoredLog, Stream
from lambda_src.log_processor.errors import ReadError
from lambda_src.log_processor.origin import Origin

_HASHED_BYTES = 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_IN_MEMORY_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Content:
    """A source that has been opened."""

    origin: Origin
    chunks: Iterator[bytes]
    """As they are stored, be they compressed; an error tells what went wrong on the way."""


@dataclass(frozen=True)
class Places:
    """Where sources can be read."""

    reader: ObjectReader | None = None
    """Of S3; needed for a StoredLog."""
    stdin: BinaryIO | None = None


@contextmanager
def opened(source: LocalFile | Stream | StoredLog, places: Places, tell: Tell) -> Iterator[Content]:
    """Open a source for the time of the block.

    An OSError or an InfraError says why it cannot be opened. What is read is told.
    """
    match source:
        case LocalFile():
            opening = _file(source, tell)
        case Stream():
            opening = _stream(source, places, tell)
        case StoredLog():
            opening = _stored(source, places)
    with opening as content:
        yield Content(content.origin, _told(content.chunks, tell))


@contextmanager
def _file(source: LocalFile, tell: Tell) -> Iterator[Content]:
    with source.path.open("rb") as file:
        before = os.fstat(file.fileno())
        version = _md5(_pieces(file, _HASHED_BYTES), tell)
        file.seek(0)
        yield Content(Origin("", source.key, version), _unchanged(file, before))


@contextmanager
def _stream(source: Stream, places: Places, tell: Tell) -> Iterator[Content]:
    with (
        _source_of(source, places) as given,
        tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as stored,
    ):
        version = _md5(_copied(given, stored), tell)
        stored.seek(0)
        yield Content(Origin("", source.key, version), _pieces(stored, _CHUNK_BYTES))


@contextmanager
def _stored(source: StoredLog, places: Places) -> Iterator[Content]:
    assert places.reader is not None
    with closing(places.reader.opened(source.bucket, source.key)) as found:
        yield Content(Origin(source.bucket, source.key, found.version), found.chunks)


@contextmanager
def _source_of(source: Stream, places: Places) -> Iterator[BinaryIO]:
    if source.path is not None:
        with source.path.open("rb") as file:
            yield file
    elif places.stdin is None:
        raise InputError("it is closed: pipe a log into it")
    else:
        with nullcontext(places.stdin) as given:
            yield given


def _md5(pieces: Iterator[bytes], tell: Tell) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for piece in pieces:
        digest.update(piece)
        tell(Identified(len(piece)))
    return digest.hexdigest()


def _copied(given: BinaryIO, stored: IO[bytes]) -> Iterator[bytes]:
    for piece in _pieces(given, _HASHED_BYTES):
        stored.write(piece)
        yield piece


def _pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    while piece := file.read(size):
        yield piece


def _unchanged(file: BinaryIO, before: os.stat_result) -> Iterator[bytes]:
    """Yield the file; what has changed since its version was made is an error at its end."""
    left = before.st_size
    while left and (piece := file.read(min(left, _CHUNK_BYTES))):
        left -= len(piece)
        yield piece
    after = os.fstat(file.fileno())
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise ReadError("it was written to while it was read: repeat it when it is complete")


def _told(chunks: Iterator[bytes], tell: Tell) -> Generator[bytes, None, None]:
    for chunk in chunks:
        yield chunk
        tell(Passed(len(chunk)))
