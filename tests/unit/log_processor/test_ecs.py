"""Tables in, events of the schema `ecs` out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.formats import (
    ABSENT,
    ALB,
    COUNT,
    EVENT_TIME,
    FORMATS,
    MILLISECONDS,
    SECONDS,
    TEXT,
    TIME,
    Column,
    Format,
)
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.parsing import parse
from lambda_src.log_processor.reading import Block, LongLine, blocks
from lambda_src.log_processor.schemas import Schema, writer
from lambda_src.log_processor.schemas.ecs import ecs
from lambda_src.log_processor.schemas.ecs_fields import constants_of, rules_of
from lambda_src.log_processor.schemas.original import original
from lambda_src.log_processor.tables import Table

from .hostile_lines import MANY, many_lines
from .samples import FIELDS, KEYS, STATIC, line

each_kind = pytest.mark.parametrize("kind", FORMATS)

# Of the lines in `samples`; `common` has what the events of all kinds have.
CLASSIC: dict[str, Any] = {
    "@timestamp": "2014-02-15T23:39:43.945958Z",
    "aws.elb.backend.http.response.status_code": 404,
    "aws.elb.backend.ip": "10.0.0.1",
    "aws.elb.backend.port": "80",
    "aws.elb.backend_processing_time.sec": 0.001048,
    "aws.elb.name": "shop",
    "aws.elb.node.ip": "192.0.2.7",
    "aws.elb.protocol": "http",
    "aws.elb.request_processing_time.sec": 7.3e-05,
    "aws.elb.response_processing_time.sec": 5.7e-05,
    "aws.elb.ssl_cipher": "ECDHE-RSA-AES128-GCM-SHA256",
    "aws.elb.ssl_protocol": "TLSv1.2",
    "event.category": ["web"],
    "event.duration": 1178000,
    "event.end": "2014-02-15T23:39:43.947136Z",
    "event.outcome": "success",
    "event.start": "2014-02-15T23:39:43.945958Z",
    "event.type": ["access"],
    "http.request.body.bytes": 5,
    "http.request.method": "GET",
    "http.response.body.bytes": 29,
    "http.response.status_code": 200,
    "http.version": "1.1",
    "source.address": "192.0.2.1",
    "source.ip": "192.0.2.1",
    "source.port": 2817,
    "tls.cipher": "ECDHE-RSA-AES128-GCM-SHA256",
    "tls.version": "1.2",
    "tls.version_protocol": "tls",
    "url.domain": "www.example.com",
    "url.original": "http://www.example.com:80/",
    "url.path": "/",
    "url.port": 80,
    "url.scheme": "http",
    "user_agent.original": 'curl/8.5.0 (\\"x\\"y)',
}

ALB_ACCESS: dict[str, Any] = {
    "@timestamp": "2026-08-01T23:39:43.945958Z",
    "aws.elb.action_executed": ["waf", "forward"],
    "aws.elb.backend.http.response.status_code": 201,
    "aws.elb.backend.ip": "10.0.0.1",
    "aws.elb.backend.port": "80",
    "aws.elb.backend_processing_time.sec": 0.048,
    "aws.elb.chosen_cert.arn": "session-reused",
    "aws.elb.classification": "Acceptable",
    "aws.elb.classification_reason": "SpaceInUri",
    "aws.elb.conn_trace_id": "TID_1234abcd5678ef90",
    "aws.elb.name": "app/shop/50dc6c495c0c9188",
    "aws.elb.node.ip": "192.0.2.7",
    "aws.elb.protocol": "http",
    "aws.elb.request_processing_time.sec": 0.086,
    "aws.elb.request_transform_status": "TransformSuccess",
    "aws.elb.response_processing_time.sec": 0.037,
    "aws.elb.ssl_cipher": "ECDHE-RSA-AES128-GCM-SHA256",
    "aws.elb.ssl_protocol": "TLSv1.2",
    "aws.elb.target_group.arn": (
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/73e2d6bc24d8a067"
    ),
    "aws.elb.target_port": ["10.0.0.1:80", "10.0.0.2:80"],
    "aws.elb.target_status_code": ["200", "201"],
    "aws.elb.trace_id": "Root=1-58337281-1d84f3d73c47ec4e58577259",
    "aws.elb.transformed_uri": "/b",
    "aws.elb.type": "h2",
    "destination.domain": "www.example.com",
    "event.category": ["web"],
    "event.duration": 171958000,
    "event.end": "2026-08-01T23:39:43.945958Z",
    "event.outcome": "success",
    "event.start": "2026-08-01T23:39:43.774000Z",
    "event.type": ["access"],
    "http.request.body.bytes": 17,
    "http.request.method": "GET",
    "http.response.body.bytes": 57,
    "http.response.status_code": 200,
    "http.version": "2.0",
    "source.address": "2001:db8:0:0:b5f3:aaaa:bbbb:64ec",
    "source.ip": "2001:db8:0:0:b5f3:aaaa:bbbb:64ec",
    "source.port": 53016,
    "tls.cipher": "ECDHE-RSA-AES128-GCM-SHA256",
    "tls.client.server_name": "www.example.com",
    "tls.resumed": True,
    "tls.version": "1.2",
    "tls.version_protocol": "tls",
    "trace.id": "Root=1-58337281-1d84f3d73c47ec4e58577259",
    "url.domain": "www.example.com",
    "url.original": "https://www.example.com:443/a b",
    "url.path": "/a b",
    "url.port": 443,
    "url.scheme": "https",
    "user_agent.original": "Mozilla/5.0 \\x22quoted\\x22",
}

CONNECTION: dict[str, Any] = {
    "@timestamp": "2026-08-01T23:39:43.945958Z",
    "aws.elb.conn_trace_id": "TID_1234abcd5678ef90",
    "aws.elb.leaf_client_cert_not_after": "2027-01-01T00:00:00Z",
    "aws.elb.leaf_client_cert_not_before": "2026-01-01T00:00:00Z",
    "aws.elb.leaf_client_cert_serial_number": "FEF257372D5C14D4",
    "aws.elb.leaf_client_cert_subject": "CN=client.example.com,O=Shop, Inc.",
    "aws.elb.listener": "443",
    "aws.elb.name": "app/shop/50dc6c495c0c9188",
    "aws.elb.node.ip": "192.0.2.7",
    "aws.elb.protocol": "tcp",
    "aws.elb.ssl_cipher": "TLS_AES_128_GCM_SHA256",
    "aws.elb.ssl_protocol": "TLSv1.3",
    "aws.elb.tls_error_code": "ClientCertUntrusted",
    "aws.elb.tls_handshake_latency": 4.036,
    "aws.elb.tls_keyexchange": "X25519",
    "aws.elb.tls_verify_status": "Failed",
    "client.ip": "2001:db8:0:0:b5f3:aaaa:bbbb:64ec",
    "client.port": 36280,
    "destination.port": 443,
    "event.category": ["network"],
    "event.end": "2026-08-01T23:39:43.945958Z",
    "event.outcome": "failure",
    "event.type": ["connection"],
    "source.address": "2001:db8:0:0:b5f3:aaaa:bbbb:64ec",
    "source.ip": "2001:db8:0:0:b5f3:aaaa:bbbb:64ec",
    "source.port": 36280,
    "tls.cipher": "TLS_AES_128_GCM_SHA256",
    "tls.client.not_after": "2027-01-01T00:00:00Z",
    "tls.client.not_before": "2026-01-01T00:00:00Z",
    "tls.client.subject": "CN=client.example.com,O=Shop, Inc.",
    "tls.client.x509.not_after": "2027-01-01T00:00:00Z",
    "tls.client.x509.not_before": "2026-01-01T00:00:00Z",
    "tls.client.x509.serial_number": "FEF257372D5C14D4",
    "tls.client.x509.subject.distinguished_name": "CN=client.example.com,O=Shop, Inc.",
    "tls.curve": "X25519",
    "tls.established": False,
    "tls.version": "1.3",
    "tls.version_protocol": "tls",
}

HEALTH_CHECK: dict[str, Any] = {
    "@timestamp": "2026-08-01T23:39:43.945958Z",
    "aws.elb.backend.http.response.status_code": 502,
    "aws.elb.backend.ip": "10.0.0.1",
    "aws.elb.backend.port": "80",
    "aws.elb.health_check.latency.sec": 0.003,
    "aws.elb.health_check.reason_code": "ResponseCodeMismatch",
    "aws.elb.health_check.status": "FAIL",
    "aws.elb.name": "app/shop/50dc6c495c0c9188",
    "aws.elb.node.ip": "192.0.2.7",
    "aws.elb.target_group.name": "shop/73e2d6bc24d8a067",
    "aws.elb.type": "https",
    "event.category": ["network"],
    "event.duration": 3000000,
    "event.end": "2026-08-01T23:39:43.948958Z",
    "event.outcome": "failure",
    "event.start": "2026-08-01T23:39:43.945958Z",
    "event.type": ["info"],
}

NLB: dict[str, Any] = {
    "@timestamp": "2026-08-01T23:39:43Z",
    "aws.elb.alpn_be_protocol": "http/1.1",
    "aws.elb.alpn_client_preference_list": ["h2", "http/1.1"],
    "aws.elb.alpn_fe_protocol": "h2",
    "aws.elb.backend.ip": "10.0.0.1",
    "aws.elb.backend.port": "443",
    "aws.elb.chosen_cert.arn": (
        "arn:aws:acm:eu-west-1:123456789012:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99"
    ),
    "aws.elb.connection_time.ms": 5,
    "aws.elb.listener": "g3d4b5e8bb8464cd",
    "aws.elb.log_version": "2.0",
    "aws.elb.name": "net/shop/c6e77e28c25b2234",
    "aws.elb.protocol": "tcp",
    "aws.elb.ssl_cipher": "ECDHE-RSA-AES128-SHA",
    "aws.elb.ssl_protocol": "tlsv12",
    "aws.elb.tls_connection_creation_time": "2026-08-01T23:39:38Z",
    "aws.elb.tls_handshake_time.ms": 2,
    "aws.elb.tls_keyexchange": "x25519",
    "aws.elb.type": "tls",
    "destination.bytes": 246,
    "destination.domain": "shop.example.com",
    "event.category": ["network"],
    "event.duration": 5000000,
    "event.end": "2026-08-01T23:39:43Z",
    "event.start": "2026-08-01T23:39:38Z",
    "event.type": ["connection"],
    "source.address": "192.0.2.1",
    "source.bytes": 98,
    "source.ip": "192.0.2.1",
    "source.port": 51341,
    "tls.cipher": "ECDHE-RSA-AES128-SHA",
    "tls.client.server_name": "shop.example.com",
    "tls.curve": "x25519",
    "tls.next_protocol": "h2",
    "tls.version": "1.2",
    "tls.version_protocol": "tls",
}

OF_KIND: Mapping[Kind, Mapping[str, Any]] = {
    Kind.CLASSIC: CLASSIC,
    Kind.ALB: ALB_ACCESS,
    Kind.ALB_CONNECTION: CONNECTION,
    Kind.ALB_HEALTH_CHECK: HEALTH_CHECK,
    Kind.NLB: NLB,
}


def common(kind: Kind, offset: int = 0) -> dict[str, Any]:
    return {
        "@metadata._id": f"{origin(kind).id}-{offset}",
        "aws.elb.log_kind": kind.value,
        "aws.s3.bucket.name": "logs",
        "aws.s3.object.key": KEYS[kind],
        "cloud.account.id": "123456789012",
        "cloud.provider": "aws",
        "cloud.region": "eu-west-1",
        "ecs.version": "8.11.0",
        "event.dataset": "aws.elb_logs",
        "event.kind": "event",
        "event.module": "aws",
        "labels.component": "edge",
        "labels.source_module_name": "elb",
        "labels.type": "access",
        "log.file.path": f"s3://logs/{KEYS[kind]}",
        "log.offset": offset,
        "service.environment": "test",
        "service.name": "shop",
    }


def origin(kind: Kind) -> Origin:
    return Origin("logs", KEYS[kind], "v1")


def written(kind: Kind, *lines: str) -> str:
    parsed = parse(Block(0, "\n".join([*lines, ""]).encode()), kind)
    assert not parsed.rejections
    return ecs(STATIC)(parsed.tables, origin(kind))


def event(kind: Kind, **fields: str) -> dict[str, Any]:
    """Return the fields of the event of a kind's usual line, some of its columns replaced."""
    return flat(json.loads(written(kind, line(kind, **fields))))


