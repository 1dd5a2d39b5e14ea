"""The type of each field of the schema `original`, and of those that the pipeline adds to it.

They follow from the columns of the function's formats, so that a column added there has one here.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.elk.field_types import (
    DATE,
    FLOAT,
    INTEGER,
    IP,
    KEYWORD,
    LONG,
    LONG_KEYWORD,
    WILDCARD,
    FieldType,
)
from lambda_src.log_processor.formats import (
    COUNT,
    EVENT_TIME,
    FORMATS,
    MILLISECONDS,
    SECONDS,
    TEXT,
    TIME,
    Column,
    Type,
)
from lambda_src.log_processor.settings import STATIC_KEYS

DERIVED: Mapping[str, FieldType] = {
    "PublicIp": IP,
    "PublicPort": INTEGER,
    "InternalIp": IP,
    "InternalPort": INTEGER,
    "RequestMethod": KEYWORD,
    # Without its query, so that it is worth counting.
    "RequestUrl": LONG_KEYWORD,
}
"""What the pipeline takes out of `PublicIpAndPort`, `InternalIpAndPort` and `FullRequest`."""


def original_types() -> dict[str, FieldType]:
    """Each field of every kind of event."""
    columns = (column for format_ in FORMATS.values() for column in format_.columns)
    of_columns = {column.event_key: _type_of(column) for column in columns if column.event_key}
    of_events = dict.fromkeys(("ExtraFields", "LogKind", *STATIC_KEYS), KEYWORD)
    return {**of_columns, **of_events, **DERIVED}


_BY_COLUMN_TYPE: Mapping[Type, FieldType] = {
    EVENT_TIME: DATE,
    TIME: DATE,
    SECONDS: FLOAT,
    MILLISECONDS: FLOAT,
    COUNT: LONG,
    TEXT: KEYWORD,
}

# Texts that are more than that. Elasticsearch makes numbers of texts such as "443".
_BY_KEY: Mapping[str, FieldType] = {
    "ClientIp": IP,
    "ClientPort": INTEGER,
    "FullRequest": WILDCARD,
    "IpAddress": IP,
    "ListenerPort": INTEGER,
    "RedirectUrl": WILDCARD,
    "TransformedUri": WILDCARD,
    "UserAgent": WILDCARD,
}


def _type_of(column: Column) -> FieldType:
    return _BY_KEY.get(column.event_key or "", _BY_COLUMN_TYPE[column.type])
