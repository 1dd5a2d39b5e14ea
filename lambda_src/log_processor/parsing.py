"""One block of lines in; tables, and the lines that fit no format with the reason, out.

Lines that agree on their shape are taken apart side by side (`bulk`), the others one by one
(`single`); the result is the same. Nothing in a line raises.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import NamedTuple, TypeVar

from . import bulk
from .formats import FORMATS, Format, Quoting
from .kinds import Kind, kind_of_line
from .reading import LINE_LIMIT, Block, LongLine
from .single import Record, record
from .tables import Table

FEWEST = 8
"""Lines that are worth looking at side by side."""

_FEW_KEYS = 4
_CONTROLS = (*range(0x0A), *range(0x0B, 0x20))
"""All that JSON knows escaped only, but for the newline."""

_Key = TypeVar("_Key", bound=Hashable)


class Rejection(NamedTuple):
    """A line that is no record, and why."""

    offset: int
    """Of its first byte in the uncompressed stream."""
    reason: str
    line: bytes
    """As it was read, at most LINE_LIMIT bytes of it."""
    length: int
    """Of the whole line in bytes."""


class Parsed(NamedTuple):
    """What a block holds."""

    lines: int
    tables: Sequence[Table]
    """Together all lines that are records, each table in the log's order."""
    rejections: Sequence[Rejection]


def parse(block: Block | LongLine, kind: Kind) -> Parsed:
    """Take a block of an object of this kind apart; with Kind.UNKNOWN each line tells its kind."""
    if isinstance(block, LongLine):
        reason = f"the line is longer than {LINE_LIMIT:,} bytes"
        return Parsed(1, (), (Rejection(block.offset, reason, block.head, block.length),))
    printable = _is_printable(block.data)
    if printable and kind in FORMATS:
        # Nearly every block is like that.
        text = block.data.decode("ascii")
        whole = text if text.endswith("\n") else text + "\n"
        table = bulk.table(FORMATS[kind], whole, block.starts, plain=True)
        if table is not None:
            return Parsed(len(table), (table,), ())
    return _parse(block, kind, printable=printable)


def _is_printable(data: bytes) -> bool:
    """Whether all is ASCII without control characters, but for newlines."""
    return data.isascii() and not any(map(data.__contains__, _CONTROLS))


def _parse(block: Block, kind: Kind, *, printable: bool) -> Parsed:
    lines = _lines(block)
    work = _Work()
    for format_, some in _by_format(lines, kind):
        work.parse(format_, some, printable=printable)
    rejections = [_rejection(block, offset, why) for offset, why in sorted(work.reasons)]
    return Parsed(len(lines.texts), work.tables, rejections)


class _Lines(NamedTuple):
    """Lines that are not yet taken apart."""

    texts: list[str]
    offsets: list[int]

    def part(self, begin: int, end: int) -> _Lines:
        return _Lines(self.texts[begin:end], self.offsets[begin:end])

    def where(self, keep: Sequence[bool]) -> _Lines:
        return _Lines(list(compress(self.texts, keep)), list(compress(self.offsets, keep)))


def _lines(block: Block) -> _Lines:
    r"""Split at `\n` alone, and drop one carriage return before it."""
    texts = block.data.removesuffix(b"\n").decode("utf-8", "backslashreplace").split("\n")
    if b"\r" in block.data:
        texts = [text.removesuffix("\r") for text in texts]
    return _Lines(texts, list(block.starts))


def _by_format(lines: _Lines, kind: Kind) -> Iterable[tuple[Format, _Lines]]:
    if kind in FORMATS:
        return [(FORMATS[kind], lines)]
    kinds = [kind_of_line(text) for text in lines.texts]
    return [(FORMATS[each], some) for each, some in _groups(lines, kinds).items()]


def _groups(lines: _Lines, keys: Sequence[_Key]) -> Mapping[_Key, _Lines]:
    """Return the lines of each key, in their order."""
    distinct = set(keys)
    if len(distinct) == 1:
        return {distinct.pop(): lines}
    if len(distinct) <= _FEW_KEYS:
        return {key: lines.where([each == key for each in keys]) for key in distinct}
    groups: dict[_Key, _Lines] = {}
    for key, text, offset in zip(keys, lines.texts, lines.offsets, strict=True):
        group = groups.setdefault(key, _Lines([], []))
        group.texts.append(text)
        group.offsets.append(offset)
    return groups


@dataclass
class _Work:
    """What has come of the lines of a block so far."""

    tables: list[Table] = field(default_factory=list)
    reasons: list[tuple[int, str]] = field(default_factory=list)
    """Offset and reason of each line that is no record."""

    def parse(self, format_: Format, lines: _Lines, *, printable: bool) -> None:
        """Take lines of one format apart."""
        singles = _Lines([], [])
        keys = [_key(format_, text, printable=printable) for text in lines.texts]
        for (plain, _), alike in _groups(lines, keys).items():
            rest = self._side_by_side(format_, alike, plain=plain)
            singles.texts.extend(rest.texts)
            singles.offsets.extend(rest.offsets)
        self._one_by_one(format_, singles)

    def _side_by_side(self, format_: Format, lines: _Lines, *, plain: bool) -> _Lines:
        """Return the lines that have to be taken apart one by one."""
        number = len(lines.texts)
        if number < FEWEST:
            return lines
        text = "\n".join([*lines.texts, ""])
        table = bulk.table(format_, text, lines.offsets, plain=plain)
        if table is not None:
            self.tables.append(table)
            return _Lines([], [])
        # One line that does not agree must not slow all the others down.
        first = self._side_by_side(format_, lines.part(0, number // 2), plain=plain)
        second = self._side_by_side(format_, lines.part(number // 2, number), plain=plain)
        return _Lines(first.texts + second.texts, first.offsets + second.offsets)

    def _one_by_one(self, format_: Format, lines: _Lines) -> None:
        offsets: list[int] = []
        records: list[Record] = []
        for offset, text in sorted(zip(lines.offsets, lines.texts, strict=True)):
            result = record(format_, text)
            if isinstance(result, Record):
                offsets.append(offset)
                records.append(result)
            else:
                self.reasons.append((offset, result))
        if records:
            self.tables.append(_table(format_, offsets, records))


def _key(format_: Format, text: str, *, printable: bool) -> tuple[bool, int]:
    """Return what lines must have in common to be taken apart side by side."""
    mark = " " if format_.quoting is Quoting.NONE else '"'
    marks = text.count(mark)
    if format_.quoting is Quoting.BACKSLASH and "\\" in text:
        marks -= text.replace("\\\\", "").count('\\"')
    return printable or (text.isascii() and text.isprintable()), marks


def _table(format_: Format, offsets: Sequence[int], records: Sequence[Record]) -> Table:
    columns = list(zip(*(each.values for each in records), strict=True))
    extra = [each.extra for each in records]
    return Table(format_, offsets, columns, extra if any(extra) else None, plain=False)


def _rejection(block: Block, offset: int, reason: str) -> Rejection:
    begin = offset - block.offset
    end = block.data.find(b"\n", begin)
    line = block.data[begin:] if end < 0 else block.data[begin:end]
    return Rejection(offset, reason, line, len(line))
