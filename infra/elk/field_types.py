"""The types that fields have in Elasticsearch, and what each does with a value that does not fit.

Nothing of an event is refused for a value: of one that a type cannot take the document keeps the
text, and names the field in `_ignored`. For numbers, dates, addresses and booleans that is
`index.mapping.ignore_malformed`, for texts `ignore_above`.
https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/ignore-malformed
https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/ignore-above
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FieldType = Mapping[str, Any]

TERM_CHARACTERS = 8191
"""What surely fits Lucene's longest term, 32,766 bytes: a longer one would fail the document."""

KEYWORD: FieldType = {"type": "keyword", "ignore_above": 1024}
LONG_KEYWORD: FieldType = {"type": "keyword", "ignore_above": TERM_CHARACTERS}
# Finds any part of a text, and ranks like a keyword; for texts of which hardly two are alike.
WILDCARD: FieldType = {"type": "wildcard", "ignore_above": TERM_CHARACTERS}
TEXT: FieldType = {"type": "match_only_text"}
LONG: FieldType = {"type": "long"}
INTEGER: FieldType = {"type": "integer"}
FLOAT: FieldType = {"type": "float"}
DATE: FieldType = {"type": "date"}
IP: FieldType = {"type": "ip"}
BOOLEAN: FieldType = {"type": "boolean"}
STORED: FieldType = {"type": "keyword", "index": False, "doc_values": False}
"""Kept and shown, neither searched nor counted."""


def with_fields(type_: FieldType, **fields: FieldType) -> FieldType:
    """A type that is indexed in other ways besides, each as `<field>.<name>`."""
    return {**type_, "fields": {name: dict(each) for name, each in fields.items()}}
