"""The log formats as data: the columns of each kind, with their names, types and meanings.

To add a column, add its row here, and the new width to `widths`: every schema then carries it.
AWS adds columns at the end of the line, often before it documents them, so a line may be wider.

Each row gives AWS's name of the field, what it means, its type if it is not text, whether the load
balancer writes it in quotes, and its key in the schema `original`. Without a key that is AWS's name
in PascalCase; what several kinds have in common has one key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from .kinds import Kind

ABSENT = "-"
"""What a log writes for no value."""


@dataclass(frozen=True, eq=False)
class Type:
    """What a field's text must look like, as the log writes it."""

    expected: str
    """For a person, in the reason of a rejection."""
    pattern: str | None = None
    """Of a value that is present; None accepts any text."""
    absent: tuple[str, ...] = (ABSENT,)
    """Texts that stand for no value."""
    usual: str | None = None
    """Of a value as nearly all are written, where that is not all of `pattern`."""
    rare: str | None = None
    """Of values that many lines at once may have besides; none of them is of the usual form."""

    @cached_property
    def each(self) -> re.Pattern[str]:
        """The pattern of one field, present or absent."""
        return re.compile("|".join([f"(?:{self.pattern})", *self._absent]), re.ASCII)

    @cached_property
    def all(self) -> re.Pattern[str]:
        """The pattern of any number of fields in a usual or rare form, each before a newline.

        Runs of the usual form have a loop of their own: a choice for each field takes twice the
        time. No text has both forms, so there is one way only to go through it.
        """
        usual = rf"(?:(?:{self.usual or self.pattern})\n)*"
        others = [*([self.rare] if self.rare else []), *self._absent]
        rest = rf"(?:(?:{'|'.join(others)})\n{usual})*" if others else ""
        return re.compile(usual + rest, re.ASCII)

    @property
    def _absent(self) -> list[str]:
        return [re.escape(text) for text in self.absent]

    def fits(self, text: str) -> bool:
        """Whether a field may be this text."""
        return self.pattern is None or self.each.fullmatch(text) is not None


# A time may lack its zone, as in the logs of network load balancers, or have a numeric one.
# Patterns are matched with re.ASCII, and their lengths are bounded: int() and float() alone
# would take `1_0`, `+1`, `nan`, digits of other scripts, and numbers that JSON readers overflow.
_TIME = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]{1,9})?(?:Z|[+-][0-9:]{4,5})?"
)
_DECIMAL = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"

_WHOLE_SECONDS = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
)
_MICROSECONDS = rf"{_WHOLE_SECONDS}\.[0-9]{{6}}Z"
TEXT = Type("text")
EVENT_TIME = Type(
    "a UTC time such as 2026-01-31T23:59:59.123456Z", _TIME, (), _MICROSECONDS, _WHOLE_SECONDS
)
"""The event's own time: without it there is no event."""
TIME = Type(
    "a UTC time such as 2026-01-31T23:59:59.123456Z, or -",
    _TIME,
    (ABSENT,),
    _MICROSECONDS,
    _WHOLE_SECONDS,
)
# JSON knows no number with zeros in front: neither form has any.
_WHOLE = r"0|[1-9][0-9]{0,8}"
_FRACTION = rf"(?:{_WHOLE})\.[0-9]{{1,9}}"
_NONE = (ABSENT, "-1")
SECONDS = Type("seconds such as 0.001048, or -1", _DECIMAL, _NONE, _FRACTION, _WHOLE)
MILLISECONDS = Type("milliseconds such as 12, or -1", _DECIMAL, _NONE, _WHOLE, _FRACTION)
COUNT = Type("a whole number, or -1", r"[0-9]{1,18}", _NONE, r"[1-9][0-9]{0,17}", "0")


@dataclass(frozen=True, eq=False)
class Column:
    """One field of a line, named as AWS documents it."""

    name: str
    meaning: str
    type: Type = TEXT
    quoted: bool = False
    """Whether the load balancer writes it in quotes; either way is read."""
    key: str | None = ""
    """In the schema `original`; "" for the name in PascalCase, None for no place in it."""

    @property
    def event_key(self) -> str | None:
        """The key in the schema `original`, None if it has no place there."""
        if self.key == "":
            return "".join(word.capitalize() for word in re.split("[_:]", self.name))
        return self.key


class Quoting(Enum):
    """How a kind of log writes fields that hold spaces or quotes."""

    BACKSLASH = "in quotes, a quote inside as backslash and quote"
    HEX = r"in quotes, a quote inside as \x22"
    NONE = "never in quotes: each space ends a field"


