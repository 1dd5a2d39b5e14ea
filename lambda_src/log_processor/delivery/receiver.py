"""Batches to whichever receiver takes them: spread, failed over and repeated until confirmed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Protocol as Interface

from ..errors import DeliveryError
from .attempts import AttemptError, explained
from .batch import Batch
from .deadline import Clock, Deadline, Patience
from .sockets import Address, Resolve, Stream, connected, resolve, shown
from .target import Endpoint, Target

ROUNDS = 6
"""How often every endpoint is tried for one batch."""

IDLE_SECONDS = 60.0
"""Nothing sent, acknowledged or closed for so long: the connection is given up."""

_BASE_SECONDS = 0.2
_CAP_SECONDS = 10.0

Sleep = Callable[[float], None]
Random = Callable[[], float]
"""From 0 up to, not including, 1."""


class Carrier(Interface):
    """Carries batches to one address."""

    def carry(self, batch: Batch) -> None:
        """Return if all of the batch is confirmed, else raise an AttemptError."""

    def close(self) -> None:
        """Close what is open; everything that was carried stays confirmed."""


class Receiver:
    """What takes batches and confirms them, whichever of the endpoints that is.

    `batches` and `bytes` count what was confirmed, `retries` the attempts that were not a batch's
    first, `waited` the seconds within `deliver`.
    """

    def __init__(
        self,
        target: Target,
        deadline: Deadline,
        *,
        idle: float = IDLE_SECONDS,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
        random: Random = random.random,
        resolve: Resolve = resolve,
    ) -> None:
        if not target.endpoints:
            raise ValueError("a target needs an endpoint")
        self.batches = self.retries = self.bytes = 0
        self.waited = 0.0
        self._target, self._deadline = target, deadline
        self._clock, self._sleep, self._random, self._resolve = clock, sleep, random, resolve
        self._idle, self._patience = idle, Patience(deadline, idle)
        self._endpoints = _rotated(target.endpoints, int(random() * len(target.endpoints)))
        self._link: _Link | None = None
        self._good: Address | None = None

    def __enter__(self) -> Receiver:
        """Nothing is opened yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close what is open."""
        self.close()

    def close(self) -> None:
        """Close what is open; everything that was delivered stays confirmed."""
        if self._link is not None:
            self._link.carrier.close()
            self._link = None

    def deliver(self, batch: bytes) -> None:
        """Return when every event of the batch is confirmed; the lines must all be ended.

        Else a DeliveryError says of each endpoint what went wrong. Some of the events may have
        arrived then, or more than once: repeats have the same bytes.
        """
        if not batch:
            return
        start = self._clock()
        effort = _Effort(Batch(batch), ", ".join(map(str, self._endpoints)))
        try:
            self._carry(effort)
        finally:
            self.waited += self._clock() - start
            self.retries += max(0, effort.attempts - 1)
        self.batches += 1
        self.bytes += len(batch)

    def _carry(self, effort: _Effort) -> None:
        if self._carried_by_idle_link(effort):
            return
        hopeful = list(self._endpoints)
        for number in range(ROUNDS):
            if number and not self._paused(number):
                raise effort.error("no time is left for more")
            for endpoint in tuple(hopeful):
                outcome = self._tried(endpoint, effort)
                if outcome is None:
                    return
                if outcome.permanent:
                    hopeful.remove(endpoint)
            if not hopeful:
                raise effort.error("more would fail in the same way")
        raise effort.error(f"gave up after {ROUNDS} rounds")

    def _carried_by_idle_link(self, effort: _Effort) -> bool:
        """Try what is open since the batch before; it may have been closed meanwhile."""
        link, self._link = self._link, None
        return link is not None and self._attempt(link, effort, others=True) is None

    def _paused(self, number: int) -> bool:
        """Wait before another round, each time longer and each time at random, if time allows.

        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        longest = min(_CAP_SECONDS, _BASE_SECONDS * 2 ** (number - 1))
        pause = self._random() * longest
        if pause >= self._deadline.left():
            return False
        self._sleep(pause)
        return True

    def _tried(self, endpoint: Endpoint, effort: _Effort) -> AttemptError | None:
        """Try the endpoint's addresses; None if one took the batch, else a failure that counts."""
        try:
            addresses = self._addresses(endpoint)
        except AttemptError as error:
            effort.attempts += 1
            return effort.failed(str(endpoint), error)
        others = len(addresses) > 1 or len(self._endpoints) > 1
        failures = []
        for address in addresses:
            link = self._new_link(endpoint, address)
            failure = self._attempt(link, effort, others=others)
            if failure is None:
                self._endpoints = _rotated(self._endpoints, self._endpoints.index(endpoint))
                return None
            failures.append(failure)
        return min(failures, key=lambda failure: failure.permanent)

    def _addresses(self, endpoint: Endpoint) -> list[Address]:
        """Return the endpoint's addresses, first the one that was good the last time."""
        with explained("the host name was not resolved in time"):
            found = self._resolve(endpoint.host, endpoint.port)
        if not found:
            raise AttemptError("the host name has no address")
        return sorted(found, key=lambda address: address != self._good)

    def _attempt(self, link: _Link, effort: _Effort, *, others: bool) -> AttemptError | None:
        left = self._deadline.left()
        if not left:
            link.carrier.close()
            raise effort.error("no time is left for more")
        # Who hangs must leave time for the others.
        self._patience.longest = min(self._idle, left / 2 if others else left)
        effort.attempts += 1
        try:
            link.carrier.carry(effort.batch)
        except AttemptError as error:
            link.carrier.close()
            return effort.failed(link.where, error)
        self._link, self._good = link, link.address
        return None

    def _new_link(self, endpoint: Endpoint, address: Address) -> _Link:
        opened = partial(self._opened, endpoint, address)
        carrier: Carrier
        if self._target.protocol.is_acknowledged:
            from .acknowledged import Acknowledged

            carrier = Acknowledged(opened, self._target.compression_level)
        else:
            from .drained import DrainConfirmed

            carrier = DrainConfirmed(opened)
        return _Link(carrier, address, shown(endpoint, address))

    def _opened(self, endpoint: Endpoint, address: Address) -> Stream:
        if not self._target.protocol.is_encrypted:
            return Stream(connected(address, self._patience), self._patience)
        from . import tls

        return tls.opened(address, endpoint.host, self._target.tls, self._patience)


@dataclass(frozen=True)
class _Link:
    """A way to one address, and what it is called in messages."""

    carrier: Carrier
    address: Address
    where: str


@dataclass
class _Effort:
    """A batch, and what has been tried for it."""

    batch: Batch
    endpoints: str
    attempts: int = 0
    failures: dict[str, AttemptError] = field(default_factory=dict)
    """The last one of each address."""

    def failed(self, where: str, error: AttemptError) -> AttemptError:
        """Note it, behind those of before."""
        self.failures.pop(where, None)
        self.failures[where] = error
        return error

    def error(self, end: str) -> DeliveryError:
        """Return what can be said of all attempts together."""
        if not self.failures:
            return DeliveryError(f"{self.endpoints}: no time was left for a first attempt")
        said = "; ".join(f"{where}: {failure}" for where, failure in self.failures.items())
        attempts = "1 attempt" if self.attempts == 1 else f"{self.attempts} attempts"
        error = DeliveryError(f"{said} ({attempts}; {end})")
        error.__cause__ = list(self.failures.values())[-1]
        return error


def _rotated(endpoints: Sequence[Endpoint], start: int) -> tuple[Endpoint, ...]:
    return (*endpoints[start:], *endpoints[:start])
