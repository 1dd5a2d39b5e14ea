"""What a filter rule can ask of one field: read from JSON, and answered for texts of a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .formats import SECONDS, Type

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    Network = IPv4Network | IPv6Network


class Matches(NamedTuple):
    """Whether the pattern is found in the text."""

    pattern: re.Pattern[str]


class In(NamedTuple):
    """Whether it is one of these texts."""

    texts: frozenset[str]


class Below(NamedTuple):
    """Whether it is a number less than this."""

    limit: float


class Above(NamedTuple):
    """Whether it is a number greater than this."""

    limit: float


class Cidr(NamedTuple):
    """Whether it is an address of one of these networks."""

    networks: tuple[Network, ...]


Condition = Matches | In | Below | Above | Cidr

Check = Callable[[str], bool | None]
"""Answers for one text as the log wrote it; None where there is nothing to compare."""


def check(condition: Condition, column: str, type_: Type) -> Check:
    """Return the condition's answers for a column of this name and type."""
    match condition:
        case Matches(pattern):
            return lambda text: pattern.search(text) is not None
        case In(texts):
            return texts.__contains__
        case Below(limit):
            return lambda text: None if (it := _value(text, type_)) is None else it < limit
        case Above(limit):
            return lambda text: None if (it := _value(text, type_)) is None else it > limit
        case Cidr(networks):
            has_port = column.endswith(":port") or column == "target_addr"
            return lambda text: _is_within(text, networks, has_port=has_port)


def _value(text: str, type_: Type) -> float | None:
    """Return a number; seconds as milliseconds, as events have them."""
    if text in type_.absent or not re.fullmatch(_DECIMAL, text):
        return None
    return float(text + "e3") if type_ is SECONDS else float(text)


_DECIMAL = r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?"


def _is_within(text: str, networks: Iterable[Network], *, has_port: bool) -> bool | None:
    """IPv6 addresses stand with or without brackets: a port is what follows the last colon."""
    address = _address((has_port and text.rpartition(":")[0]) or text)
    if address is None:
        return None
    return any(address in network for network in networks)


@lru_cache(maxsize=4096)  # a client comes back from port after port
def _address(text: str) -> IPv4Address | IPv6Address | None:
    import ipaddress

    try:
        address = ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def shown(found: object) -> str:
    """Return a value that was found in settings, short enough for a message."""
    text = repr(found)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


_SHOWN_CHARACTERS = 60


def _matches(found: object) -> Matches:
    import warnings

    if not isinstance(found, str):
        raise ValueError(f"is {shown(found)}, expected a regular expression")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of what another Python may read otherwise
            return Matches(re.compile(found))
    except (re.error, Warning, OverflowError, RecursionError) as error:
        raise ValueError(f"is {shown(found)}, no regular expression: {error}") from error


def _in(found: object) -> In:
    if not isinstance(found, list) or not found:
        raise ValueError(f"is {shown(found)}, expected a list of texts")
    for each in found:
        if not isinstance(each, str):
            raise ValueError(f"has {shown(each)}, expected text: put it in quotes")
    return In(frozenset(found))


def _number(found: object) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or abs(found) > _MOST:
        raise ValueError(f"is {shown(found)}, expected a number, not in quotes")
    return float(found)


_MOST = 1e18
"""As much as a column may hold."""


def _cidr(found: object) -> Cidr:
    import ipaddress

    listed = found if isinstance(found, list) else [found]
    if not listed or not all(isinstance(each, str) for each in listed):
        raise ValueError(f"is {shown(found)}, expected a network such as '10.0.0.0/8', or a list")
    try:
        return Cidr(tuple(map(ipaddress.ip_network, listed)))
    except ValueError as error:
        raise ValueError(f"is {shown(found)}: {error}") from error


READERS: Mapping[str, Callable[[object], Condition]] = {
    "matches": _matches,
    "in": _in,
    "below": lambda found: Below(_number(found)),
    "above": lambda found: Above(_number(found)),
    "cidr": _cidr,
}
"""The conditions by their keys; each raises ValueError, which says what is wrong with a value."""
