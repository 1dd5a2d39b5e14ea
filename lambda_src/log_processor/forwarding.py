"""One object through all the stages: blocks, tables, events, the receiver, and the books."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from .accounting import Account
from .delivery import Clock, Deadline
from .errors import ReadError, StateError
from .kinds import Kind
from .origin import Origin
from .parsing import Rejection, parse
from .reading import Block, LongLine, blocks, uncompressed
from .schemas import Write
from .state import Texts, keep_rejected, save
from .tables import Table

if TYPE_CHECKING:  # only who uses them waits for their import
    from .filters import Filter
    from .redaction import Redact

REJECTION_BYTES = 512
"""Of what is kept about a rejected line besides the line."""

CHECKPOINT_SECONDS = 10.0
"""Work that is done again at most, after a crash."""


@dataclass(frozen=True)
class Portion:
    """How much is confirmed together: a block more than the one or the other."""

    characters: int = 512 * 1024
    """Of events, or bytes of rejected lines. Over plain TCP each batch takes a connection."""
    bytes_read: int = 4 * 1024 * 1024
    """Of a log whose lines are filtered nearly all; a checkpoint needs a batch's end."""


class Receiver(Protocol):
    """Takes batches of whole lines, and confirms each."""

    def deliver(self, batch: bytes) -> None:
        """Return when the receiver has all of it, else raise a DeliveryError."""


@dataclass(frozen=True)
class Transformation:
    """What is done with lines between reading and delivering, the same for all objects."""

    write: Write
    filter: Filter | None = None
    redact: Redact | None = None

    def events(
        self, tables: Sequence[Table], origin: Origin, counts: Counter[str]
    ) -> tuple[str, int]:
        """Return the events of a block, and how many; dropped lines are not among them."""
        kept = [part for table in tables if len(part := self._kept(table, counts))]
        redacted = kept if self.redact is None else [self._redacted(table) for table in kept]
        return (self.write(redacted, origin) if redacted else ""), sum(map(len, kept))

    def _kept(self, table: Table, counts: Counter[str]) -> Table:
        if self.filter is None:
            return table
        columns = dict(zip(table.format.names, table.raw().columns, strict=True))
        keep = self.filter.keep(table.format.kind, columns, len(table), counts)
        return table if keep is None else table.kept(keep)

    def _redacted(self, table: Table) -> Table:
        from .redaction import redact

        assert self.redact is not None
        table = table.raw()
        columns = dict(zip(table.format.names, table.columns, strict=True))
        # What a field beyond the known ones is, nobody knows: it may be a URL.
        extra = table.extra and [tuple(map(self.redact, fields)) for fields in table.extra]
        return replace(table, columns=list(redact(columns, self.redact).values()), extra=extra)


@dataclass(frozen=True)
class Work:
    """One attempt at one object."""

    origin: Origin
    kind: Kind
    transformation: Transformation
    receiver: Receiver
    texts: Texts | None
    """Where rejected lines and checkpoints are kept; None keeps neither."""
    stop: Deadline
    """After it no block is begun, so that the attempt ends in good order."""
    task: str = ""
    """What all attempts at this have in common: the id of the message, or of the invocation."""
    portion: Portion = Portion()
    clock: Clock = time.monotonic


def forward(work: Work, chunks: Iterable[bytes], account: Account) -> bool:
    """Deliver, filter or reject every line from the account's offset on.

    `chunks` is the whole object and may be compressed. Returns True when all of it is accounted
    for, False when the time was up before. Then, and after an error, the account tells how far it
    came, and so does the checkpoint.
    """
    passage = _Passage(work, account)
    finished = False
    try:
        finished = passage.through(chunks)
    finally:
        if not finished or passage.saved:
            passage.save()
    return finished


@dataclass
class _Batch:
    """What is confirmed together."""

    events: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    delivered: int = 0
    filtered: int = 0
    characters: int = 0
    """Of events, and bytes of rejected lines."""
    end: int = 0
    """The offset after its last line."""


class _OutOfTimeError(Exception):
    """No time is left to begin anything."""


class _Passage:
    """What is on its way through the stages: read, and not accounted for yet."""

    def __init__(self, work: Work, account: Account) -> None:
        self._work, self._account = work, account
        self._batch = _Batch()
        self._saved_at = work.clock()
        self.saved = account.offset > 0
        """Whether there is a checkpoint, be it that of the attempt before."""

    def through(self, chunks: Iterable[bytes]) -> bool:
        """Return whether the object's end was reached before the time was up."""
        try:
            self._pass_on(chunks)
        except _OutOfTimeError:
            self._confirm()
            return False
        except ReadError:
            # What came before is as good as any, and no other attempt would read more.
            self._confirm()
            raise
        self._confirm()
        return True

    def _pass_on(self, chunks: Iterable[bytes]) -> None:
        with self._timed("reading"):  # what tells gzip is read at once
            content = self._in_time(uncompressed(self._in_time(chunks)))
            source = blocks(content, self._account.offset)
        while True:
            self._require_time()
            with self._timed("reading"):
                block = next(source, None)
            if block is None:
                return
            self._take(block)
            if self._is_full():
                self._confirm()
                if self._work.clock() - self._saved_at >= CHECKPOINT_SECONDS:
                    self.save()

    def _in_time(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield them while there is time: one line, or what is skipped, can be many of them."""
        for chunk in chunks:
            yield chunk
            self._require_time()

    def _require_time(self) -> None:
        if not self._work.stop.left():
            raise _OutOfTimeError

    def save(self) -> None:
        """Save the checkpoint, if there is a place for it and anything to say.

        Without one the next attempt does more again, and that is all: it is no failure.
        """
        work, account = self._work, self._account
        self._saved_at = work.clock()
        if work.texts is None or not account.offset:
            return
        try:
            with self._timed("keeping"):
                save(work.texts, work.origin, work.task, account.checkpoint())
            self.saved = True
        except StateError as error:
            account.state_error = str(error)

    def _take(self, block: Block | LongLine) -> None:
        with self._timed("parsing"):
            parsed = parse(block, self._work.kind)
            transformation = self._work.transformation
            self._account.note(parsed, block.end - block.offset)
            self._account.show(parsed.rejections, transformation.redact)
            events, number = transformation.events(
                parsed.tables, self._work.origin, self._account.rule_counts
            )
        batch = self._batch
        batch.events.append(events)
        batch.rejections.extend(parsed.rejections)
        batch.delivered += number
        batch.filtered += parsed.lines - len(parsed.rejections) - number
        kept = (len(each.line) + REJECTION_BYTES for each in parsed.rejections)
        batch.characters += len(events) + sum(kept)
        batch.end = block.end

    def _is_full(self) -> bool:
        portion, read = self._work.portion, self._batch.end - self._account.offset
        return self._batch.characters >= portion.characters or read >= portion.bytes_read

    def _confirm(self) -> None:
        """Account for what is on its way: deliver its events, keep its rejected lines."""
        batch, account = self._batch, self._account
        if not batch.end:
            return
        with self._timed("delivering"):
            self._work.receiver.deliver("".join(batch.events).encode())
        if self._work.texts is not None and batch.rejections:
            with self._timed("keeping"):
                keep_rejected(self._work.texts, self._work.origin, batch.rejections)
        account.delivered += batch.delivered
        account.filtered += batch.filtered
        account.rejected += len(batch.rejections)
        account.offset = batch.end
        self._batch = _Batch()

    @contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        start = self._work.clock()
        try:
            yield
        finally:
            spent = getattr(self._account.phases, phase) + self._work.clock() - start
            setattr(self._account.phases, phase, spent)
