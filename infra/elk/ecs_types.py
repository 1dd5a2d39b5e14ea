"""The type of each field of the schema `ecs`.

Fields of the Elastic Common Schema have the types that it gives them, those of Elastic's own
integration the ones that it has; so both can stand in one data view with ours. Fields that neither
knows have the type that fits the column.
https://github.com/elastic/ecs/blob/v9.4.0/generated/ecs/ecs_flat.yml
https://github.com/elastic/integrations/blob/main/packages/aws/data_stream/elb_logs/fields/fields.yml
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra.elk.field_types import (
    BOOLEAN,
    DATE,
    FLOAT,
    IP,
    KEYWORD,
    LONG,
    TEXT,
    WILDCARD,
    FieldType,
    with_fields,
)
from lambda_src.log_processor.formats import (
    COUNT,
    EVENT_TIME,
    FORMATS,
    MILLISECONDS,
    SECONDS,
    TIME,
    Format,
    Type,
)
from lambda_src.log_processor.schemas.ecs import fields_of
from lambda_src.log_processor.schemas.ecs_fields import rules_of
from lambda_src.log_processor.schemas.ecs_rules import generic
from lambda_src.log_processor.settings import STATIC_KEYS


def ecs_types() -> dict[str, FieldType]:
    """Each field of every kind of event, with a dot between an object and what is in it.

    Raises LookupError for a field whose type follows from nothing: it belongs into `_BY_FIELD`.
    """
    types: dict[str, FieldType] = {}
    for format_ in FORMATS.values():
        plain = {**_of_columns(format_), **dict.fromkeys(_texts(format_), KEYWORD)}
        for field in fields_of(format_, STATIC_KEYS):
            if not field.startswith("@metadata."):
                types[field] = _type_of(field, plain)
    return types


_BY_COLUMN_TYPE: Mapping[Type, FieldType] = {
    EVENT_TIME: DATE,
    TIME: DATE,
    SECONDS: FLOAT,
    MILLISECONDS: FLOAT,
    COUNT: LONG,
}


def _of_columns(format_: Format) -> dict[str, FieldType]:
    """The fields that have a column's name, with the types of those that are no texts."""
    typed = (column for column in format_.columns if column.type in _BY_COLUMN_TYPE)
    return {generic(column.name): _BY_COLUMN_TYPE[column.type] for column in typed}


def _texts(format_: Format) -> Iterator[str]:
    """The fields that a column's text stands in as it is."""
    return (field for rule in rules_of(format_) if rule.read is None for field in rule.fields)


def _type_of(field: str, plain: Mapping[str, FieldType]) -> FieldType:
    if field.startswith("aws.elb.raw."):
        return KEYWORD
    type_ = _BY_FIELD.get(field) or plain.get(field)
    if type_ is None:
        raise LookupError(f"{field} has no type: give it one in infra/elk/ecs_types.py")
    return type_


_SEARCHED = {"text": TEXT}
# S3's longest key has 1,024 bytes; the path has the bucket in front.
_OBJECT: FieldType = {**KEYWORD, "ignore_above": 1152}

_BY_FIELD: Mapping[str, FieldType] = {
    "@timestamp": DATE,
    **dict.fromkeys(
        (
            *("aws.elb.action_executed", "aws.elb.alpn_client_preference_list"),
            # Elastic's integration has keywords here as well.
            *("aws.elb.backend.arn", "aws.elb.backend.ip", "aws.elb.backend.port"),
            *("aws.elb.chosen_cert.arn", "aws.elb.extra_fields", "aws.elb.health_check.status"),
            *("aws.elb.leaf_client_cert_serial_number", "aws.elb.log_kind", "aws.elb.protocol"),
            *("aws.elb.ssl_protocol", "aws.elb.target_port", "aws.elb.target_status_code"),
            *("aws.elb.tls_error_code", "aws.elb.tls_verify_status", "aws.s3.bucket.name"),
            *("cloud.account.id", "cloud.provider", "cloud.region", "ecs.version"),
            *("event.category", "event.dataset", "event.kind", "event.module", "event.outcome"),
            *("event.type", "http.request.method", "http.version", "labels.component"),
            *("labels.source_module_name", "labels.type", "service.environment", "service.name"),
            *("source.address", "tls.client.x509.serial_number", "tls.version"),
            *("tls.version_protocol", "url.domain", "url.extension", "url.fragment", "url.scheme"),
        ),
        KEYWORD,
    ),
    "aws.s3.object.key": _OBJECT,
    "log.file.path": _OBJECT,
    "url.query": {**KEYWORD, "ignore_above": 2083},
    "url.original": with_fields(WILDCARD, **_SEARCHED),
    "url.path": WILDCARD,
    "user_agent.original": with_fields(KEYWORD, **_SEARCHED),
    **dict.fromkeys(("aws.elb.node.ip", "client.ip", "source.ip"), IP),
    **dict.fromkeys(
        (
            *("aws.elb.backend.http.response.status_code", "aws.elb.connection_time.ms"),
            *("aws.elb.tls_handshake_time.ms", "client.port", "destination.bytes"),
            *("destination.port", "event.duration", "http.request.body.bytes"),
            *("http.response.body.bytes", "http.response.status_code", "log.offset"),
            *("source.bytes", "source.port", "url.port"),
        ),
        LONG,
    ),
    **dict.fromkeys(
        (
            *("aws.elb.backend_processing_time.sec", "aws.elb.health_check.latency.sec"),
            *("aws.elb.request_processing_time.sec", "aws.elb.response_processing_time.sec"),
        ),
        FLOAT,
    ),
    **dict.fromkeys(
        (
            *("aws.elb.leaf_client_cert_not_after", "aws.elb.leaf_client_cert_not_before"),
            *("event.end", "event.start", "tls.client.not_after", "tls.client.not_before"),
            *("tls.client.x509.not_after", "tls.client.x509.not_before"),
        ),
        DATE,
    ),
    **dict.fromkeys(("tls.established", "tls.resumed"), BOOLEAN),
}
