"""One stream of chunks through all the stages: lines, records, events, batches, the receiver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from .accounting import Account
from .delivery import Deadline
from .errors import ReadError
from .formats import Kind
from .parsing import Record, parser
from .reading import LINE_LIMIT, lines, uncompressed
from .schemas import Write

BATCH_CHARACTERS = 128 * 1024
"""Large enough that system calls cost nothing, small enough to hold many times over."""


class Receiver(Protocol):
    """Takes batches of whole lines, and says in the end whether it has them all."""

    def send(self, batch: bytes) -> None:
        """Send a batch."""

    def confirm(self) -> None:
        """Return if the receiver has everything."""


def forward(
    chunks: Iterable[bytes], kind: Kind, write: Write, receiver: Receiver, account: Account
) -> None:
    """Deliver every line or count it as rejected; returns when all are drain-confirmed.

    `chunks` may be compressed. On an error `account` tells how far it came.
    """
    content = _counted(uncompressed(chunks), account)
    for batch in _batches(events(content, kind, write, account)):
        receiver.send(batch.encode())
    receiver.confirm()


def events(chunks: Iterable[bytes], kind: Kind, write: Write, account: Account) -> Iterator[str]:
    """Yield an event for each line of a plain stream that becomes one, and count them all."""
    parse = parser(kind)
    for offset, data in lines(chunks):
        account.read += 1
        if data is None:
            account.reject(offset, f"the line is longer than {LINE_LIMIT} bytes")
            continue
        result = parse(data)
        if isinstance(result, Record):
            account.kinds.add(result.kind)
            yield write(result)
        else:
            account.reject(offset, result.reason)


def until(deadline: Deadline, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks; after the deadline not even the first is asked for."""
    source = iter(chunks)
    while deadline.left():
        chunk = next(source, None)
        if chunk is None:
            return
        yield chunk
    raise ReadError("the invocation's time has run out before the object's end")


def _counted(chunks: Iterable[bytes], account: Account) -> Iterator[bytes]:
    for chunk in chunks:
        account.bytes += len(chunk)
        yield chunk


def _batches(written: Iterable[str]) -> Iterator[str]:
    batch: list[str] = []
    size = 0
    for line in written:
        batch.append(line)
        size += len(line)
        if size >= BATCH_CHARACTERS:
            yield "".join(batch)
            batch.clear()
            size = 0
    if batch:
        yield "".join(batch)
