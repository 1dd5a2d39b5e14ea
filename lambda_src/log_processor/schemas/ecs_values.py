"""What the schema `ecs` reads out of one field's text: pure functions, and nothing in them raises.

They take any text, but for times, where the text fits the type of a column. None stands for what
the text does not say. All take time in proportion to the text's length.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

NANOSECONDS = 9
"""Digits after the point of a second."""

_IN_A_SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_ADDRESS = 45
_LAST_PORT = 65535


def whole_number(text: str) -> int | None:
    """Return a number of digits alone, as long as it fits a field of Elasticsearch's type long."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def scaled(text: str, digits: int) -> int | None:
    """Return a decimal number with its point moved to the right, exactly, what is left cut off.

    >>> scaled("0.001048", 9)
    1048000
    """
    whole, _, fraction = text.partition(".")
    number = whole_number(whole + fraction.ljust(digits, "0")) if whole else None
    if number is None:
        return None
    surplus: int = 10 ** max(0, len(fraction) - digits)
    return number // surplus


def instant(time: str) -> int | None:
    """Return the nanoseconds since 1970 of a text that fits `TIME`; None if it never was.

    UTC where the time has no zone. A leap second is the second after it, as in POSIX.
    """
    clock = time.removesuffix("Z")
    offset: int | None = 0
    if "+" in clock or "-" in clock[19:]:
        sign = max(clock.rfind("+"), clock.rfind("-"))
        offset = _offset(clock[sign:])
        clock = clock[:sign]
    if clock[17:19] == "60":
        clock = f"{clock[:17]}59{clock[19:]}"
        offset = None if offset is None else offset - 1
    try:
        microseconds = (datetime.fromisoformat(clock[:26]) - _EPOCH) // _MICROSECOND
    except ValueError:
        return None
    if offset is None:
        return None
    beyond = int(clock[26:].ljust(3, "0")) if len(clock) > 26 else 0
    return microseconds * 1000 + beyond - offset * _IN_A_SECOND


def _offset(zone: str) -> int | None:
    """Return how many seconds a numeric zone is ahead of UTC; None if there can be no such zone."""
    clock = zone[1:].replace(":", "")
    hours, minutes = int(clock[:2] or 99), int(clock[2:] or 99)
    if len(clock) != 4 or hours > 23 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-60 if zone.startswith("-") else 60)


def written(nanoseconds: int) -> str | None:
    """Return an instant as ISO 8601 in UTC; None beyond the years that this has digits for."""
    seconds, fraction = divmod(nanoseconds, _IN_A_SECOND)
    try:
        whole = (_EPOCH + timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        return None
    digits = f".{fraction:09}".removesuffix("000") if fraction else ""
    return f"{whole}{digits}Z"


def utc(time: str) -> str | None:
    """Return a text that fits `TIME` with a Z, as the log wrote it if it did so; None if never.

    Elasticsearch refuses an event that has February 30th in a field of dates.
    """
    if time.endswith("Z") and time[17:19] != "60":
        return time if _is_date(time[:10]) else None
    nanoseconds = instant(time)
    return None if nanoseconds is None else written(nanoseconds)


@lru_cache(maxsize=64)
def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class Endpoint(NamedTuple):
    """An address and what stands after it."""

    ip: str
    port: str | None
    """As written, a number."""


def endpoint(text: str) -> Endpoint | None:
    """Take `address:port` apart at the last colon; None if there is no IP address.

    Load balancers write IPv6 without brackets; with them is read as well.
    """
    head, _, port = text.rpartition(":")
    ip = _without_brackets(head)
    if is_address(ip) and port_number(port) is not None:
        return Endpoint(ip, port)
    ip = _without_brackets(text)
    return Endpoint(ip, None) if is_address(ip) else None


def _without_brackets(text: str) -> str:
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def is_address(text: str) -> bool:
    """Whether a text is an IP address that Elasticsearch's type ip takes: zones are none."""
    return len(text) <= _LONGEST_ADDRESS and "%" not in text and _is_address(text)


@lru_cache(maxsize=4096)
def _is_address(text: str) -> bool:
    import ipaddress  # not needed by the default schema

    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def port_number(text: str) -> int | None:
    """Return a port."""
    number = whole_number(text)
    return number if number is not None and number <= _LAST_PORT else None


class Tls(NamedTuple):
    """What a load balancer's name of a protocol says."""

    version: str
    protocol: str


def tls(text: str) -> Tls | None:
    """Read `TLSv1.2`, `TLSv1`, `SSLv3`, and the `tlsv12` of network load balancers."""
    protocol, _, version = text.lower().partition("v")
    major, dot, minor = version.partition(".")
    if not dot:
        major, minor = version[:1], version[1:]
    minor = minor or "0"
    if protocol not in {"tls", "ssl"} or None in (whole_number(major), whole_number(minor)):
        return None
    return Tls(f"{major}.{minor}", protocol)


class Url(NamedTuple):
    """The parts of a URL, as written but for the port."""

    scheme: str | None = None
    domain: str | None = None
    port: int | None = None
    path: str | None = None
    query: str | None = None
    fragment: str | None = None
    extension: str | None = None


def url(text: str) -> Url:
    """Take a URL apart, whatever it holds, and spaces too; what is not there is None.

    What has neither a scheme nor a slash in front has no path: it may be the `host:443` of a
    CONNECT. User and password are not taken out, so that they stand in no field of their own.
    """
    rest, _, fragment = text.partition("#")
    rest, _, query = rest.partition("?")
    scheme, slashes, hierarchy = rest.partition("://")
    if slashes and _is_scheme(scheme):
        authority, slash, path = hierarchy.partition("/")
        domain, port = _domain_and_port(authority)
        path = slash + path
    else:
        scheme, domain, port = "", "", None
        path = rest if rest.startswith(("/", "*")) else ""
    _, dot, extension = path[path.rfind("/") + 1 :].rpartition(".")
    return Url(
        scheme or None,
        domain or None,
        port,
        path or None,
        query or None,
        fragment or None,
        (extension or None) if dot else None,
    )


def _is_scheme(text: str) -> bool:
    if text in {"http", "https", "ws", "wss"}:
        return True
    plain = text.replace("+", "").replace("-", "").replace(".", "")
    return text[:1].isalpha() and plain.isascii() and plain.isalnum()


def _domain_and_port(authority: str) -> tuple[str, int | None]:
    """Split at the last colon outside brackets; ALB writes `host:80-` where a path is missing."""
    host = authority.rpartition("@")[2]
    domain, colon, text = host.rpartition(":")
    text = text.removesuffix("-")
    port = port_number(text)
    return (domain, port) if colon and (port is not None or not text) else (host, None)
