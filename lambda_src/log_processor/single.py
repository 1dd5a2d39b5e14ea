r"""One line in, one record or the reason why there is none out; no input raises.

Fields are separated by one space. A quote opens a field at its start and closes it only before a
space or the line's end, so quotes inside need no escape. One case is ambiguous: in `\" ` the quote
is either part of the text or the end of a text that ends in a backslash. Such a line is read both
ways, the format's own way first, and the reading that fits the columns wins; if neither does, the
line is rejected. All this takes time in proportion to the line's length.

This is what each line means. Parsing lines side by side gives the same, only faster.
"""

from __future__ import annotations

from typing import NamedTuple

from .formats import ABSENT, Column, Format, Quoting

SHOWN_CHARACTERS = 40
FIELD_LIMIT = 1000
"""Far more than any format will have; a hostile line of a megabyte must not become a million."""


class Record(NamedTuple):
    """One line, taken apart."""

    values: tuple[str, ...]
    """One for each column of the format, as the log wrote it, its type checked."""
    extra: tuple[str, ...]
    """Fields beyond the known columns."""


class Field(NamedTuple):
    """One field of a line, without the quotes around it."""

    text: str
    quoted: bool


def record(format_: Format, line: str) -> Record | str:
    """Return the record that a line holds, or the reason why it holds none."""
    if not line:
        return "empty line"
    if format_.quoting is Quoting.NONE:
        return _record(format_, [Field(text, False) for text in line.split(" ", FIELD_LIMIT)])
    if not is_ambiguous(line):
        return _record(format_, fields_of(line, escapes=False))
    return _best_reading(format_, line)


def is_ambiguous(text: str) -> bool:
    """Whether a backslash leaves in doubt where a quoted field ends."""
    return '\\"' in text and ('\\" ' in text or text.endswith('\\"'))


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


def _best_reading(format_: Format, line: str) -> Record | str:
    own = format_.quoting is Quoting.BACKSLASH
    readings = [fields_of(line, escapes=escapes) for escapes in (own, not own)]
    results = [_record(format_, fields) for fields in readings]
    records = [
        (fields, result)
        for fields, result in zip(readings, results, strict=True)
        if fields and isinstance(result, Record)
    ]
    for fits in (_fits_quotes, _fits_width):
        for fields, result in records:
            if fits(format_, fields):
                return result
    # Values under other columns' names are worse than a rejection that says so.
    return "a backslash before a quote leaves the fields in doubt" if records else results[0]


def _fits_quotes(format_: Format, fields: list[Field]) -> bool:
    pairs = zip(format_.columns, fields, strict=False)
    return all(column.quoted == field.quoted for column, field in pairs)


def _fits_width(format_: Format, fields: list[Field]) -> bool:
    return len(fields) in format_.widths


def _record(format_: Format, fields: list[Field] | None) -> Record | str:
    columns, least = format_.columns, format_.widths[0]
    quotes = format_.quoting is not Quoting.NONE
    if fields is None:
        return "a quote is never closed"
    if len(fields) > FIELD_LIMIT:
        return f"more than {FIELD_LIMIT} fields"
    if any('"' in field.text and not field.quoted for field in fields) and quotes:
        return "a quote within a field leaves the fields in doubt"
    if len(fields) < least:
        plural = "field" if len(fields) == 1 else "fields"
        return f"{len(fields)} {plural}, expected at least {least}"
    if not format_.takes(len(fields)):
        return f"{len(fields)} fields, expected {' or '.join(map(str, format_.widths))}"
    for number, (column, field) in enumerate(zip(columns, fields, strict=False), start=1):
        if not column.type.fits(field.text):
            return _misfit(number, column, field.text)
    values = [field.text for field in fields]
    absent = [ABSENT] * (len(columns) - len(fields))
    return Record((*values[: len(columns)], *absent), tuple(values[len(columns) :]))


def _misfit(number: int, column: Column, text: str) -> str:
    shown = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    return f'field {number} {column.name} is "{shown}", expected {column.type.expected}'
