"""Records of one kind as columns: lines side by side, the shape that all stages work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

from .formats import Format


@dataclass(frozen=True)
class Table:
    """Lines of one kind, taken apart; each column has one text for each line.

    A text is what the log wrote, its type checked, without the quotes around it, or that text
    escaped for JSON. A column that a line is too short for has ABSENT.
    """

    format: Format
    offsets: Sequence[int]
    """Of each line's first byte in the uncompressed stream."""
    columns: Sequence[Sequence[str]]
    """In the format's order."""
    extra: Sequence[tuple[str, ...]] | None
    """Fields of each line beyond the known columns; None where no line has any."""
    plain: bool
    """Whether JSON takes the texts as they are: nothing in them to escape, no number like 007."""
    escaped: bool = False
    """Whether that is so because backslashes and quotes have been escaped; extra fields never."""

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.offsets)

    def column(self, name: str) -> Sequence[str]:
        """Return a column by AWS's name for it."""
        return self.columns[self.format.names.index(name)]

    def raw(self) -> Table:
        """Return the same lines with all texts as the log wrote them."""
        if not self.escaped:
            return self
        columns = list(map(json_unescaped, self.columns))
        return replace(self, columns=columns, plain=False, escaped=False)

    def kept(self, keep: Sequence[bool]) -> Table:
        """Return the lines for which `keep` is true."""
        return replace(
            self,
            offsets=list(compress(self.offsets, keep)),
            columns=[list(compress(column, keep)) for column in self.columns],
            extra=None if self.extra is None else list(compress(self.extra, keep)),
        )


def json_escaped(text: str) -> str:
    """Return printable ASCII as it stands inside of a JSON string."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def json_unescaped(texts: Sequence[str]) -> list[str]:
    """Return a column of texts as they were before they were escaped."""
    if "\\" not in "".join(texts):
        return list(texts)
    return [text.replace('\\"', '"').replace("\\\\", "\\") for text in texts]