def flat(value: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return nested objects as one, with dots in its keys; an empty object stays."""
    fields: dict[str, Any] = {}
    for name, inner in value.items():
        assert "." not in name
        within = isinstance(inner, dict) and inner
        fields |= flat(inner, f"{above}{name}.") if within else {f"{above}{name}": inner}
    return fields


def changed(kind: Kind, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the usual event with some fields set, and those left out that are None."""
    expected = {**common(kind), **OF_KIND[kind], **fields}
    return {name: value for name, value in expected.items() if value is not None}


class TestContract:
    """The fields of whole events."""

    @each_kind
    def test_a_line_of_all_columns_becomes_the_documented_event(self, kind: Kind) -> None:
        """Names, types and values of fields are a contract."""
        assert event(kind) == changed(kind, {})

    @each_kind
    def test_equal_lines_become_the_same_event_side_by_side(self, kind: Kind) -> None:
        """But for the offset, and whatever other lines stand among them."""
        usual, other = line(kind), line(kind).replace("192.0.2.", "198.51.100.")
        lines = written(kind, *[usual, other] * MANY).splitlines()
        offsets = range(0, MANY * (len(usual) + len(other) + 2), len(usual) + len(other) + 2)
        expected = [{**common(kind, offset), **OF_KIND[kind]} for offset in offsets]
        assert [flat(json.loads(text)) for text in lines[::2]] == expected

    @pytest.mark.parametrize(
        ("kind", "width"),
        [(kind, width) for kind, format_ in FORMATS.items() for width in format_.widths],
    )
    def test_what_an_old_line_lacks_is_left_out(self, kind: Kind, width: int) -> None:
        """An old line is a new one with `-` at its end."""
        names = [name.replace(":", "_") for name in FORMATS[kind].names]
        short = " ".join(FIELDS[kind][:width])
        full = line(kind, **dict.fromkeys(names[width:], ABSENT))
        assert written(kind, short) == written(kind, full)

    @each_kind
    def test_a_line_without_any_value_gives_an_event_without_empty_objects(
        self, kind: Kind
    ) -> None:
        """Only its time is there, and what its object tells."""
        absent = [
            FIELDS[kind][place] if column.type is EVENT_TIME else ABSENT
            for place, column in enumerate(FORMATS[kind].columns)
        ]
        found = flat(json.loads(written(kind, " ".join(absent))))
        assert {} not in found.values()
        assert not {"-", -1, "", None} & {value for value in found.values() if value.__hash__}
        assert not [field for field in found if field.startswith(("url.", "tls.", "source."))]

    def test_events_are_compact_lines(self) -> None:
        """One line each, not only ASCII, without spaces that mean nothing."""
        text = written(Kind.ALB, line(Kind.ALB, user_agent='"\u00e9 \u2028\u0085\r\t\x00"'))
        assert text.count("\n") == 1
        assert text.endswith("}\n")
        again = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
        assert text == again + "\n"

    @each_kind
    def test_fields_beyond_the_known_ones_are_a_list(self, kind: Kind) -> None:
        """Nothing of a line is lost before somebody has given it a name."""
        found = flat(json.loads(written(kind, line(kind) + " - a\u2028b")))
        assert found == changed(kind, {"aws.elb.extra_fields": ["-", "a\u2028b"]})

    def test_a_file_on_disk_has_a_path_alone(self) -> None:
        """There is no bucket, and a name may hold bytes that are no UTF-8."""
        tables = parse(Block(0, line(Kind.NLB).encode()), Kind.NLB).tables
        text = ecs({"Type": "\udcff"})(tables, Origin("", "/var/log/\udcff.log", ""))
        found = flat(json.loads(text.encode()))
        names = [name for name in found if name.startswith(("aws.s3", "log.file", "cloud"))]
        assert {name: found[name] for name in names} == {
            "aws.s3.object.key": "/var/log/\\udcff.log",
            "log.file.path": "/var/log/\\udcff.log",
            "cloud.provider": "aws",
        }

    def test_any_static_key_has_a_place(self) -> None:
        """What ECS has no field for is a label."""
        tables = parse(Block(0, line(Kind.NLB).encode()), Kind.NLB).tables
        found = json.loads(ecs({"Component": "a", "CostCentre": '"7"'})(tables, origin(Kind.NLB)))
        assert found["labels"] == {"component": "a", "cost_centre": '"7"'}

    def test_the_order_is_that_of_the_log(self) -> None:
        """Lines that are taken apart in another way do not fall out of it."""
        usual, odd = line(Kind.ALB), line(Kind.ALB, user_agent='"\u00e9 \\" x"')
        found = [
            json.loads(text) for text in written(Kind.ALB, *[usual, odd] * MANY).split("\n")[:-1]
        ]
        offsets = [each["log"]["offset"] for each in found]
        assert len(offsets) == 2 * MANY
        assert offsets == sorted(offsets)

    def test_it_is_found_by_its_name(self) -> None:
        """A setting names the schema."""
        tables = parse(Block(0, line(Kind.ALB).encode()), Kind.ALB).tables
        expected = written(Kind.ALB, line(Kind.ALB))
        assert writer(Schema("ecs"), STATIC)(tables, origin(Kind.ALB)) == expected

    def test_no_lines_are_no_events(self) -> None:
        """A filter may leave nothing of a table."""
        tables = parse(Block(0, line(Kind.ALB).encode()), Kind.ALB).tables
        assert ecs(STATIC)([tables[0].kept([False])], origin(Kind.ALB)) == ""


HTTP_URL = {"url.scheme": "http", "url.domain": "host", "url.port": 80}
NO_URL = dict.fromkeys(
    ("original", "scheme", "domain", "port", "path", "query", "fragment", "extension")
)
NO_REQUEST = {
    **{f"url.{name}": None for name in NO_URL},
    "http.request.method": None,
    "http.version": None,
}
NO_CLIENT = {"source.ip": None, "source.port": None}
NO_TARGET = {"aws.elb.backend.ip": None, "aws.elb.backend.port": None}
ODD: list[tuple[Kind, dict[str, str], dict[str, Any]]] = [
    # Who asked.
    (
        Kind.ALB,
        {"client_port": "[2001:db8::1]:443"},
        {"source.address": "2001:db8::1", "source.ip": "2001:db8::1", "source.port": 443},
    ),
    (Kind.ALB, {"client_port": "host:443"}, {"source.address": "host:443", **NO_CLIENT}),
    (
        Kind.ALB,
        {"client_port": "fe80::1%eth0:1"},
        {"source.address": "fe80::1%eth0:1", **NO_CLIENT},
    ),
    (Kind.ALB, {"client_port": "192.0.2.1:"}, {"source.address": "192.0.2.1:", **NO_CLIENT}),
    (
        Kind.ALB,
        {"client_port": "192.0.2.1:65536"},
        {"source.address": "192.0.2.1:65536", **NO_CLIENT},
    ),
    (
        Kind.NLB,
        {"client_port": "192.0.2.9"},
        {"source.address": "192.0.2.9", "source.ip": "192.0.2.9", "source.port": None},
    ),
    (
        Kind.ALB_CONNECTION,
        {"client_ip": "host", "client_port": "x", "listener_port": "y"},
        {
            "source.address": "host",
            "source.ip": None,
            "client.ip": None,
            "source.port": None,
            "client.port": None,
            "aws.elb.raw.client_port": "x",
            "aws.elb.listener": "y",
            "destination.port": None,
            "aws.elb.raw.listener_port": "y",
        },
    ),
    # Who answered.
    (Kind.ALB, {"target_port": "-"}, NO_TARGET),
    (Kind.ALB, {"target_port": "host:80"}, {**NO_TARGET, "aws.elb.raw.target_port": "host:80"}),
    (
        Kind.ALB_HEALTH_CHECK,
        {"target_addr": "arn:aws:lambda:eu-west-1:123456789012:function:shop"},
        {
            **NO_TARGET,
            "aws.elb.backend.arn": "arn:aws:lambda:eu-west-1:123456789012:function:shop",
        },
    ),
    # Statuses.
    (
        Kind.ALB,
        {"elb_status_code": "460", "target_status_code": "-"},
        {
            "http.response.status_code": 460,
            "event.outcome": "failure",
            "aws.elb.backend.http.response.status_code": None,
        },
    ),
    (Kind.ALB, {"elb_status_code": "101"}, {"http.response.status_code": 101}),
    (
        Kind.CLASSIC,
        {"backend_status_code": "0"},
        {"aws.elb.backend.http.response.status_code": 0},
    ),
    (
        Kind.ALB,
        {"elb_status_code": "2xx", "target_status_code": "\u0662\u0660\u0660"},
        {
            "http.response.status_code": None,
            "event.outcome": None,
            "aws.elb.backend.http.response.status_code": None,
            "aws.elb.raw.elb_status_code": "2xx",
            "aws.elb.raw.target_status_code": "\u0662\u0660\u0660",
        },
    ),
    # Requests.
    (
        Kind.ALB,
        {"request": '"- http://host:80- -"'},
        {**NO_REQUEST, **HTTP_URL, "url.original": "http://host:80-"},
    ),
    (
        Kind.ALB,
        {"request": '"- http://host:80-/ "'},
        {**NO_REQUEST, **HTTP_URL, "url.original": "http://host:80-/", "url.path": "/"},
    ),
    (Kind.ALB, {"request": '"- - - "'}, NO_REQUEST),
    (Kind.ALB, {"request": '""'}, NO_REQUEST),
    (
        Kind.ALB,
        {"request": '"BREW-IT http://host:80/a b.html?q=c d#e HTTP/1.0 "'},
        {
            **HTTP_URL,
            "http.request.method": "BREW-IT",
            "http.version": "1.0",
            "url.original": "http://host:80/a b.html?q=c d#e",
            "url.path": "/a b.html",
            "url.query": "q=c d",
            "url.fragment": "e",
            "url.extension": "html",
        },
    ),
    (
        Kind.ALB,
        {"request": '"GET http://[::1:x/%%32%65 HTTP/1.1"'},
        {
            **NO_REQUEST,
            "http.request.method": "GET",
            "http.version": "1.1",
            "url.original": "http://[::1:x/%%32%65",
            "url.scheme": "http",
            "url.domain": "[::1:x",
            "url.path": "/%%32%65",
        },
    ),
    # A listener that speaks TCP.
    (
        Kind.CLASSIC,
        {
            "elb_status_code": "-",
            "backend_status_code": "-",
            "request": '"- - - "',
            "user_agent": '"-"',
        },
        {
            **NO_REQUEST,
            "http.response.status_code": None,
            "http.request.body.bytes": None,
            "http.response.body.bytes": None,
            "aws.elb.backend.http.response.status_code": None,
            "user_agent.original": None,
            "source.bytes": 5,
            "destination.bytes": 29,
            "aws.elb.protocol": "tcp",
            "event.category": ["network"],
            "event.type": ["connection"],
            "event.outcome": None,
        },
    ),
    # Numbers.
    (
        Kind.CLASSIC,
        {"received_bytes": "-1", "sent_bytes": "007", "backend_processing_time": "-1"},
        {
            "http.request.body.bytes": None,
            "http.response.body.bytes": 7,
            "aws.elb.backend_processing_time.sec": None,
            "event.duration": None,
            "event.end": None,
        },
    ),
    (
        Kind.CLASSIC,
        {
            "request_processing_time": "0.1",
            "backend_processing_time": "0.2",
            "response_processing_time": "123456789.000000001",
        },
        {
            "aws.elb.request_processing_time.sec": 0.1,
            "aws.elb.backend_processing_time.sec": 0.2,
            "aws.elb.response_processing_time.sec": 123456789.000000001,
            "event.duration": 123456789300000001,
            "event.end": "2018-01-14T21:12:53.245958001Z",
        },
    ),
    (
        Kind.ALB_HEALTH_CHECK,
        {"latency": "-", "status": "MAYBE", "status_code": "-", "reason_code": "-"},
        {
            "aws.elb.health_check.latency.sec": None,
            "event.duration": None,
            "event.end": None,
            "aws.elb.health_check.status": "MAYBE",
            "event.outcome": None,
            "aws.elb.backend.http.response.status_code": None,
            "aws.elb.health_check.reason_code": None,
        },
    ),
    (
        Kind.NLB,
        {"connection_time": "5.25", "tls_handshake_time": "-"},
        {
            "aws.elb.connection_time.ms": None,
            "aws.elb.raw.connection_time": "5.25",
            "event.duration": 5250000,
            "aws.elb.tls_handshake_time.ms": None,
        },
    ),
    # Times.
    (
        Kind.NLB,
        {"time": "2026-08-01T23:39:43+02:00", "tls_connection_creation_time": "-"},
        {
            "@timestamp": "2026-08-01T21:39:43Z",
            "event.end": "2026-08-01T21:39:43Z",
            "event.start": None,
            "aws.elb.tls_connection_creation_time": None,
        },
    ),
    (
        Kind.ALB,
        {"time": "2026-02-30T00:00:00Z"},
        {
            "@timestamp": None,
            "event.end": None,
            "event.duration": None,
            "aws.elb.raw.time": "2026-02-30T00:00:00Z",
        },
    ),
    (
        Kind.ALB,
        {"request_creation_time": "2026-08-01T23:39:44Z"},
        {"event.start": "2026-08-01T23:39:44Z", "event.duration": None},
    ),
    # TLS.
    (
        Kind.ALB,
        {"ssl_protocol": "-", "ssl_cipher": "-", "domain_name": '"-"', "chosen_cert_arn": '"-"'},
        {
            "aws.elb.ssl_protocol": None,
            "aws.elb.ssl_cipher": None,
            "aws.elb.chosen_cert.arn": None,
            "destination.domain": None,
            "tls.version": None,
            "tls.version_protocol": None,
            "tls.cipher": None,
            "tls.resumed": None,
            "tls.client.server_name": None,
        },
    ),
    (
        Kind.ALB_CONNECTION,
        {"tls_verify_status": "Success", "leaf_client_cert_serial_number": "0a:1b"},
        {
            "aws.elb.tls_verify_status": "Success",
            "aws.elb.tls_error_code": None,
            "event.outcome": "success",
            "tls.established": True,
            "aws.elb.leaf_client_cert_serial_number": "0a:1b",
            "tls.client.x509.serial_number": "0A1B",
        },
    ),
    (
        Kind.ALB_CONNECTION,
        {"leaf_client_cert_validity": "NotBefore=2026-01-01T00:00:00Z;NotAfter=never"},
        {
            "aws.elb.leaf_client_cert_not_before": None,
            "aws.elb.leaf_client_cert_not_after": None,
            "tls.client.not_before": None,
            "tls.client.not_after": None,
            "tls.client.x509.not_before": None,
            "tls.client.x509.not_after": None,
            "aws.elb.raw.leaf_client_cert_validity": (
                "NotBefore=2026-01-01T00:00:00Z;NotAfter=never"
            ),
        },
    ),
    # What the object's key tells where the line does not.
    (Kind.ALB, {"ip_address": "-"}, {}),
    (Kind.ALB, {"ip_address": "2001:db8::7"}, {"aws.elb.node.ip": "2001:db8::7"}),
    (
        Kind.ALB,
        {"ip_address": "node-7"},
        {"aws.elb.node.ip": None, "aws.elb.raw.ip_address": "node-7"},
    ),
    (Kind.ALB_CONNECTION, {"elb": "-"}, {}),
    (Kind.ALB, {"matched_rule_priority": "0"}, {"aws.elb.matched_rule_priority": "0"}),
]


class TestOddValues:
    """Values that are rare, but seen."""

    @pytest.mark.parametrize(
        ("kind", "fields", "expected"), ODD, ids=[f"{kind.value} {some}" for kind, some, _ in ODD]
    )
    def test_an_odd_value_changes_its_own_fields_alone(
        self, kind: Kind, fields: dict[str, str], expected: dict[str, Any]
    ) -> None:
        """What its field's type refuses is kept as text."""
        assert event(kind, **fields) == changed(kind, expected)


NEW = Format(
    Kind.ALB,
    (
        *ALB.columns,
        Column("tls:Key size", "a text"),
        Column("retries", "a number", COUNT),
        Column("queue_time", "a duration", SECONDS),
        Column("idle_time", "a duration", MILLISECONDS),
        Column("retry_time", "a time", TIME),
        # The name of an object, and that of a field that has another meaning.
        Column("backend", "a text"),
        Column("protocol", "a text"),
    ),
    widths=(*ALB.widths, len(ALB.columns) + 7),
)


class TestNewColumns:
    """A column needs a row in `formats`, and nothing else."""

    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            (
                ("a b", "7", "3", "0.5", "2026-08-01T23:39:43", "b", "quic"),
                {
                    "aws.elb.tls_key_size": "a b",
                    "aws.elb.retries": 7,
                    "aws.elb.queue_time": 3.0,
                    "aws.elb.idle_time": 0.5,
                    "aws.elb.retry_time": "2026-08-01T23:39:43Z",
                    "aws.elb.raw.backend": "b",
                    "aws.elb.raw.protocol": "quic",
                },
            ),
            ((ABSENT,) * 7, {}),
        ],
    )
    def test_a_column_without_a_rule_has_its_own_name(
        self, texts: tuple[str, ...], expected: dict[str, Any]
    ) -> None:
        """Under `aws.elb`, of its type; where that name is taken, among the raw texts."""
        (table,) = parse(Block(0, line(Kind.ALB).encode()), Kind.ALB).tables
        columns = [*table.raw().columns, *([text] for text in texts)]
        new = Table(NEW, table.offsets, columns, table.extra, plain=False)
        found = flat(json.loads(ecs(STATIC)([new], origin(Kind.ALB))))
        assert found == changed(Kind.ALB, expected)
        assert isinstance(found.get("aws.elb.queue_time", 0.0), float)

    @each_kind
    def test_a_rule_whose_column_is_missing_does_not_apply(self, kind: Kind) -> None:
        """Formats and rules change at different times."""
        few = replace(FORMATS[kind], columns=FORMATS[kind].columns[:3])
        names = {*few.names, "elb", "ip_address"}
        assert all(names.issuperset(rule.columns) for rule in rules_of(few))

    @each_kind
    def test_no_field_is_written_twice(self, kind: Kind) -> None:
        """Two values under one name are no JSON that readers agree on."""
        fields = [field for rule in rules_of(FORMATS[kind]) for field in rule.fields]
        fields += constants_of(kind)
        assert sorted(fields) == sorted(set(fields))

    def test_no_field_is_an_object_elsewhere(self) -> None:
        """Elasticsearch has one mapping for all kinds."""
        fields = {f for each in FORMATS.values() for rule in rules_of(each) for f in rule.fields}
        assert not [one for one in fields for other in fields if other.startswith(f"{one}.")]


