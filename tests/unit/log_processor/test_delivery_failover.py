"""Which receiver is tried when, how long is waited in between, and what is said in the end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from lambda_src.log_processor.delivery import Deadline, Endpoint, Protocol, Receiver, Target
from lambda_src.log_processor.delivery.sockets import Address

from .delivering import BRIEF, delivering, failure, target
from .receivers import StandIn, receiving, reset

LINE = b'{"a":1}\n'
REFUSED = "Connection refused: nothing listens there; is it running, and is the port right?"


class Names:
    """A resolver that knows some names, and notes which it was asked for."""

    def __init__(self, **ports: list[int]) -> None:
        self._ports = ports
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[Address]:
        self.asked.append(host)
        return [(socket.AF_INET, ("127.0.0.1", each)) for each in self._ports[host]]

    def target(self) -> Target:
        return Target(Protocol.TCP, tuple(Endpoint(name, 5045) for name in self._ports))


@contextmanager
def several(count: int) -> Iterator[list[StandIn]]:
    with ExitStack() as stack:
        yield [stack.enter_context(receiving()) for _ in range(count)]


def received(receivers: list[StandIn]) -> list[int]:
    """How many batches each of them has."""
    return [len(receiver.received) for receiver in receivers]


@pytest.mark.parametrize(
    ("drawn", "first"), [(0.0, 0), (0.33, 0), (0.34, 1), (0.67, 2), (0.999999, 2)]
)
def test_deliveries_are_spread_over_the_endpoints(drawn: float, first: int) -> None:
    """Each begins at one of them at random, and stays there as long as that goes well."""
    with several(3) as receivers:
        where = target(Protocol.TCP, *(receiver.port for receiver in receivers))
        with delivering(where, random=lambda: drawn) as delivery:
            for _ in range(3):
                delivery.deliver(LINE)
        assert received(receivers) == [3 if place == first else 0 for place in range(3)]


def test_the_next_endpoint_is_tried_at_once(refused_port: int) -> None:
    """And kept, with no pause and no further try of the one that failed."""
    names = Names(bad=[refused_port], good=[0])
    slept: list[float] = []
    with receiving() as receiver:
        names = Names(bad=[refused_port], good=[receiver.port], other=[refused_port])
        with delivering(names.target(), resolve=names, sleep=slept.append) as delivery:
            for _ in range(3):
                delivery.deliver(LINE)
        assert received([receiver]) == [3]
    assert (names.asked, slept, delivery.retries) == (["bad", "good"], [], 1)


def test_a_new_connection_goes_to_the_endpoint_that_was_good(refused_port: int) -> None:
    """The first of the list has no advantage any more."""
    with receiving(StandIn.drain, break_off_midway, StandIn.drain) as receiver:
        names = Names(bad=[refused_port], good=[receiver.port])
        with delivering(names.target(), resolve=names) as delivery:
            delivery.deliver(LINE)
            delivery.deliver(LINE * 9)
        assert receiver.received == [LINE, LINE * 9]
    assert names.asked == ["bad", "good", "good"]


def break_off_midway(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection, 10)
    reset(connection)


def test_every_address_of_a_name_is_tried(refused_port: int) -> None:
    """A name may have an IPv6 address where the receiver listens only on IPv4."""
    with receiving() as receiver:
        names = Names(logstash=[refused_port, receiver.port])
        with delivering(names.target(), resolve=names) as delivery:
            delivery.deliver(LINE)
        assert receiver.received == [LINE]
    assert (names.asked, delivery.retries) == (["logstash"], 1)


def test_a_new_connection_goes_first_where_the_last_was_good(refused_port: int) -> None:
    """Addresses that nobody answers on would cost ten seconds each."""

    with receiving(StandIn.drain, break_off_midway, StandIn.drain) as receiver:
        names = Names(logstash=[refused_port, receiver.port])
        with delivering(names.target(), resolve=names) as delivery:
            delivery.deliver(LINE)
            delivery.deliver(LINE * 9)
        assert receiver.received == [LINE, LINE * 9]
    assert delivery.retries == 2  # one for the first address, and one for what was broken off


def test_a_receiver_that_hangs_leaves_time_for_the_next() -> None:
    """Half of what there is."""

    def hang(receiver: StandIn, connection: socket.socket) -> None:
        receiver.over.wait()

    with receiving(hang) as bad, receiving() as good:
        where = target(Protocol.TCP, bad.port, good.port)
        # The clock stands still, so the deadline never passes.
        with delivering(where, deadline=Deadline(2 * BRIEF, lambda: 0.0)) as delivery:
            delivery.deliver(LINE)
        assert received([bad, good]) == [0, 1]


def test_pauses_grow_and_are_drawn_at_random(refused_port: int) -> None:
    """From nothing to twice as much as before, so that senders do not come back together."""
    slept: list[float] = []
    where = target(Protocol.TCP, refused_port)
    with delivering(where, sleep=slept.append, random=lambda: 0.5) as delivery:
        said = failure(delivery, LINE)
    assert slept == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6])
    assert said == f"127.0.0.1:{refused_port}: {REFUSED} (6 attempts; gave up after 6 rounds)"


def test_a_round_is_all_endpoints(refused_port: int) -> None:
    """What is said names each of them once, with what went wrong there the last time."""
    names = Names(a=[refused_port], b=[refused_port])
    with delivering(names.target(), resolve=names) as delivery:
        said = failure(delivery, LINE)
    assert names.asked == ["a", "b"] * 6
    assert said == (
        f"a:5045 (127.0.0.1): {REFUSED}; b:5045 (127.0.0.1): {REFUSED} "
        "(12 attempts; gave up after 6 rounds)"
    )


class Clock:
    """Moves by what is slept."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, pause: float) -> None:
        self.now += pause