@dataclass(frozen=True, eq=False)
class Format:
    """The columns of one kind of log."""

    kind: Kind
    columns: tuple[Column, ...]
    widths: tuple[int, ...]
    """Documented numbers of columns, from the oldest to all of them."""
    quoting: Quoting = Quoting.HEX
    grows: bool = True
    """Whether there are lines of widths between those that are documented."""

    def takes(self, width: int) -> bool:
        """Whether a line may have so many fields."""
        least, *_, most = self.widths
        return width > most or width in self.widths or (self.grows and width > least)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def quoted(self) -> tuple[bool, ...]:
        """Whether each column is quoted."""
        return tuple(column.quoted for column in self.columns)

    @cached_property
    def time(self) -> int:
        """The place of the event's own time among the columns."""
        return next(i for i, column in enumerate(self.columns) if column.type is EVENT_TIME)


def _processing_times(answering: str) -> tuple[Column, ...]:
    """Return the three times of a request: on its way there, there, and on its way back."""
    return (
        Column(
            "request_processing_time",
            "from the request's arrival to its dispatch",
            SECONDS,
            key="TimeToForwardRequest",
        ),
        Column(
            f"{answering}_processing_time",
            "from the dispatch to the first byte of the answer",
            SECONDS,
            key="TimeTaken",
        ),
        Column(
            "response_processing_time",
            "from the answer's arrival to its dispatch",
            SECONDS,
            key="TimeToForwardResponse",
        ),
    )


