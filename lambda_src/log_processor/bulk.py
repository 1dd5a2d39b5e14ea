r"""Many lines in, one table out, by operations on all of them at once; only for lines that agree.

Lines of one log nearly always agree on which fields are quoted, and on their number. Then whole
columns are slices of one list of texts, and no Python code runs line by line. That each line
really is as the first one says is checked on the columns; where it is not, the caller gets None
and tries fewer lines at once. A table that comes out is what `single.record` gives line by line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from .formats import ABSENT, EVENT_TIME, TIME, Format, Quoting, Type
from .single import FIELD_LIMIT
from .tables import Table, json_escaped, json_unescaped

Columns = list[list[str]]

# What stands for a backslash and a quote while quotes are looked for: characters that printable
# ASCII has not, and in other texts what no UTF-8 gives.
_MARKS = {True: ("\x01", "\x02"), False: ("\ud800", "\ud801")}


def table(format_: Format, text: str, offsets: Sequence[int], *, plain: bool) -> Table | None:
    """Return lines as a table; None where they do not agree, or a field does not fit its type.

    Each line ends in a newline. A `plain` table is asked for where all is printable ASCII: its
    texts are escaped as JSON wants them.
    """
    prepared, marks = _prepared(format_.quoting, text, plain=plain)
    shape = _shape(format_, prepared[: prepared.index("\n")])
    if shape is None:
        return None
    columns = _columns(format_.quoting, prepared, len(offsets), shape)
    if columns is None or not _typed(format_, columns):
        return None
    if not all(_restore(columns, shape, mark) for mark in marks):
        return None
    known = len(format_.columns)
    absent = [ABSENT] * (len(offsets) if len(columns) < known else 0)
    filled = columns[:known] + [absent] * (known - len(columns))
    escaped = plain and ("\\" in text or (format_.quoting is Quoting.NONE and '"' in text))
    extra = _extra(columns[known:], escaped=escaped)
    return Table(format_, offsets, filled, extra, plain, escaped)


class _Mark(NamedTuple):
    """One character in the place of others."""

    mark: str
    meaning: str
    number: int
    """How often it stands in the text."""


def _prepared(quoting: Quoting, text: str, *, plain: bool) -> tuple[str, Sequence[_Mark]]:
    """Return a text whose quotes are only those around fields, and its marks."""
    if quoting is Quoting.NONE:
        return (json_escaped(text) if plain else text), ()
    if "\\" not in text:
        return text, ()
    lone = json_escaped("\\") if plain else "\\"
    if quoting is Quoting.HEX:
        return ("".join(_marked(text, {}, lone)) if plain else text), ()
    pair, quote = _MARKS[plain]
    parts = _marked(text, {"\\": pair, '"': quote}, lone)
    meanings = {pair: "\\\\", quote: '\\"'}
    marks = [
        _Mark(mark, json_escaped(raw) if plain else raw, parts.count(mark))
        for mark, raw in meanings.items()
    ]
    return "".join(parts), marks


def _marked(text: str, marks: Mapping[str, str], lone: str) -> list[str]:
    """Return a text in parts, with a mark for each backslash and what it escapes.

    Pairs come first: in two backslashes and a quote, the quote is not escaped. Backslashes are
    rare, and finding one character is much faster than splitting at it.
    """
    parts: list[str] = []
    done, at = 0, text.find("\\")
    while at >= 0:
        mark = marks.get(text[at + 1 : at + 2])
        parts += (text[done:at], mark or lone)
        done = at + (2 if mark else 1)
        at = text.find("\\", done)
    return [*parts, text[done:]]


def _restore(columns: Columns, shape: Sequence[bool], mark: _Mark) -> bool:
    """Put back what a mark stands for; False if that is a quote, and stands in a bare field.

    Nearly all marks are in quoted fields, so these come first.
    """
    character, meaning, left = mark
    for place in sorted(range(len(columns)), key=lambda place: not shape[place]):
        if not left:
            return True
        if '"' in meaning and not shape[place]:
            return False
        texts = columns[place]
        if number := "".join(texts).count(character):
            columns[place] = [
                text.replace(character, meaning) if character in text else text for text in texts
            ]
            left -= number
    return not left


def _extra(columns: Columns, *, escaped: bool) -> list[tuple[str, ...]] | None:
    if not columns:
        return None
    raw = [json_unescaped(column) for column in columns] if escaped else columns
    return list(zip(*raw, strict=True))


def _shape(format_: Format, line: str) -> tuple[bool, ...] | None:
    """Return whether each field of the line is quoted; None if that is not the format's way."""
    if format_.quoting is Quoting.NONE:
        shape = (False,) * (line.count(" ") + 1)
    else:
        skeleton = '"'.join(line.split('"')[::2])
        shape = tuple(field == '"' for field in skeleton.split(" "))
    known = format_.quoted[: len(shape)]
    agrees = (
        shape[: len(known)] == known and format_.takes(len(shape)) and len(shape) <= FIELD_LIMIT
    )
    return shape if agrees else None


