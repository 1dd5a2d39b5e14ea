"""The schema `original`: one flat key for each column, in the log's order, times in milliseconds.

After the columns come `ExtraFields`, `LogKind`, the static keys and `@metadata`. What is absent is
null. Only the values are put together line by line; all else is the same in each event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from json.encoder import encode_basestring
from typing import NamedTuple

from ..formats import ABSENT, COUNT, FORMATS, MILLISECONDS, SECONDS, Column, Format, Type
from ..kinds import Kind
from ..tables import Table
from .order import Written, joined
from .writing import Write

ORIGINAL: Mapping[Kind, Mapping[str, str]] = {
    format_.kind: {
        column.event_key: column.name for column in format_.columns if column.event_key is not None
    }
    for format_ in FORMATS.values()
}
"""The event's keys of each kind, and the column that each takes its value from."""


def original(static: Mapping[str, str]) -> Write:
    """Return the writer of the schema `original`."""

    @cache
    def of(kind: Kind) -> _Writer:
        return _Writer(FORMATS[kind], static)

    return lambda tables, origin: joined(
        [of(table.format.kind).written(table, origin.id) for table in tables if len(table)]
    )


class _Writer:
    """Writes the tables of one format."""

    def __init__(self, format_: Format, static: Mapping[str, str]) -> None:
        self._columns = [
            (place, f"{_quoted(column.event_key)}:", _encoder(column))
            for place, column in enumerate(format_.columns)
            if column.event_key is not None
        ]
        constants = {"LogKind": format_.kind.value, **static}
        self._constant = "".join(
            f",{_quoted(key)}:{_quoted(value)}" for key, value in constants.items()
        )

    def written(self, table: Table, object_id: str) -> Written:
        """Write each line as pieces: what is the same in all of them, a value, and so on."""
        same: list[str] = []
        values: list[_Encoded] = []
        text = "{"
        for place, key, encode in self._columns:
            encoded = encode(table.columns[place], table.plain)
            text += key + encoded.before
            if encoded.column is not None:
                same.append(text)
                values.append(encoded)
                text = ""
            text += encoded.after + ","
        text += '"ExtraFields":'
        if table.extra is None:
            text += "[]"
        else:
            same.append(text)
            lists = [f"[{','.join(map(_quoted, fields))}]" for fields in table.extra]
            values.append(_Encoded("", lists, ""))
            text = ""
        same.append(f'{text}{self._constant},"@metadata":{{"_id":{_quoted(object_id)[:-1]}-')
        values.append(_Encoded("", list(map(repr, table.offsets)), ""))
        return Written(table.offsets, _pieces(same, values, '"}}\n'), 2 * len(values) + 1)


def _pieces(same: Sequence[str], values: Sequence[_Encoded], end: str) -> list[str]:
    line = [piece for text in same for piece in (text, "")]
    width = len(line) + 1
    pieces = [*line, end] * len(values[-1].column or ())
    for place, value in enumerate(values):
        pieces[2 * place + 1 :: width] = value.column or ()
    for place, value in enumerate(values):
        for number in value.nulls:
            _make_null(pieces, number * width + 2 * place + 1, value)
    return pieces


def _make_null(pieces: list[str], at: int, value: _Encoded) -> None:
    """Write null for one value of a column, without what stands around the others."""
    pieces[at - 1] = pieces[at - 1].removesuffix(value.before)
    pieces[at] = _NULL
    pieces[at + 1] = pieces[at + 1].removeprefix(value.after)


class _Encoded(NamedTuple):
    """A column as JSON: in each line `before`, the line's own text if there is one, `after`."""

    before: str
    column: Sequence[str] | None
    after: str
    nulls: Sequence[int] = ()
    """Numbers of the lines that have null instead of the three."""


_Encode = Callable[[Sequence[str], bool], _Encoded]
"""From a column's texts, and whether they are plain."""


def _encoder(column: Column) -> _Encode:
    return _ENCODERS.get(column.type, _Texts)()


class _Texts:
    """Writes texts; those that every line has are written once."""

    def __init__(self) -> None:
        self._known = _Known(_plain_texts)

    def __call__(self, texts: Sequence[str], plain: bool) -> _Encoded:
        """Return the texts in quotes, null where they are absent."""
        first = texts[0]
        if first == texts[-1] and texts.count(first) == len(texts):
            same = (_plain_texts if plain else _other_texts)([first])
            return _Encoded(same[0], None, "")
        if not plain:
            return _Encoded("", _other_texts(texts), "")
        number = texts.count(ABSENT)
        if number > len(texts) * _FEW_NULLS:
            return _Encoded("", self._known.of(texts), "")
        return _Encoded('"', texts, '"', list(_places(texts, ABSENT, number)))


def _plain_texts(texts: Sequence[str]) -> list[str]:
    return [_NULL if text == ABSENT else f'"{text}"' for text in texts]


def _other_texts(texts: Sequence[str]) -> list[str]:
    return [_NULL if text == ABSENT else _quoted(text) for text in texts]


class _Numbers:
    """Writes numbers, their decimal points moved by JSON's own means: 0.001048 s are 0.001048e3."""

    def __init__(self, absent: Sequence[str], exponent: str) -> None:
        self._absent, self._exponent = absent, exponent

    def __call__(self, texts: Sequence[str], plain: bool) -> _Encoded:
        """Return the numbers, null where they are absent."""
        absent, exponent = self._absent, self._exponent
        if not plain:
            texts = [text if text in absent else _without_zeros(text) for text in texts]
        together = "".join(texts)
        # Found in all at once, it is nearly always seen that none is absent.
        counts = [texts.count(each) if each in together else 0 for each in absent]
        if sum(counts) > len(texts) * _FEW_NULLS:
            numbers = [_NULL if text in absent else text + exponent for text in texts]
            return _Encoded("", numbers, "")
        nulls = [
            place
            for each, number in zip(absent, counts, strict=True)
            for place in _places(texts, each, number)
        ]
        return _Encoded("", texts, exponent, nulls)


def _places(texts: Sequence[str], wanted: str, number: int) -> Iterator[int]:
    """Yield the places at which a text stands so often."""
    place = -1
    for _ in range(number):
        place = texts.index(wanted, place + 1)
        yield place


def _without_zeros(text: str) -> str:
    """Return a number without zeros in front, which JSON does not know."""
    stripped = text.lstrip("0")
    return stripped if stripped[:1].isdigit() else f"0{stripped}"


class _Known(dict[str, str]):
    """A function of texts that remembers what it gave, as long as that is not much."""

    def __init__(self, function: Callable[[Sequence[str]], list[str]]) -> None:
        super().__init__()
        self._function = function

    def of(self, texts: Sequence[str]) -> list[str]:
        """Return the function's value for each text."""
        return self._function(texts) if len(self) > _FEW else list(map(self.__getitem__, texts))

    def __missing__(self, key: str) -> str:
        (value,) = self._function([key])
        self[key] = value
        return value


_FEW = 2048
"""Different texts of a column that are worth remembering."""
_FEW_NULLS = 1 / 8
"""The part of a column up to which nulls are put in one by one."""
_NULL = "null"
_quoted: Callable[[str], str] = encode_basestring
_ENCODERS: Mapping[Type, Callable[[], _Encode]] = {
    COUNT: lambda: _Numbers(COUNT.absent, ""),
    # With an exponent a number is never a whole one, so its type is the same in all events.
    MILLISECONDS: lambda: _Numbers(MILLISECONDS.absent, "e0"),
    SECONDS: lambda: _Numbers(SECONDS.absent, "e3"),
}
