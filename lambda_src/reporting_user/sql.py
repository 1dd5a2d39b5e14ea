"""Names and texts as SQL has them: quoted, never refused.

https://www.postgresql.org/docs/current/sql-syntax-lexical.html
"""

from __future__ import annotations

from collections.abc import Iterable

NAME_LIMIT = 63
"""Bytes that PostgreSQL keeps of a name; it cuts off the rest without an error."""


def identifier(name: str) -> str:
    """Return a name that means itself, whatever it is made of."""
    return '"' + name.replace('"', '""') + '"'


def identifiers(names: Iterable[str]) -> str:
    """Return names as a list."""
    return ", ".join(identifier(name) for name in names)


def qualified(schema: str, name: str) -> str:
    """Return the name of something within a schema."""
    return f"{identifier(schema)}.{identifier(name)}"


def literal(text: str) -> str:
    """Return a text that means itself, also to a server with standard_conforming_strings off."""
    quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
    return f"E{quoted}" if "\\" in text else quoted


def is_name(text: str) -> bool:
    """Whether something can have this name."""
    return 0 < len(text.encode("utf-8", "surrogatepass")) <= NAME_LIMIT and "\0" not in text
