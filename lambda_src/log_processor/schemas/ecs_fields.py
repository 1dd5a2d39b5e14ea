"""The schema `ecs` as data: for each kind of log, which fields come from which columns.

The names are those of Elastic's own integration, `aws.elb_logs`, as far as it knows a column, and
those of ECS; what neither knows stands under `aws.elb`. Where we do not follow the integration:
what is absent is left out, be it `-` in a text or -1 in a number; `url.original` is there whatever
the URL holds; the version of TLSv1 is 1.0 and not `1.`; an NLB client's preferences are a list; and
`event.end` is the end for classic logs and health checks too, whose own time is the beginning.

https://www.elastic.co/docs/reference/ecs/ecs-field-reference
https://github.com/elastic/integrations/tree/main/packages/aws/data_stream/elb_logs
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..formats import ABSENT, TIME, Format
from ..kinds import Kind
from ..requests import split_request
from . import ecs_values as values
from .ecs_rules import (
    MAYBE_MINUS_ONE,
    Rule,
    Value,
    Values,
    address,
    checked,
    decimal,
    number,
    port,
    raw,
    text,
    texts,
    time,
    unnamed,
)

KEY_COLUMNS = ("elb", "ip_address")
"""What an object's key tells too, for lines that lack the column."""


def rules_of(format_: Format) -> list[Rule]:
    """Return the rules of a format: those of its kind, and one for each column without any.

    Where the field of such a column is another field already, or an object, it is a raw text.
    """
    columns = {*format_.names, *KEY_COLUMNS}
    rules = [rule for rule in RULES.get(format_.kind, ()) if columns.issuperset(rule.columns)]
    named = {column for rule in rules for column in rule.columns}
    taken = [*constants_of(format_.kind), *(field for rule in rules for field in rule.fields)]
    for column in format_.columns:
        if column.name not in named:
            rule = unnamed(column)
            begin = f"{rule.fields[0]}."
            is_taken = any(f"{field}.".startswith(begin) for field in taken)
            rules.append(text(column.name, raw(column.name)) if is_taken else rule)
    return rules


def constants_of(kind: Kind) -> Mapping[str, Value]:
    """Return the fields that all events of a kind have in common."""
    return {
        "ecs.version": "8.11.0",
        "event.kind": "event",
        "event.module": "aws",
        "event.dataset": "aws.elb_logs",
        "aws.elb.log_kind": kind.value,
        "cloud.provider": "aws",
        **_CONSTANTS.get(kind, {}),
    }


def _status(code: str) -> Values | None:
    """Return a status, and what it means for the client."""
    status = values.whole_number(code)
    return None if status is None else (status, "success" if status < 400 else "failure")


def _client(client: str) -> Values:
    """Return address, IP address and port; what is no IP address may still be an address."""
    found = values.endpoint(client)
    if found is None:
        return client, None, None
    return found.ip, found.ip, None if found.port is None else int(found.port)


def _client_ip(ip: str) -> Values:
    """Return the address, and the IP address twice."""
    found = ip if values.is_address(ip) else None
    return ip, found, found


def _target(target: str) -> Values | None:
    """Return the ARN of a Lambda function, or IP address and port."""
    if target.startswith("arn:"):
        return target, None, None
    found = values.endpoint(target)
    return None if found is None else (None, *found)


def _request(request: str) -> Values:
    """Return method, version, URL and its parts."""
    method, url, protocol = split_request(request)
    version = None if protocol is None else protocol.rpartition("/")[2]
    return method, version, url, *values.url(url or "")


def _protocol(protocol: str) -> Values:
    """Return the load balancer's name of a TLS protocol, and what it says."""
    return protocol, *(values.tls(protocol) or (None, None))


def _certificate(arn: str) -> Values:
    """Return what stands for the certificate, and whether that says that a session was resumed."""
    return arn, True if arn == "session-reused" else None


def _handshake(status: str) -> Values:
    """Return status, error code, outcome, and whether there is a connection."""
    word, _, code = status.partition(":")
    outcomes = {"Success": ("success", True), "Failed": ("failure", False)}
    return word, code or None, *outcomes.get(word, (None, None))


def _validity(validity: str) -> Values | None:
    """Return three times when a certificate's time begins, and three times when it ends."""
    begin, _, end = validity.partition(";")
    times = begin.removeprefix("NotBefore="), end.removeprefix("NotAfter=")
    begins, ends = (values.utc(each) if TIME.fits(each) else None for each in times)
    return None if begins is None or ends is None else (*(begins,) * 3, *(ends,) * 3)


def _serial_number(number: str) -> Values:
    """Return a certificate's number as written, and as ECS wants it."""
    return number, number.replace(":", "").upper()


def _check(status: str) -> Values:
    """Return the status of a health check, and its outcome."""
    return status, {"PASS": "success", "FAIL": "failure"}.get(status)


def _between(begin: str, end: str) -> Values:
    """Return the nanoseconds between two times."""
    begins, ends = values.instant(begin), values.instant(end)
    return (None if begins is None or ends is None or ends < begins else ends - begins,)


