"""Names and texts survive SQL, whatever they are made of: PostgreSQL's own parser says so."""

from __future__ import annotations

from typing import Any

import pglast
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.reporting_user import sql

NAMES = st.text(
    st.one_of(st.sampled_from("\"'`;\\$ -/*\n\tAa:%É\U0001f418"), st.characters(codec="utf-8")),
    min_size=1,
    max_size=20,
).filter(sql.is_name)
"""What schemas and tables may be called, and what is hard in it."""


def select(what: str) -> Any:
    """Return the one statement that PostgreSQL sees."""
    [parsed] = pglast.parse_sql(f"SELECT {what}")
    return parsed.stmt


@given(NAMES, NAMES)
def test_a_name_means_itself(schema: str, name: str) -> None:
    """Quotes, semicolons, comments, upper case, Unicode: one statement, with the name in it."""
    [source] = select(f"* FROM {sql.qualified(schema, name)}").fromClause
    assert (source.schemaname, source.relname) == (schema, name)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_a_text_means_itself(text: str) -> None:
    """Also with backslashes, and what looks like the end of it."""
    [target] = select(sql.literal(text)).targetList
    assert target.val.val.sval == text


def test_what_cannot_be_a_name_is_told() -> None:
    """PostgreSQL would cut a longer one off, and mean another thing by it."""
    assert sql.is_name("ü" * 31)
    assert not sql.is_name("ü" * 32)
    assert not sql.is_name("")
    assert not sql.is_name("a\0b")