def _columns(quoting: Quoting, text: str, count: int, shape: Sequence[bool]) -> Columns | None:
    """Return the columns of lines that each end in a newline; None if one has another shape.

    Splitting at the quotes gives, in each line, a text between two quoted fields at the same
    place: most often one space, else bare fields and the spaces around them.
    """
    pieces = [text] if quoting is Quoting.NONE else text.split('"')
    first, *between = _bare(shape)
    width = 2 * len(between)
    if len(pieces) != width * count + 1:
        return None
    last = between.pop() if between else None
    ends = _ends(pieces[:: width or 1], first, last, count)
    if ends is None:
        return None
    columns = ends[:first]
    for number, bare in enumerate(between, 1):
        some = _between(pieces[2 * number :: width], bare, count)
        if some is None:
            return None
        columns += (pieces[2 * number - 1 :: width], *some)
    if last is not None:
        columns += (pieces[width - 1 :: width], *ends[first:])
    return columns


def _bare(shape: Sequence[bool]) -> list[int]:
    """Return how many fields stand before, between and after those that are quoted."""
    numbers = [0]
    for is_quoted in shape:
        if is_quoted:
            numbers.append(0)
        else:
            numbers[-1] += 1
    return numbers


def _ends(pieces: Sequence[str], first: int, last: int | None, count: int) -> Columns | None:
    """Return the bare fields around newlines: those that lines begin with, then those at the end.

    `last` is None where lines have no quoted field in the midst.
    """
    middle = [] if last is None else ['"', *[None] * last]
    text = '"'.join(pieces).replace("\n", " \n ")
    return _strided(text, [*[None] * first, *middle, "\n"], count)


def _between(pieces: Sequence[str], bare: int, count: int) -> Columns | None:
    """Return the bare fields between two quoted ones; None if a line has not that many."""
    if bare:
        return _strided('"'.join(["", *pieces]), ['"', *[None] * bare], count)
    return [] if pieces.count(" ") == count else None


def _strided(text: str, line: Sequence[str | None], count: int) -> Columns | None:
    """Return the columns of fields that each end in a space.

    `line` says what each line has to have in a column, None for one that is returned.
    """
    fields = text.split(" ")
    width = len(line)
    if len(fields) != width * count + 1 or fields.pop():
        return None
    columns: Columns = []
    for place, wanted in enumerate(line):
        column = fields[place::width]
        if wanted is None:
            columns.append(column)
        elif column.count(wanted) != count:
            return None
    return columns


def _typed(format_: Format, columns: Columns) -> bool:
    """Whether each field fits its column's type, in its usual form."""
    pairs = zip(_checks(format_), columns, strict=False)
    return all(check is None or check.all_fit(texts) for check, texts in pairs)


@cache
def _checks(format_: Format) -> tuple[_Check | None, ...]:
    return tuple(
        None if column.type.pattern is None else _check(column.type) for column in format_.columns
    )


def _check(type_: Type) -> _Check:
    return _TimeCheck(type_) if type_ in (EVENT_TIME, TIME) else _Check(type_)


class _Check:
    """Tells whether all texts of a column fit a type."""

    def __init__(self, type_: Type) -> None:
        self._pattern = type_.all

    def all_fit(self, texts: Sequence[str]) -> bool:
        """Whether each text fits."""
        return self._pattern.fullmatch("\n".join([*texts, ""])) is not None


class _TimeCheck(_Check):
    """Tells it of times, which within a minute differ in a few digits alone."""

    _WIDTH = len("2026-01-31T23:59:59.123456Z")
    _SAME = (15, *range(15), 16, 19, 26)
    """All but the digits of the seconds; that which changes first, first."""
    _TENS, _DIGITS = 17, (18, *range(20, 26))

    def all_fit(self, texts: Sequence[str]) -> bool:
        """Whether each text fits."""
        return self._within_a_minute(texts) or super().all_fit(texts)

    def _within_a_minute(self, texts: Sequence[str]) -> bool:
        first, together, width = texts[0], "".join(texts), self._WIDTH
        return (
            len(first) == width
            and len(together) == width * len(texts)
            and all(together[at::width] == first[at] * len(texts) for at in self._SAME)
            and not together[self._TENS :: width].strip("012345")
            and all(together[at::width].isdecimal() for at in self._DIGITS)
            and together.isascii()
            and self._pattern.fullmatch(first + "\n") is not None
        )