def _elapsed(begin: str, *seconds: str) -> Values:
    """Return the sum of durations in nanoseconds, and when they were over."""
    known = [
        each
        for each in (values.scaled(text, values.NANOSECONDS) for text in seconds)
        if each is not None
    ]
    if len(known) < len(seconds):
        return None, None
    begins, total = values.instant(begin), sum(known)
    return total, None if begins is None else values.written(begins + total)


def _nanoseconds(milliseconds: str) -> Values:
    return (values.scaled(milliseconds, 6),)


def _traffic(status: str, target_status: str, request: str, received: str, sent: str) -> Values:
    """Return what depends on whether a classic listener speaks HTTP or TCP."""
    counts = values.whole_number(received), values.whole_number(sent)
    if status == target_status == ABSENT and not request.strip(" -"):
        return "tcp", ["network"], ["connection"], None, None, *counts
    return "http", ["web"], ["access"], *counts, None, None


_CLIENT_FIELDS = ("source.address", "source.ip", "source.port")
_TARGET_FIELDS = ("aws.elb.backend.arn", "aws.elb.backend.ip", "aws.elb.backend.port")
_STATUS_FIELDS = ("http.response.status_code", "event.outcome")
_REQUEST_FIELDS = (
    "http.request.method",
    "http.version",
    "url.original",
    "url.scheme",
    "url.domain",
    "url.port",
    "url.path",
    "url.query",
    "url.fragment",
    "url.extension",
)
_PROTOCOL_FIELDS = ("aws.elb.ssl_protocol", "tls.version", "tls.version_protocol")
_CIPHER_FIELDS = ("aws.elb.ssl_cipher", "tls.cipher")
_CERTIFICATE_FIELDS = ("aws.elb.chosen_cert.arn", "tls.resumed")
_SERVER_FIELDS = ("destination.domain", "tls.client.server_name")
_KEYEXCHANGE_FIELDS = ("aws.elb.tls_keyexchange", "tls.curve")
_TARGET_STATUS_FIELD = "aws.elb.backend.http.response.status_code"

