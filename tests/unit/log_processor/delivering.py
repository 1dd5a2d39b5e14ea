"""What the tests of delivery share: targets on loopback, and receivers that wait as told."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from lambda_src.log_processor.delivery import (
    Deadline,
    Endpoint,
    Protocol,
    Receiver,
    Target,
    TlsOptions,
)
from lambda_src.log_processor.errors import DeliveryError

from .certificates import NAME, certificates, server_context
from .lumberjack_server import acknowledging
from .receivers import Behaviour, StandIn, over_tls

GENEROUS = 60.0
"""Seconds that no machine takes, for what must not time out."""

BRIEF = 0.3
"""Seconds for what must time out; the worst that haste does is an attempt too many."""


class Hooked(Deadline):
    """A deadline that does not pass, and that does something when it is looked at the nth time."""

    def __init__(self) -> None:
        super().__init__(GENEROUS, lambda: 0.0)
        self._looks = 0
        self._act: Callable[[], object] = lambda: None

    def at(self, look: int, act: Callable[[], object]) -> Hooked:
        """Do it once, counted from now on."""
        self._looks, self._act = look, act
        return self

    def left(self) -> float:
        self._looks -= 1
        if self._looks == 0:
            self._act()
        return super().left()


def check(happened: bool) -> None:
    assert happened


def target(protocol: Protocol, *ports: int, **options: Any) -> Target:
    """Receivers on loopback, trusted as far as the tests' own authority goes."""
    endpoints = tuple(Endpoint("127.0.0.1", port) for port in ports)
    if protocol.is_encrypted and "tls" not in options:
        options["tls"] = TlsOptions(ca=certificates().ca, server_name=NAME)
    return Target(protocol, endpoints, **options)


def delivering(
    where: Target | int,
    *,
    deadline: Deadline | None = None,
    idle: float = GENEROUS,
    sleep: Callable[[float], None] = lambda pause: None,
    random: Callable[[], float] = lambda: 0.0,
    **services: Any,
) -> Receiver:
    """Return what delivers there, to the first endpoint first and without pauses; or to a port."""
    goal = target(Protocol.TCP, where) if isinstance(where, int) else where
    within = deadline or Deadline(GENEROUS)
    return Receiver(goal, within, idle=idle, sleep=sleep, random=random, **services)


def failure(receiver: Receiver, batch: bytes) -> str:
    """Return what is said about a delivery that must fail."""
    with pytest.raises(DeliveryError) as caught:
        receiver.deliver(batch)
    return str(caught.value)


def numbered(count: int, size: int = 0, start: int = 0) -> list[bytes]:
    """Events as lines, no two the same, each at least so long."""
    return [
        b'{"number":%d,"filling":"%s"}\n' % (number, b"x" * size)
        for number in range(start, start + count)
    ]


def behaving(protocol: Protocol) -> Behaviour:
    """A receiver of this protocol that does everything right."""
    return within(protocol, acknowledging() if protocol.is_acknowledged else StandIn.drain)


def within(protocol: Protocol, behaviour: Behaviour) -> Behaviour:
    """Behave like this inside TLS, where the protocol has it."""
    if not protocol.is_encrypted:
        return behaviour
    return over_tls(_server_context(), behaviour)


@cache
def _server_context() -> ssl.SSLContext:
    return server_context(certificates().receiver)
