"""A function's modules as the one `index.py` that a template can hold.

Its bytes depend on the sources alone: bzip2 has one implementation in all Pythons, and gives the
smallest text here. No character needs escaping in YAML or JSON, or means something to Octopus.
"""

from __future__ import annotations

import ast
import bz2
from base64 import b85encode
from collections.abc import Iterator, Mapping
from importlib import resources

from infra.packaging.modules import ENTRY
from infra.packaging.stripping import READ_ANNOTATIONS, READ_DOCSTRINGS, stripped

READABLE_BYTES = 8192
"""Up to here an `index.py` shows its sources as they were written."""

_FORBIDDEN = ("#{", "'''", "\r", "\t", " \n")
"""Octopus's, ours, and what a literal block of YAML cannot hold or hides."""

Sources = Mapping[str, str]
"""By path in the archive."""


def index(top: str, function: str, sources: Sources) -> str:
    """The `index.py` whose `handle` is the function's."""
    readable = _readable(top, function, sources)
    if len(readable) <= READABLE_BYTES and _is_plain(readable, sources):
        return readable
    return _compressed(top, function, sources)


def _readable(top: str, function: str, sources: Sources) -> str:
    entries = "".join(f"{path!r}: r'''{text}''',\n" for path, text in sources.items())
    return (
        f'"""{top}.{function}, as it is written."""\n'
        f"{_importer()}Embedded({{\n{entries}}})\n{_entry(top, function)}"
    )


def _is_plain(text: str, sources: Sources) -> bool:
    forbidden = any(each in source for source in sources.values() for each in _FORBIDDEN)
    return text.isascii() and not forbidden


def _compressed(top: str, function: str, sources: Sources) -> str:
    return (
        f'"""{top}.{function}, stripped and compressed."""\n'
        "from base64 import b85decode\nfrom bz2 import decompress\n"
        f"{_importer()}text='{_packed(sources)}'\n"
        "parts=iter(decompress(b85decode(text.replace(',','{'))).decode().split('\\0'))\n"
        f"Embedded(dict(zip(parts,parts)))\n{_entry(top, function)}"
    )


def _packed(sources: Sources) -> str:
    """Paths and stripped sources, all as one text of ASCII without a brace that opens."""
    names = {name for text in sources.values() for name in _names(text)}
    docstrings = not READ_DOCSTRINGS.isdisjoint(names)
    annotations = not READ_ANNOTATIONS.isdisjoint(names)
    parts = [
        part
        for path, text in sources.items()
        for part in (path, stripped(text, docstrings=docstrings, annotations=annotations))
    ]
    # The alphabet has neither quotes, backslashes nor commas.
    return b85encode(bz2.compress("\0".join(parts).encode())).decode().replace("{", ",")


def _names(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(name) | ast.Attribute(attr=name) | ast.alias(name):
                yield name


def _importer() -> str:
    source = resources.files("infra.packaging").joinpath("importer.py").read_text("utf-8")
    lines = stripped(source).replace("\t", " ").splitlines(keepends=True)
    return "".join(line for line in lines if line.strip())


def _entry(top: str, function: str) -> str:
    return f"from {top}.{function}.{ENTRY.removesuffix('.py')} import handle\n"