def mixed_lines() -> st.SearchStrategy[tuple[Kind, list[bytes]]]:
    return st.sampled_from(list(FORMATS)).flatmap(
        lambda kind: st.tuples(st.just(kind), many_lines(kind))
    )


def parsed_tables(kind: Kind, data: bytes) -> Iterator[tuple[Table, ...]]:
    for block in blocks([data]):
        assert not isinstance(block, LongLine)
        yield tuple(parse(block, kind).tables)


texts = st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"]))
odd = texts | st.sampled_from(
    [
        "-",
        "-1",
        "GET http://[ HTTP/1.1",
        "GET http://h:99999999999999999999/ -",
        "[::]:1",
        "NotBefore=;NotAfter=",
        "NotBefore=2026-01-01T00:00:00+99:99;NotAfter=-",
        "TLSv",
        "v",
        "arn:",
        "\ud7ff\ufffe\x7f\\\"'",
    ]
)


class TestAnyLine:
    """What holds for all lines."""

    @given(st.data())
    def test_any_text_in_any_column_gives_json_with_the_same_id(self, data: st.DataObject) -> None:
        """Nothing raises, and nothing ends a line but its newline."""
        kind = data.draw(st.sampled_from(list(FORMATS)))
        columns = [
            [data.draw(odd), FIELDS[kind][place].strip('"')]
            if column.type is TEXT
            else [FIELDS[kind][place]] * 2
            for place, column in enumerate(FORMATS[kind].columns)
        ]
        table = Table(FORMATS[kind], [7, 9], columns, [(), (data.draw(odd),)], plain=False)
        text = ecs(STATIC)([table], origin(kind))
        assert text.endswith("\n")
        found = [json.loads(each) for each in text.encode().split(b"\n")[:-1]]
        ids = [each["@metadata"]["_id"] for each in found]
        assert ids == [f"{origin(kind).id}-{offset}" for offset in (7, 9)]

    @given(mixed_lines())
    def test_both_schemas_write_the_same_events(self, case: tuple[Kind, list[bytes]]) -> None:
        """As many, with the same ids, in the same order."""
        kind, lines = case
        for tables in parsed_tables(kind, b"\n".join([*lines, b""])):
            both = (
                [make(STATIC)(tables, origin(kind)) for make in (ecs, original)] if tables else []
            )
            ids = [
                [json.loads(each)["@metadata"] for each in text.split("\n")[:-1]] for text in both
            ]
            assert not ids or ids[0] == ids[1]

    @given(mixed_lines())
    def test_a_field_has_one_type_in_all_events(self, case: tuple[Kind, list[bytes]]) -> None:
        """Elasticsearch refuses an event that has a text where others have a number."""
        types = usual_types()
        kind, lines = case
        for tables in parsed_tables(kind, b"\n".join([*lines, b""])):
            for text in ecs(STATIC)(tables, origin(kind)).split("\n")[:-1]:
                for field, value in flat(json.loads(text)).items():
                    assert types.setdefault(field, type(value)) is type(value), field

    def test_kinds_agree_on_the_types_of_fields(self) -> None:
        """All kinds go to one index."""
        types = usual_types()
        for kind, fields in OF_KIND.items():
            assert {name: type(value) for name, value in fields.items()}.items() <= types.items()
            assert kind in FORMATS


def usual_types() -> dict[str, type]:
    """Return the type of each field of the documented events."""
    return {
        name: type(value)
        for kind, fields in OF_KIND.items()
        for name, value in {**common(kind), **fields}.items()
    }
