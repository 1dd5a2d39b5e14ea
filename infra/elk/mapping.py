"""Fields with their types as Elasticsearch's mappings.

Unknown fields stay in the document, neither indexed nor an error: with dynamic mapping they could
fill the index's limit of fields, or fail each document whose field another one had as an object.
https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/dynamic
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.elk.field_types import DATE, KEYWORD, STORED, TEXT, FieldType

OF_LOGSTASH: Mapping[str, FieldType] = {
    "@timestamp": DATE,
    "@version": KEYWORD,
    "tags": KEYWORD,
    # Of what was no JSON: the codec puts it there, with the tag _jsonparsefailure.
    "message": TEXT,
}
"""What every event has, or can have, by Logstash's own doing."""

REFUSED: Mapping[str, FieldType] = {
    **OF_LOGSTASH,
    "error.message": TEXT,
    "error.type": KEYWORD,
    "event.kind": KEYWORD,
    "event.original": STORED,
}
"""Fields of a document that tells of a refused event."""


def mappings(fields: Mapping[str, FieldType]) -> dict[str, Any]:
    """Mappings of these fields and no others; a dot in a name is an object with a field in it."""
    return {"dynamic": False, "properties": _properties(fields)}


def _properties(fields: Mapping[str, FieldType]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for field in sorted(fields):
        *path, name = field.split(".")
        inner = properties
        for part in path:
            inner = inner.setdefault(part, {"properties": {}})["properties"]
        inner[name] = dict(fields[field])
    return properties
