"""Takes the values of named query parameters out of URLs before anything leaves the function.

Only parameters whose names are given are redacted: an e-mail address or a token elsewhere, such
as in a path or under another name, stays. A name is found whatever its case, percent-encoded or
not, in queries and fragments, and in URLs that are percent-encoded inside other parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote_plus

from .requests import url_end

Redact = Callable[[str], str]
"""Returns a request or a URL without the values of the parameters; the same text if it has none."""

REDACTED = "REDACTED"
COLUMNS = ("request", "redirect_url", "transformed_uri")
"""The columns that hold URLs."""
DECODINGS = 6
"""How often a text may be percent-encoded. Each takes time in proportion to the text's length."""


def redact(columns: Mapping[str, Sequence[str]], redacted: Redact) -> dict[str, Sequence[str]]:
    """Return the columns of a table, by AWS's names, those that hold URLs redacted."""
    return {
        name: [redacted(text) if "=" in text or "%" in text else text for text in column]
        if name in COLUMNS
        else column
        for name, column in columns.items()
    }


def redactor(names: Iterable[str]) -> Redact:
    """Return the function that redacts the parameters of these names.

    A value reaches to the next `&` or `#`, or to a `;` or `?` after which another name and `=`
    follow, for these two may also be part of a value; else to the end of the URL. It may hold
    spaces. A request's method and protocol stay, and an empty value.
    """
    wanted = frozenset(stripped for name in names if (stripped := name.strip().lower()))
    return _Redactor(wanted) if wanted else lambda text: text


Span = tuple[int, int]


class _Redactor:
    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self._plain = tuple(wanted | {name.replace(" ", "+") for name in wanted})
        self._longest = 12 * max(map(len, wanted))  # four bytes of UTF-8, three characters each
        self._spelt = re.compile(_spelt(wanted))
        # None can try a position in two ways, so each takes time in proportion to the text.
        # A name may follow a `=`, too: a value may be nothing but parameters.
        self._name = re.compile(r"[?&;#=]([^?&;#=]*)(?==)")
        self._end = re.compile(r"[&#]|[;?](?=[^?&;#=]*=)")
        self._escape = re.compile(r"%([0-7][0-9A-Fa-f])")  # other bytes separate nothing

    def __call__(self, text: str) -> str:
        if not self._may_have_one(text.lower()):
            return text
        spans = sorted(self._spans(text[: url_end(text)]))
        return _without(text, spans) if spans else text

    def _may_have_one(self, text: str) -> bool:
        """Tell soon of most texts that they have no such name, in whatever spelling."""
        for name in self._plain:
            if name in text:
                return True
        return "%" in text and self._spelt.search(text) is not None

    def _spans(self, url: str) -> Iterator[Span]:
        """Yield where values stand, from the URL as it is and as often as it can be decoded."""
        yield from self._values(url)
        text, places = url, list(range(len(url) + 1)) if "%" in url else []
        for _ in range(DECODINGS):
            decoded, places = self._decoded(text, places)
            if len(decoded) == len(text):
                return
            text = decoded
            for begin, end in self._values(text):
                yield places[begin], places[end]

    def _values(self, text: str) -> Iterator[Span]:
        at = 0
        while match := self._name.search(text, at):
            at = match.end()
            if self._is_wanted(match[1]):
                begin = at + 1
                ended = self._end.search(text, begin)
                at = ended.start() if ended else len(text)
                if begin < at:
                    yield begin, at

    def _is_wanted(self, name: str) -> bool:
        name = name.strip(" +")
        if name.lower() in self._wanted:
            return True
        spelt = "%" in name or "+" in name
        if not spelt or len(name) > self._longest:
            return False
        return unquote_plus(name).strip().lower() in self._wanted

    def _decoded(self, text: str, places: Sequence[int]) -> tuple[str, list[int]]:
        """Decode once; `places` says of each character, and of the end, where it began at first."""
        parts: list[str] = []
        begins: list[int] = []
        at = 0
        for match in self._escape.finditer(text):
            start = match.start()
            parts += text[at:start], chr(int(match[1], 16))
            begins += places[at : start + 1]
            at = match.end()
        parts.append(text[at:])
        begins += places[at:]
        return "".join(parts), begins


def _without(text: str, spans: Sequence[Span]) -> str:
    """Replace spans that may overlap."""
    parts: list[str] = []
    at = 0
    for begin, end in spans:
        if begin >= at:
            parts += text[at:begin], REDACTED
        at = max(at, end)
    return "".join([*parts, text[at:]])


def _spelt(names: Iterable[str]) -> str:
    """Return the pattern of escapes, in lower case, that a name needs to be there in disguise.

    Those are of its own characters, of `%`, and of the digits that escapes are written with.
    """
    characters = {*"%0123456789abcdefABCDEF", *"".join(names), *"".join(names).upper()}
    codes = {f"{byte:02x}" for character in characters for byte in character.encode()}
    return f"%(?:{'|'.join(sorted(codes))})"