# https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
# 2026-08-01T23:39:43.945958Z my-lb 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 0.000057
# 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/8.5.0" - -
CLASSIC = Format(
    Kind.CLASSIC,
    (
        Column("timestamp", "when the request came", EVENT_TIME, key="EventReceivedTime"),
        Column("elb", "the load balancer's name", key="LoadBalancerName"),
        Column("client:port", "who asked", key="PublicIpAndPort"),
        Column("backend:port", "the instance that answered", key="InternalIpAndPort"),
        *_processing_times("backend"),
        Column("elb_status_code", "the load balancer's HTTP status", key="Status"),
        Column("backend_status_code", "the instance's HTTP status", key="BackendStatus"),
        Column(
            "received_bytes", "the request's body, in bytes", COUNT, key="BytesUploadedFromClient"
        ),
        Column("sent_bytes", "the answer's body, in bytes", COUNT, key="BytesDownloadedByClient"),
        Column("request", "method, URL and protocol", quoted=True, key="FullRequest"),
        Column("user_agent", "how the client calls itself", quoted=True),
        Column("ssl_cipher", "the cipher of a listener with TLS"),
        Column("ssl_protocol", "its protocol, such as TLSv1.2"),
    ),
    widths=(12, 15),
    quoting=Quoting.BACKSLASH,
    grows=False,
)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
# https 2026-08-01T23:39:43.945958Z app/my-lb/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.086
# 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/8.5.0" …
ALB = Format(
    Kind.ALB,
    (
        # `Type` says what sort of event it is, in every event.
        Column("type", "http, https, h2, grpcs, ws or wss", key=None),
        Column("time", "when the answer was sent", EVENT_TIME, key="EventReceivedTime"),
        Column("elb", "the load balancer: app/name/id", key="LoadBalancerName"),
        Column("client:port", "who asked", key="PublicIpAndPort"),
        Column("target:port", "the target that answered", key="InternalIpAndPort"),
        *_processing_times("target"),
        Column("elb_status_code", "the load balancer's HTTP status", key="Status"),
        Column("target_status_code", "the target's HTTP status", key="BackendStatus"),
        Column("received_bytes", "the request, in bytes", COUNT, key="BytesUploadedFromClient"),
        Column("sent_bytes", "the answer, in bytes", COUNT, key="BytesDownloadedByClient"),
        Column("request", "method, URL and protocol", quoted=True, key="FullRequest"),
        Column("user_agent", "how the client calls itself", quoted=True),
        Column("ssl_cipher", "the cipher of a listener with TLS"),
        Column("ssl_protocol", "its protocol, such as TLSv1.3"),
        Column("target_group_arn", "the target group"),
        Column("trace_id", "the header X-Amzn-Trace-Id", quoted=True),
        Column("domain_name", "the server name that the client asked for", quoted=True),
        Column("chosen_cert_arn", "the certificate that was shown", quoted=True),
        Column("matched_rule_priority", "of the rule that matched, 0 for the default"),
        Column("request_creation_time", "when the request came", TIME),
        Column("actions_executed", "such as waf,forward", quoted=True),
        Column("redirect_url", "where a redirect led to", quoted=True),
        Column("error_reason", "why a rule's action failed", quoted=True),
        Column("target:port_list", "the targets that were tried", quoted=True),
        Column("target_status_code_list", "their statuses", quoted=True),
        Column("classification", "of desync mitigation", quoted=True),
        Column("classification_reason", "of desync mitigation", quoted=True),
        Column("conn_trace_id", "the connection, as its connection log has it"),
        Column("transformed_host", "the host after a rewrite", quoted=True),
        Column("transformed_uri", "the URI after a rewrite", quoted=True),
        Column("request_transform_status", "what became of a rewrite", quoted=True),
        Column("ip_address", "the load balancer's node"),
    ),
    widths=(18, 21, 25, 27, 29, 30, 33, 34),
)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html
# 2026-08-01T23:39:43.945958Z 203.0.113.1 36280 443 TLSv1.3 TLS_AES_128_GCM_SHA256 4.036
# "CN=client" NotBefore=…;NotAfter=… FEF257372D5C14D4 Success TID_… …
ALB_CONNECTION = Format(
    Kind.ALB_CONNECTION,
    (
        Column("timestamp", "when the connection was made", EVENT_TIME, key="EventReceivedTime"),
        Column("client_ip", "who connected"),
        Column("client_port", "the client's port"),
        Column("listener_port", "the load balancer's port"),
        Column("tls_protocol", "such as TLSv1.3"),
        Column("tls_cipher", "the cipher"),
        Column("tls_handshake_latency", "what the handshake took", SECONDS),
        Column("leaf_client_cert_subject", "the client certificate's subject", quoted=True),
        Column("leaf_client_cert_validity", "NotBefore=…;NotAfter=…"),
        Column("leaf_client_cert_serial_number", "the client certificate's serial number"),
        Column("tls_verify_status", "Success, or Failed:<code>"),
        Column("conn_trace_id", "the connection, as access logs have it"),
        Column("tls_keyexchange", "the key exchange"),
        Column("elb", "the load balancer: app/name/id", key="LoadBalancerName"),
        Column("ip_address", "the load balancer's node"),
    ),
    widths=(11, 12, 15),
)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-health-check-logs.html
# http 2026-08-01T23:39:43.945958Z 0.003 10.0.0.1:80 my-targets PASS 200 - …
ALB_HEALTH_CHECK = Format(
    Kind.ALB_HEALTH_CHECK,
    (
        Column("type", "http, https, h2 or grpc", key="RequestType"),
        Column("time", "when the check began", EVENT_TIME, key="EventReceivedTime"),
        Column("latency", "what the check took", SECONDS),
        Column("target_addr", "the target that was checked", key="InternalIpAndPort"),
        Column("target_group_id", "the target group's name"),
        Column("status", "PASS or FAIL"),
        Column("status_code", "the target's status"),
        Column("reason_code", "why a check failed"),
        Column("elb", "the load balancer: app/name/id", key="LoadBalancerName"),
        Column("ip_address", "the load balancer's node"),
    ),
    widths=(8, 10),
)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html
# tls 2.0 2026-08-01T23:39:43 net/my-nlb/c6e77e28c25b2234 g3d4b5e8bb8464cd 192.0.2.1:51341
# 172.100.100.185:443 5 2 98 246 - arn:aws:acm:… - ECDHE-RSA-AES128-SHA tlsv12 - …
NLB = Format(
    Kind.NLB,
    (
        Column("type", "of the listener: tls", key="RequestType"),
        Column("version", "of the log's format"),
        Column("time", "when the connection ended, UTC", EVENT_TIME, key="EventReceivedTime"),
        Column("elb", "the load balancer: net/name/id", key="LoadBalancerName"),
        Column("listener", "the listener's id"),
        Column("client:port", "who connected", key="PublicIpAndPort"),
        Column("destination:port", "the load balancer's or target's end", key="InternalIpAndPort"),
        Column("connection_time", "from the connection's start to its end", MILLISECONDS),
        Column("tls_handshake_time", "what the handshake took", MILLISECONDS),
        Column(
            "received_bytes",
            "bytes from the client, decrypted",
            COUNT,
            key="BytesUploadedFromClient",
        ),
        Column(
            "sent_bytes", "bytes to the client, decrypted", COUNT, key="BytesDownloadedByClient"
        ),
        Column("incoming_tls_alert", "an alert that the client sent"),
        Column("chosen_cert_arn", "the certificate that was shown"),
        Column("chosen_cert_serial", "reserved by AWS"),
        Column("tls_cipher", "the cipher"),
        Column("tls_protocol_version", "such as tlsv12"),
        Column("tls_keyexchange", "the key exchange; earlier named tls_named_group"),
        Column("domain_name", "the server name that the client asked for"),
        Column("alpn_fe_protocol", "agreed with the client"),
        Column("alpn_be_protocol", "agreed with the target"),
        # One field without spaces, quotes in it: "h2","http/1.1"
        Column("alpn_client_preference_list", "what the client offered"),
        Column("tls_connection_creation_time", "when the connection was made, UTC", TIME),
    ),
    widths=(18, 19, 20, 21, 22),
    quoting=Quoting.NONE,
)

FORMATS: Mapping[Kind, Format] = {
    format_.kind: format_ for format_ in (CLASSIC, ALB, ALB_CONNECTION, ALB_HEALTH_CHECK, NLB)
}
