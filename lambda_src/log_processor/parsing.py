r"""One line in, one record or the reason why there is none out; no input raises.

Fields are separated by one space. A quote opens a field at its start and closes it only before a
space or the line's end, so quotes inside need no escape. One case is ambiguous: in `\" ` the quote
is either part of the text or the end of a text that ends in a backslash. Such a line is read both
ways, the format's own way first, and the reading that fits the columns wins; if neither does, the
line is rejected.

Most lines match one pattern that is compiled from the format's columns and checks every type on
its way. The rest are taken apart field by field, which also finds the reason of a rejection. Both
give the same record, and both take time in proportion to the line's length: no pattern here can
try a position in two ways. Possessive quantifiers help with that, on single characters only: on
groups, Python before 3.11.5 gets them wrong (https://github.com/python/cpython/issues/106052).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from .formats import FORMATS, Column, Format, Kind, Type, kind_of_line

SHOWN_CHARACTERS = 40
FIELD_LIMIT = 1000
"""Far more than any format will have; a hostile line of a megabyte must not become a million."""


class Record(NamedTuple):
    """One line, taken apart."""

    kind: Kind
    values: tuple[str | None, ...]
    """One for each column of the format, as the log wrote it, its type checked; None if absent."""
    extra: tuple[str, ...]
    """Fields beyond the known columns."""


class Rejection(NamedTuple):
    """Why a line is not a record."""

    reason: str


class Field(NamedTuple):
    """One field of a line, without the quotes around it."""

    text: str
    quoted: bool


Parse = Callable[[bytes], Record | Rejection]


@cache
def parser(kind: Kind) -> Parse:
    """Return the function that parses one line of an object of this kind."""
    if kind in FORMATS:
        return _Parser(FORMATS[kind])
    if kind is Kind.UNKNOWN:
        return _by_content
    unhandled = Rejection(f"logs of the kind {kind} are not handled yet")
    return lambda _: unhandled


def fields_of(text: str, *, escapes: bool) -> list[Field] | None:
    r"""Split a line into its fields; None when a quote is never closed.

    With `escapes`, `\"` never closes a field. Of more than FIELD_LIMIT fields one more is given.
    """
    rest = text + " "  # so that every field ends in a space
    fields: list[Field] = []
    at = 0
    while at < len(rest) and len(fields) <= FIELD_LIMIT:
        quoted = rest[at] == '"'
        begin = at + quoted
        stop = _closing_quote(rest, begin, escapes=escapes) if quoted else rest.index(" ", at)
        if stop < 0:
            return None
        fields.append(Field(rest[begin:stop], quoted))
        at = stop + quoted + 1
    return fields


def _closing_quote(text: str, begin: int, *, escapes: bool) -> int:
    """Return where the quote stands that closes the field, or -1."""
    stop = text.find('" ', begin)
    while escapes and stop >= 0 and _is_escaped(text, begin, stop):
        stop = text.find('" ', stop + 1)
    return stop


def _is_escaped(text: str, begin: int, at: int) -> bool:
    """Tell whether an odd number of backslashes stands before `at`: pairs escape each other."""
    backslashes = 0
    while at - backslashes > begin and text[at - backslashes - 1] == "\\":
        backslashes += 1
    return backslashes % 2 == 1


_AMBIGUOUS = re.compile(r'\\"(?: |\Z)')


def _by_content(line: bytes) -> Record | Rejection:
    return parser(kind_of_line(_text(line)))(line)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace")


class _Parser:
    """Parses the lines of one format."""

    def __init__(self, format_: Format) -> None:
        self._format = format_
        self._usual = re.compile(_usual_pattern(format_), re.ASCII | re.DOTALL)

    def __call__(self, line: bytes) -> Record | Rejection:
        text = _text(line)
        match = self._usual.fullmatch(text)
        if match is None:
            return self._by_field(text)
        groups = match.groups()
        tail = groups[-1]
        extra = _extra(tail) if tail else ()
        if extra is None:
            return self._by_field(text)
        return Record(self._format.kind, groups[:-1], extra)

    def _by_field(self, text: str) -> Record | Rejection:
        if not text:
            return Rejection("empty line")
        if not _AMBIGUOUS.search(text):
            return self._record(fields_of(text, escapes=False))
        return self._best_reading(text)

    def _best_reading(self, text: str) -> Record | Rejection:
        own = self._format.escapes_quotes
        readings = [fields_of(text, escapes=escapes) for escapes in (own, not own)]
        results = [self._record(fields) for fields in readings]
        records = [
            (fields, result)
            for fields, result in zip(readings, results, strict=True)
            if fields and isinstance(result, Record)
        ]
        for fits in (self._fits_quotes, self._fits_width):
            for fields, record in records:
                if fits(fields):
                    return record
        # Values under other columns' names are worse than a rejection that says so.
        doubt = Rejection("a backslash before a quote leaves the fields in doubt")
        return doubt if records else results[0]

    def _fits_quotes(self, fields: list[Field]) -> bool:
        pairs = zip(self._format.columns, fields, strict=False)
        return all(column.quoted == field.quoted for column, field in pairs)

    def _fits_width(self, fields: list[Field]) -> bool:
        return len(fields) in self._format.widths

    def _record(self, fields: list[Field] | None) -> Record | Rejection:
        columns, least = self._format.columns, self._format.widths[0]
        if fields is None:
            return Rejection("a quote is never closed")
        if len(fields) > FIELD_LIMIT:
            return Rejection(f"more than {FIELD_LIMIT} fields")
        if len(fields) < least:
            plural = "field" if len(fields) == 1 else "fields"
            return Rejection(f"{len(fields)} {plural}, expected at least {least}")
        for number, (column, field) in enumerate(zip(columns, fields, strict=False), start=1):
            if not _fits(column.type, field.text):
                return _misfit(number, column, field.text)
        values = [
            None if field.text in column.type.absent else field.text
            for column, field in zip(columns, fields, strict=False)
        ]
        values += [None] * (len(columns) - len(values))
        extra = tuple(field.text for field in fields[len(columns) :])
        return Record(self._format.kind, tuple(values), extra)


def _fits(type_: Type, text: str) -> bool:
    if type_.pattern is None or text in type_.absent:
        return True
    return re.fullmatch(type_.pattern, text, re.ASCII) is not None


def _misfit(number: int, column: Column, text: str) -> Rejection:
    shown = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    return Rejection(f'field {number} {column.name} is "{shown}", expected {column.type.expected}')


def _extra(tail: str) -> tuple[str, ...] | None:
    """Return the fields of a tail that begins with a space; None if it is not a plain one."""
    if _AMBIGUOUS.search(tail) or tail.count(" ") > FIELD_LIMIT // 2:
        return None
    fields = fields_of(tail[1:], escapes=False)
    return None if fields is None else tuple(field.text for field in fields)


def _usual_pattern(format_: Format) -> str:
    """Return the pattern of lines of documented width or wider, quoted as documented.

    One group for each column, which takes part only if the value is present, and one for the rest.
    `(?: …|)` rather than `(?: …)?`: the engine takes a choice in half the time of a repetition.
    """
    pattern = _REST
    starts = (0, *format_.widths)
    for start, end in reversed(list(zip(starts, format_.widths, strict=False))):
        pattern = " ".join(map(_column_pattern, format_.columns[start:end])) + pattern
        if start:
            pattern = f"(?: {pattern}|)"
    return pattern


def _column_pattern(column: Column) -> str:
    type_ = column.type
    if column.quoted:
        closed = [f'{re.escape(text)}"' for text in type_.absent]
        present = rf"({type_.pattern or _QUOTED}){_CLOSE}"
        return f'"(?:{"|".join([*closed, present])})'
    absent = map(re.escape, sorted(type_.absent, key=len, reverse=True))
    return f"(?:{'|'.join([f'({type_.pattern or _BARE})', *absent])})"


_QUOTED = '[^"]*+'
_CLOSE = r'(?<!\\)"'  # after a backslash it may be part of the text: the ambiguous case
_BARE = '[^ "-][^ ]*+|-[^ ]++'  # anything but nothing, a quote at the start, or `-` alone
_REST = "( .*|)"
