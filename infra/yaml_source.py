"""A YAML file as plain data that remembers on which line each key stands.

YAML itself lets a later key silently replace an earlier one of the same name; here that is
an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.errors import SettingsError

KeyPath = tuple[str | int, ...]
"""Such as `("network", "zones")`, or `("network", "private_subnet_ids", 0)`."""


SIZE_LIMIT = 1024 * 1024
"""Bytes; a hundred times what any environment needs."""


@dataclass(frozen=True)
class YamlSource:
    """The data of one file, and the line (from 1) of each key path in it."""

    file: str
    data: Any
    lines: dict[KeyPath, int]

    def place(self, path: KeyPath) -> str:
        """`dev.yaml:12`: where the path stands, or the nearest part of it that does."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines.get(path, 1)}"


def read(file: Path) -> YamlSource:
    """Read a YAML file; a SettingsError says what keeps it from being read."""
    try:
        if file.exists() and not file.is_dir() and not file.is_file():
            raise SettingsError([f"{file}: is no regular file; save the settings as one"])
        if file.is_file() and file.stat().st_size > SIZE_LIMIT:
            raise SettingsError([f"{file}: is larger than {SIZE_LIMIT:,} bytes: no settings file"])
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError([f"{file}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        where = f"byte {error.start}"
        raise SettingsError([f"{file}: is not UTF-8 text ({where}); save it as UTF-8"]) from error
    return parse(text, str(file))


def parse(text: str, file: str) -> YamlSource:
    """Parse YAML text; `file` only names it in messages."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            _refuse_duplicates(node, file)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        raise SettingsError([_syntax(error, file)]) from error
    # PyYAML lets slip what its converters raise: `!!bool x` is a KeyError.
    except (yaml.YAMLError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise SettingsError([f"{file}:1: is not valid YAML: {error}"]) from error
    lines = dict(_lines(node, (), set())) if node is not None else {}
    return YamlSource(file, data, lines)


def _syntax(error: yaml.MarkedYAMLError, file: str) -> str:
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    begun = error.context_mark.line + 1 if error.context_mark else line
    context = f" {error.context} that begins on line {begun}" if begun != line else ""
    return f"{file}:{line}: is not valid YAML: {error.problem}{context}"


def _refuse_duplicates(node: yaml.Node, file: str) -> None:
    problems = [
        f"{file}:{line}: {name}: this key stands here twice (first on line {first}); keep one"
        for name, first, line in _duplicates(node, (), set())
    ]
    if problems:
        raise SettingsError(problems)


def _duplicates(
    node: yaml.Node, path: KeyPath, visited: set[int]
) -> Iterator[tuple[str, int, int]]:
    seen: dict[str, int] = {}
    for key, child, line in _children(node, visited):
        if isinstance(node, yaml.MappingNode):
            if str(key) in seen:
                yield dotted((*path, key)), seen[str(key)], line
            seen.setdefault(str(key), line)
        yield from _duplicates(child, (*path, key), visited)


def _lines(node: yaml.Node, path: KeyPath, visited: set[int]) -> Iterator[tuple[KeyPath, int]]:
    for key, child, line in _children(node, visited):
        yield (*path, key), line
        yield from _lines(child, (*path, key), visited)


def _children(node: yaml.Node, visited: set[int]) -> Iterator[tuple[str | int, yaml.Node, int]]:
    """What stands in a node, once only: aliases can multiply it without end."""
    if id(node) in visited:
        return
    visited.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), value, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield index, value, value.start_mark.line + 1


def dotted(path: KeyPath) -> str:
    """`network.private_subnet_ids[0]`: a key path as messages write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