RULES: Mapping[Kind, Sequence[Rule]] = {
    Kind.CLASSIC: (
        time("timestamp", "@timestamp", "event.start"),
        text("elb", "aws.elb.name"),
        Rule(("client:port",), _CLIENT_FIELDS, _client),
        checked("backend:port", _TARGET_FIELDS, _target),
        decimal("request_processing_time", "aws.elb.request_processing_time.sec"),
        decimal("backend_processing_time", "aws.elb.backend_processing_time.sec"),
        decimal("response_processing_time", "aws.elb.response_processing_time.sec"),
        Rule(
            (
                "timestamp",
                "request_processing_time",
                "backend_processing_time",
                "response_processing_time",
            ),
            ("event.duration", "event.end"),
            _elapsed,
        ),
        checked("elb_status_code", _STATUS_FIELDS, _status),
        number("backend_status_code", _TARGET_STATUS_FIELD),
        Rule(
            ("elb_status_code", "backend_status_code", "request", "received_bytes", "sent_bytes"),
            (
                "aws.elb.protocol",
                "event.category",
                "event.type",
                "http.request.body.bytes",
                "http.response.body.bytes",
                "source.bytes",
                "destination.bytes",
            ),
            _traffic,
        ),
        Rule(("request",), _REQUEST_FIELDS, _request),
        text("user_agent", "user_agent.original"),
        text("ssl_cipher", *_CIPHER_FIELDS),
        Rule(("ssl_protocol",), _PROTOCOL_FIELDS, _protocol),
        address("ip_address", "aws.elb.node.ip"),
    ),
    Kind.ALB: (
        text("type", "aws.elb.type"),
        time("time", "@timestamp", "event.end"),
        text("elb", "aws.elb.name"),
        Rule(("client:port",), _CLIENT_FIELDS, _client),
        checked("target:port", _TARGET_FIELDS, _target),
        decimal("request_processing_time", "aws.elb.request_processing_time.sec"),
        decimal("target_processing_time", "aws.elb.backend_processing_time.sec"),
        decimal("response_processing_time", "aws.elb.response_processing_time.sec"),
        checked("elb_status_code", _STATUS_FIELDS, _status),
        number("target_status_code", _TARGET_STATUS_FIELD),
        number("received_bytes", "http.request.body.bytes"),
        number("sent_bytes", "http.response.body.bytes"),
        Rule(("request",), _REQUEST_FIELDS, _request),
        text("user_agent", "user_agent.original"),
        text("ssl_cipher", *_CIPHER_FIELDS),
        Rule(("ssl_protocol",), _PROTOCOL_FIELDS, _protocol),
        text("target_group_arn", "aws.elb.target_group.arn"),
        text("trace_id", "aws.elb.trace_id", "trace.id"),
        text("domain_name", *_SERVER_FIELDS),
        Rule(("chosen_cert_arn",), _CERTIFICATE_FIELDS, _certificate),
        text("matched_rule_priority", "aws.elb.matched_rule_priority", absent=MAYBE_MINUS_ONE),
        time("request_creation_time", "event.start"),
        Rule(("request_creation_time", "time"), ("event.duration",), _between),
        texts("actions_executed", "aws.elb.action_executed", ","),
        text("redirect_url", "aws.elb.redirect_url"),
        text("error_reason", "aws.elb.error.reason"),
        texts("target:port_list", "aws.elb.target_port", " "),
        texts("target_status_code_list", "aws.elb.target_status_code", " "),
        # What follows has the names that a column without a rule gets.
        address("ip_address", "aws.elb.node.ip"),
    ),
    Kind.ALB_CONNECTION: (
        time("timestamp", "@timestamp", "event.end"),
        Rule(("client_ip",), ("source.address", "source.ip", "client.ip"), _client_ip),
        port("client_port", "source.port", "client.port"),
        text("listener_port", "aws.elb.listener"),
        port("listener_port", "destination.port"),
        Rule(("tls_protocol",), _PROTOCOL_FIELDS, _protocol),
        text("tls_cipher", *_CIPHER_FIELDS),
        decimal("tls_handshake_latency", "aws.elb.tls_handshake_latency"),
        text(
            "leaf_client_cert_subject",
            "aws.elb.leaf_client_cert_subject",
            "tls.client.subject",
            "tls.client.x509.subject.distinguished_name",
        ),
        checked(
            "leaf_client_cert_validity",
            (
                "aws.elb.leaf_client_cert_not_before",
                "tls.client.not_before",
                "tls.client.x509.not_before",
                "aws.elb.leaf_client_cert_not_after",
                "tls.client.not_after",
                "tls.client.x509.not_after",
            ),
            _validity,
        ),
        Rule(
            ("leaf_client_cert_serial_number",),
            ("aws.elb.leaf_client_cert_serial_number", "tls.client.x509.serial_number"),
            _serial_number,
        ),
        Rule(
            ("tls_verify_status",),
            (
                "aws.elb.tls_verify_status",
                "aws.elb.tls_error_code",
                "event.outcome",
                "tls.established",
            ),
            _handshake,
        ),
        text("tls_keyexchange", *_KEYEXCHANGE_FIELDS),
        text("elb", "aws.elb.name"),
        address("ip_address", "aws.elb.node.ip"),
    ),
    Kind.ALB_HEALTH_CHECK: (
        text("type", "aws.elb.type"),
        time("time", "@timestamp", "event.start"),
        decimal("latency", "aws.elb.health_check.latency.sec"),
        Rule(("time", "latency"), ("event.duration", "event.end"), _elapsed),
        checked("target_addr", _TARGET_FIELDS, _target),
        text("target_group_id", "aws.elb.target_group.name"),
        Rule(("status",), ("aws.elb.health_check.status", "event.outcome"), _check),
        # Not http.response: that is what a client gets.
        number("status_code", _TARGET_STATUS_FIELD),
        text("reason_code", "aws.elb.health_check.reason_code"),
        text("elb", "aws.elb.name"),
        address("ip_address", "aws.elb.node.ip"),
    ),
    Kind.NLB: (
        text("type", "aws.elb.type"),
        text("version", "aws.elb.log_version"),
        time("time", "@timestamp", "event.end"),
        text("elb", "aws.elb.name"),
        text("listener", "aws.elb.listener"),
        Rule(("client:port",), _CLIENT_FIELDS, _client),
        checked("destination:port", _TARGET_FIELDS, _target),
        number("connection_time", "aws.elb.connection_time.ms"),
        Rule(("connection_time",), ("event.duration",), _nanoseconds),
        number("tls_handshake_time", "aws.elb.tls_handshake_time.ms"),
        number("received_bytes", "source.bytes"),
        number("sent_bytes", "destination.bytes"),
        text("incoming_tls_alert", "aws.elb.incoming_tls_alert"),
        Rule(("chosen_cert_arn",), _CERTIFICATE_FIELDS, _certificate),
        text("chosen_cert_serial", "aws.elb.chosen_cert.serial"),
        text("tls_cipher", *_CIPHER_FIELDS),
        Rule(("tls_protocol_version",), _PROTOCOL_FIELDS, _protocol),
        text("tls_keyexchange", *_KEYEXCHANGE_FIELDS),
        text("domain_name", *_SERVER_FIELDS),
        text("alpn_fe_protocol", "aws.elb.alpn_fe_protocol", "tls.next_protocol"),
        text("alpn_be_protocol", "aws.elb.alpn_be_protocol"),
        texts("alpn_client_preference_list", "aws.elb.alpn_client_preference_list", ","),
        time("tls_connection_creation_time", "aws.elb.tls_connection_creation_time", "event.start"),
    ),
}

_CONNECTION: Mapping[str, Value] = {
    "aws.elb.protocol": "tcp",
    "event.category": ["network"],
    "event.type": ["connection"],
}
_CONSTANTS: Mapping[Kind, Mapping[str, Value]] = {
    Kind.ALB: {"aws.elb.protocol": "http", "event.category": ["web"], "event.type": ["access"]},
    Kind.ALB_CONNECTION: _CONNECTION,
    Kind.ALB_HEALTH_CHECK: {"event.category": ["network"], "event.type": ["info"]},
    Kind.NLB: _CONNECTION,
}