def test_nobody_sleeps_beyond_the_deadline(refused_port: int) -> None:
    """The pause that would not end in time is not begun."""
    clock = Clock()
    where = target(Protocol.TCP, refused_port)
    deadline = Deadline(0.5, clock)
    with delivering(where, deadline=deadline, sleep=clock.sleep, random=lambda: 0.9) as delivery:
        said = failure(delivery, LINE)
    assert clock.now == pytest.approx(0.18)  # 0.36 more would be too much
    assert said == f"127.0.0.1:{refused_port}: {REFUSED} (2 attempts; no time is left for more)"


def answer(receiver: StandIn, connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n")
    receiver.drain(connection)


def test_what_would_fail_again_is_not_tried_again(refused_port: int) -> None:
    """The others are, as long as one of them may still come up."""
    with receiving(answer) as wrong:
        names = Names(wrong=[wrong.port], down=[refused_port])
        with delivering(names.target(), resolve=names) as delivery:
            said = failure(delivery, LINE)
    assert names.asked == ["wrong", *["down"] * 6]
    assert said == (
        "wrong:5045 (127.0.0.1): it answered, which a receiver of JSON lines never does: another "
        f"service listens on this port; down:5045 (127.0.0.1): {REFUSED} "
        "(7 attempts; gave up after 6 rounds)"
    )


def test_an_endpoint_is_tried_again_as_long_as_one_address_may_come_up(refused_port: int) -> None:
    """Whatever is wrong with its others."""
    with receiving(answer) as wrong:
        for ports in ([wrong.port, refused_port], [refused_port, wrong.port]):
            names = Names(logstash=ports)
            with delivering(names.target(), resolve=names) as delivery:
                failure(delivery, LINE)
            assert names.asked == ["logstash"] * 6


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".invalid"])
def test_a_name_that_is_not_valid_is_a_failure_at_once(host: str) -> None:
    """The error says that it is the name."""
    with delivering(Target(Protocol.TCP, (Endpoint(host, 9),))) as delivery:
        said = failure(delivery, LINE)
    assert said.startswith(f"{host}:9: the host name is not valid: ")
    assert said.endswith(" (1 attempt; more would fail in the same way)")


def test_a_name_that_cannot_be_resolved_may_come_up() -> None:
    """A resolver that answers nothing now may answer later."""
    slept: list[float] = []

    def resolve(host: str, port: int) -> list[Address]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    where = Target(Protocol.TCP, (Endpoint("logstash", 5045),))
    with delivering(where, resolve=resolve, sleep=slept.append) as delivery:
        said = failure(delivery, LINE)
    assert len(slept) == 5
    assert said == (
        "logstash:5045: the host name cannot be resolved: Temporary failure in name resolution "
        "(6 attempts; gave up after 6 rounds)"
    )


def test_an_address_is_named_where_it_is_not_the_host() -> None:
    """IPv6 stands in brackets, as in URLs."""
    with delivering(Target(Protocol.TCP, (Endpoint("::1", 1),))) as delivery:
        said = failure(delivery, LINE)
    assert said.startswith("[::1]:1: ")


def test_a_target_needs_an_endpoint() -> None:
    """Settings see to it; this is for other callers."""
    with pytest.raises(ValueError, match="a target needs an endpoint"):
        Receiver(Target(Protocol.TCP, ()), Deadline(1))
