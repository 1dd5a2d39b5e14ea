"""Every field of every kind of event has a type, in both schemas."""

from __future__ import annotations

import pytest

from infra.elk import ecs_types as ecs_module
from infra.elk.ecs_types import ecs_types
from infra.elk.original_types import DERIVED, original_types
from lambda_src.log_processor.formats import FORMATS
from lambda_src.log_processor.schemas.ecs import fields_of
from lambda_src.log_processor.schemas.ecs_fields import constants_of, rules_of
from lambda_src.log_processor.schemas.original import ORIGINAL
from lambda_src.log_processor.settings import STATIC_KEYS

# Of the ECS fields that events can have, as Elastic documents them: v9.4.0,
# https://github.com/elastic/ecs/blob/v9.4.0/generated/ecs/ecs_flat.yml
DOCUMENTED = {
    "boolean": "tls.established tls.resumed",
    "date": "@timestamp event.end event.start tls.client.not_after tls.client.not_before "
    "tls.client.x509.not_after tls.client.x509.not_before",
    "ip": "client.ip source.ip",
    "keyword": "cloud.account.id cloud.provider cloud.region destination.domain ecs.version "
    "event.category event.dataset event.kind event.module event.outcome event.type "
    "http.request.method http.version labels.component labels.source_module_name labels.type "
    "log.file.path service.environment service.name source.address tls.cipher "
    "tls.client.server_name tls.client.subject tls.client.x509.serial_number "
    "tls.client.x509.subject.distinguished_name tls.curve tls.next_protocol tls.version "
    "tls.version_protocol trace.id url.domain url.extension url.fragment url.query url.scheme "
    "user_agent.original",
    "long": "client.port destination.bytes destination.port event.duration "
    "http.request.body.bytes http.response.body.bytes http.response.status_code source.bytes "
    "source.port url.port",
    "wildcard": "url.original url.path",
}
# https://github.com/elastic/integrations/blob/main/packages/aws/data_stream/elb_logs/fields/fields.yml
OF_THE_INTEGRATION = {
    "date": "tls_connection_creation_time",
    "float": "backend_processing_time.sec request_processing_time.sec response_processing_time.sec",
    "keyword": "action_executed alpn_be_protocol alpn_client_preference_list alpn_fe_protocol "
    "backend.ip backend.port chosen_cert.arn chosen_cert.serial classification "
    "classification_reason error.reason incoming_tls_alert listener matched_rule_priority name "
    "protocol redirect_url ssl_cipher ssl_protocol target_group.arn target_port "
    "target_status_code trace_id type",
    "long": "backend.http.response.status_code connection_time.ms tls_handshake_time.ms",
}


def by_field(documented: dict[str, str], prefix: str = "") -> dict[str, str]:
    return {
        prefix + field: type_ for type_, fields in documented.items() for field in fields.split()
    }


def test_each_field_of_the_schema_original_has_a_type() -> None:
    """A column that is added to a format has one as well, for they are made of the columns."""
    keys = {key for by_kind in ORIGINAL.values() for key in by_kind}
    assert original_types().keys() == keys | {"ExtraFields", "LogKind", *STATIC_KEYS, *DERIVED}


def test_what_the_pipeline_adds_is_no_field_of_the_function() -> None:
    """Neither now nor when a column is added: nothing that a line says is ever overwritten."""
    assert not DERIVED.keys() & {key for by_kind in ORIGINAL.values() for key in by_kind}


def test_each_field_of_the_schema_ecs_has_a_type() -> None:
    """Also the raw texts, and the fields that come from settings and from the object's key."""
    fields = {field for format_ in FORMATS.values() for field in fields_of(format_, STATIC_KEYS)}
    assert ecs_types().keys() == fields - {"@metadata._id"}


def test_types_are_those_that_elastic_documents() -> None:
    """For ECS, and for what its own integration of the same logs has."""
    types = {field: type_["type"] for field, type_ in ecs_types().items()}
    documented = by_field(DOCUMENTED) | by_field(OF_THE_INTEGRATION, "aws.elb.")
    assert documented == {field: types[field] for field in documented}
    ours = {field for field in types if field not in documented}
    assert all(
        field.startswith(("aws.elb.", "aws.s3.")) or field == "log.offset" for field in ours
    ), ours


def test_no_type_is_for_a_field_that_there_is_not() -> None:
    """A field that was renamed leaves no type behind."""
    assert ecs_module._BY_FIELD.keys() <= ecs_types().keys()


def test_a_field_whose_type_follows_from_nothing_is_an_error() -> None:
    """Its author learns of it before any event is refused."""
    with pytest.raises(LookupError, match=r"aws\.elb\.new has no type: give it one in"):
        ecs_module._type_of("aws.elb.new", {})


def test_constants_and_rules_are_all_of_an_events_fields_but_for_the_objects() -> None:
    """What the types are made of is what the function writes; see fields_of."""
    for format_ in FORMATS.values():
        fields = set(fields_of(format_, ()))
        of_rules = {field for rule in rules_of(format_) for field in rule.fields}
        rest = fields - of_rules - constants_of(format_.kind).keys()
        assert rest == {
            *("@metadata._id", "aws.elb.extra_fields", "aws.s3.bucket.name", "aws.s3.object.key"),
            *("cloud.account.id", "cloud.region", "log.file.path", "log.offset"),
        }
