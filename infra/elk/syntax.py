"""Logstash's configuration language, as far as our pipelines need it: plugins, options, comments.

https://www.elastic.co/docs/reference/logstash/configuration-file-structure
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Lines = list[str]


@dataclass(frozen=True)
class Plugin:
    """An input, filter, output or codec with its options, in this order."""

    name: str
    options: Mapping[str, Value]


Value = str | int | bool | Sequence[str] | Mapping[str, str] | Plugin


def plugin(name: str, /, **options: Value | None) -> Lines:
    """A plugin as lines; an option that is None is left out."""
    given = {key: value for key, value in options.items() if value is not None}
    return [f"{name} {{", *indented(_options(given)), "}"]


def section(name: str, *parts: Lines) -> Lines:
    """`input`, `filter`, `output` or a condition, around what is in it, a line between parts."""
    return [f"{name} {{", *indented(_spaced(parts)), "}"]


def indented(lines: Iterable[str]) -> Lines:
    """Each line two spaces further in."""
    return [f"  {line}" if line else "" for line in lines]


def comment(text: str) -> Lines:
    """Text, broken as it stands, as a comment."""
    return [f"# {line}".rstrip() for line in text.strip().splitlines()]


def commented_out(lines: Iterable[str]) -> Lines:
    """Lines that do nothing until somebody takes the # away."""
    return [f"#{line}" for line in lines]


def quoted(text: str) -> str:
    """A string.

    Without `config.support_escapes`, which our pipelines switch off, a backslash is one and there
    is no way to have both kinds of quotes.
    """
    if '"' not in text:
        return f'"{text}"'
    if "'" in text:
        raise ValueError(f"Logstash has no string for {text!r}")
    return f"'{text}'"


def _spaced(parts: Sequence[Lines]) -> Lines:
    lines: Lines = []
    for part in parts:
        if lines and part:
            lines.append("")
        lines += part
    return lines


def _options(options: Mapping[str, Value]) -> Lines:
    return [line for name, value in options.items() for line in _option(name, value)]


def _option(name: str, value: Value) -> Lines:
    first, *rest = _value(value)
    return [f"{name} => {first}", *rest]


def _value(value: Value) -> Lines:
    match value:
        case bool():
            return ["true" if value else "false"]
        case int():
            return [str(value)]
        case str():
            return [quoted(value)]
        case Plugin(name, options):
            return [f"{name} {{", *indented(_options(options)), "}"]
        case Mapping():
            pairs = (f"{quoted(key)} => {quoted(text)}" for key, text in value.items())
            return ["{", *indented(pairs), "}"]
        case _:
            return [f"[{', '.join(map(quoted, value))}]"]
