"""Which kind of log an object is, told by its key, and where the key does not say, by its lines."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache


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
    if name == _TEST_FILE or _pattern(_CONTROL_KEY).search(key):
        return Kind.CONTROL
    for pattern, kind in _KIND_BY_NAME.items():
        if _pattern(pattern).match(name):
            return kind
    return Kind.UNKNOWN


def kind_of_line(text: str) -> Kind:
    """Tell the kind by the first three fields of a line.

    Classic lines and connection logs begin with a time; then comes a load balancer's name, which
    has neither dots nor colons, or a client's address. The others begin with a type such as
    `https`; then an NLB has a version such as `2.0`, and after the time a health check has its
    duration where an ALB has its name.
    """
    first, second, third, *_ = [*text.split(" ", 3), "", ""]
    if _pattern(_TIME_START).match(first):
        return Kind.ALB_CONNECTION if _pattern(_ADDRESS).search(second) else Kind.CLASSIC
    if _pattern(_NUMBER).fullmatch(second):
        return Kind.NLB
    return Kind.ALB_HEALTH_CHECK if _pattern(_NUMBER).fullmatch(third) else Kind.ALB


_TEST_FILE = "ELBAccessLogTestFile"
_CONTROL_KEY = r"(?:^|/)AWSLogs/[0-9]{12}/[A-Za-z]+TestFile$"
_LOG = r"[0-9]{12}_elasticloadbalancing_[a-z0-9-]+_"
_KIND_BY_NAME = {
    # The order matters: the last pattern matches the names of all of them.
    r"conn_log[_.]": Kind.ALB_CONNECTION,
    r"health_check_log[_.]": Kind.ALB_HEALTH_CHECK,
    rf"{_LOG}app\.": Kind.ALB,
    rf"{_LOG}net\.": Kind.NLB,
    _LOG: Kind.CLASSIC,
}
_TIME_START = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T"
_ADDRESS = r"[.:]"
_NUMBER = r"-1|-|[0-9]+(?:\.[0-9]+)?"


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compile at the first use: an import that compiles makes every cold start wait."""
    return re.compile(text, re.ASCII)
