"""Every fault at every step over every protocol, and one rule that must hold throughout.

When `deliver` returns, the receiver has read each line of the batch; else there is a
DeliveryError, and the batch can be delivered again. Not among the faults is what plain TCP cannot
show: a receiver that closes one side on its own after our end has arrived, and reads nothing more.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_src.log_processor.delivery import Protocol, Receiver
from lambda_src.log_processor.errors import DeliveryError

from .delivering import GENEROUS, behaving, delivering, numbered, target, within
from .lumberjack_server import Ended, Session, acknowledge_windows, serving
from .receivers import SMALL, Behaviour, StandIn, receiving, reset

COUNT = 30
BATCHES = [numbered(COUNT, size=1_000, start=start) for start in (0, COUNT)]
SIZE = sum(map(len, BATCHES[0]))
"""Of each batch; more than the receiver's kernel holds."""

Action = Callable[[StandIn, socket.socket], None]


def break_off(receiver: StandIn, connection: socket.socket) -> None:
    reset(connection)


def close(receiver: StandIn, connection: socket.socket) -> None:
    connection.close()


def answer(receiver: StandIn, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def go_down(receiver: StandIn, connection: socket.socket) -> None:
    """Refuse connections until the client has paused."""
    receiver.stop_listening()
    reset(connection)


def hang(receiver: StandIn, connection: socket.socket) -> None:
    receiver.over.wait()


QUICK: tuple[Action, ...] = (break_off, close, answer, go_down)
STEPS = (0.0, 0.5, 1.0, 1.5)
"""Batches that are read before it happens, where a connection carries as many."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with a connection after so many batches are read from it."""

    action: Action
    step: float
    after_the_end: bool = False
    """Over TCP: when the client's end has been read, too. Over Lumberjack: after acknowledging."""

    def __str__(self) -> str:
        """Return it for the names of tests."""
        return f"{self.action.__name__}-{self.step}{'-end' if self.after_the_end else ''}"

    def within(self, protocol: Protocol) -> Behaviour:
        """Return what a receiver of this protocol does."""
        return within(protocol, self._serve if protocol.is_acknowledged else self._read)

    def _read(self, receiver: StandIn, connection: socket.socket) -> None:
        receiver.take(connection, None if self.after_the_end else int(self.step * SIZE))
        self.action(receiver, connection)

    def _serve(self, receiver: StandIn, connection: socket.socket) -> None:
        left = int(self.step * COUNT)

        def each(receiver: StandIn, connection: socket.socket, session: Session) -> None:
            nonlocal left
            left -= 1
            if left or self.after_the_end:
                acknowledge_windows(receiver, connection, session)
            if not left:
                self.action(receiver, connection)
                raise Ended

        if left:
            serving(each)(receiver, connection)
        else:
            self.action(receiver, connection)


def faults(*actions: Action) -> list[Fault]:
    within_batches = [Fault(action, step) for action in actions for step in STEPS]
    return within_batches + [Fault(action, 1.0, after_the_end=True) for action in actions]


every_protocol = pytest.mark.parametrize("protocol", Protocol)


class Delivery:
    """Batches delivered as long as it takes, and checked."""

    def __init__(self, delivery: Receiver, receivers: Sequence[StandIn]) -> None:
        self._delivery, self._receivers = delivery, receivers
        self.confirmed = 0

    def succeeds(self, lines: list[bytes]) -> bool:
        """Deliver a batch, and check what is said of it; both outcomes are allowed."""
        try:
            self._delivery.deliver(b"".join(lines))
        except DeliveryError:
            return False
        self.confirmed += 1
        read = {line for receiver in self._receivers for line in receiver.lines}
        assert set(lines) <= read
        assert self._delivery.batches == self.confirmed
        return True


@contextmanager
def delivery_to(
    protocol: Protocol, *behaviours: tuple[Behaviour, ...], idle: float = GENEROUS
) -> Iterator[Delivery]:
    """Receivers, each with its behaviours; whoever has gone down comes back in the next pause."""
    with ExitStack() as stack:
        receivers = [stack.enter_context(receiving(*each, buffer=SMALL)) for each in behaviours]

        def come_back(pause: float) -> None:
            for receiver in receivers:
                if receiver.listener.fileno() < 0:
                    receiver.listen()

        where = target(protocol, *(receiver.port for receiver in receivers))
        with delivering(where, idle=idle, sleep=come_back) as delivery:
            yield Delivery(delivery, receivers)


@every_protocol
@pytest.mark.parametrize("fault", faults(*QUICK), ids=str)
def test_a_receiver_that_recovers_gets_everything(protocol: Protocol, fault: Fault) -> None:
    """Whichever connection it was: the first, or the one that confirmed the first batch."""
    good = behaving(protocol)
    for behaviours in ((fault.within(protocol), good), (good, fault.within(protocol), good)):
        with delivery_to(protocol, behaviours) as delivery:
            for lines in BATCHES:
                if not delivery.succeeds(lines):
                    assert fault.action is answer  # which nobody repeats by himself
                    assert delivery.succeeds(lines)


@every_protocol
@pytest.mark.parametrize("fault", faults(hang), ids=str)
def test_a_receiver_that_hangs_once_gets_everything(protocol: Protocol, fault: Fault) -> None:
    """After the time that it is given."""
    with delivery_to(protocol, (fault.within(protocol), behaving(protocol)), idle=0.1) as delivery:
        assert all(delivery.succeeds(lines) for lines in BATCHES)


@every_protocol
@pytest.mark.parametrize("fault", faults(*QUICK), ids=str)
def test_a_receiver_that_never_recovers_confirms_nothing_that_it_has_not_read(
    protocol: Protocol, fault: Fault
) -> None:
    """It may well have read a batch, and even said so, before it goes wrong."""
    with delivery_to(protocol, (fault.within(protocol),)) as delivery:
        for lines in BATCHES:
            delivery.succeeds(lines)


@every_protocol
@pytest.mark.parametrize("fault", faults(*QUICK), ids=str)
def test_another_receiver_takes_over(protocol: Protocol, fault: Fault) -> None:
    """Whatever the first one does for ever."""
    behaviours = ((fault.within(protocol),), (behaving(protocol),))
    with delivery_to(protocol, *behaviours) as delivery:
        assert all(delivery.succeeds(lines) for lines in BATCHES)


@every_protocol
@settings(max_examples=10)
@given(
    troubles=st.lists(
        st.lists(st.sampled_from(faults(*QUICK)), max_size=6), min_size=1, max_size=3
    ),
    sizes=st.lists(st.integers(1, 200), min_size=1, max_size=4),
)
def test_no_course_of_events_confirms_what_was_not_read(
    protocol: Protocol, troubles: list[list[Fault]], sizes: list[int]
) -> None:
    """With several receivers that fail in several ways, until they do not any more."""
    good = behaving(protocol)
    courses = [(*(fault.within(protocol) for fault in course), good) for course in troubles]
    with delivery_to(protocol, *courses) as delivery:
        for number, size in enumerate(sizes):
            lines = numbered(size, size=1_000, start=number * 1_000)
            # Each failure uses up at least one of the troubles.
            assert any(delivery.succeeds(lines) for _ in range(1 + sum(map(len, troubles))))
