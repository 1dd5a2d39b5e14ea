"""The log formats as data: which kind an object is, and the columns of each kind.

AWS adds columns at the end of the line, often before it documents them. So a format lists the
columns that are known and the widths that were documented over the years; a line may be wider.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an object, or one line, is."""

    CLASSIC = "classic"
    ALB = "alb"
    ALB_CONNECTION = "alb-connection"
    ALB_HEALTH_CHECK = "alb-health-check"
    NLB = "nlb"
    CONTROL = "control"
    """Not a log: the load balancer proves that it may write to the bucket."""
    UNKNOWN = "unknown"
    """The key does not say: each line tells by its content."""


def kind_of_key(key: str) -> Kind:
    """Tell the kind by the object's file name, which says more than any field of a line."""
    name = key.rpartition("/")[2]
    if name == _TEST_FILE or _CONTROL_KEY.search(key):
        return Kind.CONTROL
    for pattern, kind in _KIND_BY_NAME.items():
        if pattern.match(name):
            return kind
    return Kind.UNKNOWN


def kind_of_line(text: str) -> Kind:
    """Tell the kind by the first two fields of a line.

    Classic lines and connection logs begin with a time; then comes a load balancer's name, which
    has neither dots nor colons, or a client's address. The others begin with a type such as
    `https`; in the log of an NLB the version follows, such as `2.0`.
    """
    first, _, rest = text.partition(" ")
    second = rest.partition(" ")[0]
    if _TIME_PATTERN.fullmatch(first):
        return Kind.ALB_CONNECTION if _ADDRESS.search(second) else Kind.CLASSIC
    return Kind.NLB if _VERSION.fullmatch(second) else Kind.ALB


_TEST_FILE = "ELBAccessLogTestFile"
_CONTROL_KEY = re.compile(r"(?:^|/)AWSLogs/[0-9]{12}/[A-Za-z]+TestFile$")
_LOG = r"[0-9]{12}_elasticloadbalancing_[a-z0-9-]+_"
_KIND_BY_NAME = {
    # The order matters: the last pattern matches the names of all of them.
    re.compile(r"conn_log_"): Kind.ALB_CONNECTION,
    re.compile(r"health_check_log_"): Kind.ALB_HEALTH_CHECK,
    re.compile(rf"{_LOG}app\."): Kind.ALB,
    re.compile(rf"{_LOG}net\."): Kind.NLB,
    re.compile(_LOG): Kind.CLASSIC,
}
_ADDRESS = re.compile(r"[.:]")
_VERSION = re.compile(r"[0-9]+\.[0-9]+")


@dataclass(frozen=True)
class Type:
    """What a field's text must look like, as the log writes it."""

    expected: str
    """For a person, in the reason of a rejection."""
    pattern: str | None = None
    """Of a value that is present; None accepts any text."""
    absent: tuple[str, ...] = ("-",)
    """Texts that stand for no value."""


# A time may lack its zone, as in some logs of load balancers, or have a numeric one.
# Patterns are matched with re.ASCII, and their lengths are bounded: int() and float() alone
# would take `1_0`, `+1`, `nan`, digits of other scripts, and numbers that JSON readers overflow.
_TIME = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]{1,9})?(?:Z|[+-][0-9:]{4,5})?"
)
_TIME_PATTERN = re.compile(_TIME)

TEXT = Type("text")
EVENT_TIME = Type("a UTC time such as 2026-01-31T23:59:59.123456Z", _TIME, absent=())
"""The event's own time: without it there is no event."""
TIME = Type("a UTC time such as 2026-01-31T23:59:59.123456Z, or -", _TIME)
SECONDS = Type("seconds such as 0.001048, or -1", r"[0-9]{1,9}+(?:\.[0-9]{1,9}+|)", ("-", "-1"))
COUNT = Type("a whole number, or -1", r"[0-9]{1,18}+", ("-", "-1"))


@dataclass(frozen=True)
class Column:
    """One field of a line, named as AWS documents it."""

    name: str
    type: Type = TEXT
    quoted: bool = False
    """Whether the load balancer writes it in quotes; either way is read."""


@dataclass(frozen=True)
class Format:
    """The columns of one kind of log."""

    kind: Kind
    columns: tuple[Column, ...]
    widths: tuple[int, ...]
    """Documented numbers of columns, from the oldest to all of them."""
    escapes_quotes: bool
    r"""Whether a quote inside a field is written `\"`, rather than `\x22`."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


# https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
# 2026-08-01T23:39:43.945958Z my-lb 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 0.000057
# 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/8.5.0" - -
CLASSIC = Format(
    Kind.CLASSIC,
    (
        Column("timestamp", EVENT_TIME),
        Column("elb"),
        Column("client:port"),
        Column("backend:port"),
        Column("request_processing_time", SECONDS),
        Column("backend_processing_time", SECONDS),
        Column("response_processing_time", SECONDS),
        Column("elb_status_code"),
        Column("backend_status_code"),
        Column("received_bytes", COUNT),
        Column("sent_bytes", COUNT),
        Column("request", quoted=True),
        Column("user_agent", quoted=True),
        Column("ssl_cipher"),
        Column("ssl_protocol"),
    ),
    widths=(12, 15),
    escapes_quotes=True,
)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
# https 2026-08-01T23:39:43.945958Z app/my-lb/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.086
# 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/8.5.0" …
ALB = Format(
    Kind.ALB,
    (
        Column("type"),
        Column("time", EVENT_TIME),
        Column("elb"),
        Column("client:port"),
        Column("target:port"),
        Column("request_processing_time", SECONDS),
        Column("target_processing_time", SECONDS),
        Column("response_processing_time", SECONDS),
        Column("elb_status_code"),
        Column("target_status_code"),
        Column("received_bytes", COUNT),
        Column("sent_bytes", COUNT),
        Column("request", quoted=True),
        Column("user_agent", quoted=True),
        Column("ssl_cipher"),
        Column("ssl_protocol"),
        Column("target_group_arn"),
        Column("trace_id", quoted=True),
        Column("domain_name", quoted=True),
        Column("chosen_cert_arn", quoted=True),
        Column("matched_rule_priority"),
        Column("request_creation_time", TIME),
        Column("actions_executed", quoted=True),
        Column("redirect_url", quoted=True),
        Column("error_reason", quoted=True),
        Column("target:port_list", quoted=True),
        Column("target_status_code_list", quoted=True),
        Column("classification", quoted=True),
        Column("classification_reason", quoted=True),
        Column("conn_trace_id"),
        Column("transformed_host", quoted=True),
        Column("transformed_uri", quoted=True),
        Column("request_transform_status", quoted=True),
        Column("ip_address"),
    ),
    widths=(18, 21, 25, 27, 29, 30, 33, 34),
    escapes_quotes=False,
)

FORMATS: Mapping[Kind, Format] = {format_.kind: format_ for format_ in (CLASSIC, ALB)}
