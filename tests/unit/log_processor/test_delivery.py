"""Delivery over plain TCP to receivers that behave and receivers that do not, on real sockets."""

from __future__ import annotations

import gc
import socket
import sys
from contextlib import suppress

import pytest

from lambda_src.log_processor.delivery import Deadline, Endpoint, Protocol, Target
from lambda_src.log_processor.delivery.deadline import Patience
from lambda_src.log_processor.delivery.sockets import Address, Stream, connected
from lambda_src.log_processor.errors import DeliveryError

from .delivering import BRIEF, GENEROUS, Hooked, check, delivering, failure, numbered
from .receivers import SMALL, Behaviour, StandIn, receiving, reset

LINE = b'{"a":1}\n'
BATCH = LINE * 16_384
LARGE = b"".join(numbered(2_000, size=1_000))

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a socket's state")


def why(said: str) -> str:
    """Return a failure without the receiver's name and the number of attempts."""
    return said.split(": ", 1)[1].rsplit(" (", 1)[0]


def test_each_batch_is_confirmed_by_a_connection_of_its_own() -> None:
    """In order and nothing else; the connection that confirms one batch carries the next."""
    batches = [BATCH, LINE, LARGE, LINE * 2]
    with receiving() as receiver:
        with delivering(receiver.port) as delivery:
            for batch in batches:
                delivery.deliver(batch)
                assert receiver.received[-1] == batch
            receiver.wait_until(lambda: receiver.accepted == len(batches) + 1)
        assert receiver.received == batches
    assert (delivery.batches, delivery.retries, delivery.bytes) == (4, 0, sum(map(len, batches)))


def test_without_batches_nothing_connects(refused_port: int) -> None:
    """An object without events needs no receiver: not even a name is looked up."""
    asked = []

    def resolve(host: str, port: int) -> list[Address]:
        asked.append((host, port))
        return [(socket.AF_INET, ("127.0.0.1", refused_port))]

    where = Target(Protocol.TCP, (Endpoint("logstash", 5045),))
    with delivering(where, resolve=resolve) as delivery:
        delivery.deliver(b"")
    assert (asked, delivery.batches) == ([], 0)


@pytest.mark.parametrize("batch", [b"{}", b"{}\n{}", b"\n{}"])
def test_a_line_that_does_not_end_is_a_mistake_of_ours(batch: bytes, refused_port: int) -> None:
    """A receiver may drop it or wait for the rest of it."""
    with pytest.raises(ValueError, match="must end with a newline"):
        delivering(refused_port).deliver(batch)


def test_the_deadline_holds_from_name_to_confirmation() -> None:
    """Nothing is tried without time for it, however well the receiver behaves."""
    with receiving() as receiver, delivering(receiver.port, deadline=Deadline(0)) as delivery:
        said = failure(delivery, LINE)
    assert said == f"127.0.0.1:{receiver.port}: no time was left for a first attempt"
    assert receiver.accepted == 0


def stop_reading(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection, 10)
    receiver.over.wait()


def never_close(receiver: StandIn, connection: socket.socket) -> None:
    receiver.drain(connection)
    receiver.over.wait()


@pytest.mark.parametrize(
    ("behaviour", "batch", "said"),
    [
        (
            stop_reading,
            LARGE * 8,
            f"it did not take {len(LARGE) * 8} bytes in time: it has stopped reading",
        ),
        (stop_reading, LINE * 2, "it did not close in time: it may still be reading"),
        (never_close, LINE, "it did not close in time: it may still be reading"),
    ],
)
def test_a_receiver_that_hangs_has_not_confirmed(
    behaviour: Behaviour, batch: bytes, said: str
) -> None:
    """It may have everything in its kernel and nothing in its queue."""
    with (
        receiving(behaviour, buffer=SMALL) as receiver,
        delivering(receiver.port, idle=0.05) as delivery,
    ):
        assert why(failure(delivery, batch)) == said
    assert (delivery.batches, delivery.bytes, delivery.retries) == (0, 0, 5)


def test_a_receiver_that_hangs_is_a_failure_before_the_deadline() -> None:
    """The deadline ends it, not the function's timeout."""
    deadline = Deadline(BRIEF)
    with receiving(never_close) as receiver, delivering(receiver.port, deadline=deadline) as one:
        said = failure(one, LINE)
    assert "no time " in said
    assert deadline.left() == 0


def read_slowly(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection, 200 * 512, size=512)
    receiver.over.wait(0.05)
    receiver.drain(connection)


def test_a_slow_receiver_is_waited_for() -> None:
    """As long as it reads at all, it is given time to the deadline."""
    with receiving(read_slowly, buffer=SMALL) as receiver, delivering(receiver.port) as delivery:
        delivery.deliver(LARGE)
        assert len(receiver.lines) == 2_000
    assert delivery.retries == 0


def read_with_pauses(receiver: StandIn, connection: socket.socket) -> None:
    for _ in range(8):
        receiver.take(connection, 8 * SMALL)
        receiver.over.wait(BRIEF / 3)
    receiver.drain(connection)


@on_linux
def test_a_slow_receiver_is_no_receiver_that_hangs() -> None:
    """Also when all of a batch has left for our kernel, and only its end is waited for."""
    content = LINE * (64 * SMALL // len(LINE))
    with (
        receiving(read_with_pauses, buffer=SMALL) as receiver,
        delivering(receiver.port, idle=BRIEF) as delivery,
    ):
        delivery.deliver(content)
    assert len(receiver.lines) >= len(content) // len(LINE)


def reset_midway(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection, 10)
    reset(connection)


def close_unread(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection, 10)


def close_after_first_line(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection, len(LINE))


def reset_after_the_end(receiver: StandIn, connection: socket.socket) -> None:
    receiver.take(connection)
    reset(connection)


BROKEN_OFF = (
    "it broke the connection off: Connection reset by peer",
    "it broke the connection off: Broken pipe",
    "it broke the connection off: Transport endpoint is not connected",
    "it closed the connection before everything was sent",
    "it closed the connection before it had taken everything",
)


@pytest.mark.parametrize(
    "behaviour", [reset_midway, close_unread, close_after_first_line, reset_after_the_end]
)
def test_a_receiver_that_breaks_off_has_not_confirmed(behaviour: Behaviour) -> None:
    """Whether by RST, or by closing with or without having read what had come."""
    with receiving(behaviour) as receiver, delivering(receiver.port) as delivery:
        assert why(failure(delivery, LARGE)) in BROKEN_OFF


@pytest.mark.parametrize(
    "behaviour", [reset_midway, close_unread, close_after_first_line, reset_after_the_end]
)
def test_a_batch_is_repeated_after_a_failure(behaviour: Behaviour) -> None:
    """With the same bytes, so that ids inside make it harmless."""
    with receiving(behaviour, StandIn.drain) as receiver:
        with delivering(receiver.port) as delivery:
            delivery.deliver(LARGE)
        assert receiver.received == [LARGE]
    assert (delivery.batches, delivery.retries) == (1, 1)


FIN_WAIT2 = 5  # include/net/tcp_states.h: the other side's kernel has acknowledged our FIN


def half_close(receiver: StandIn, connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    while connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != FIN_WAIT2:
        if receiver.over.wait(0.01):
            return
    receiver.acted.set()
    receiver.drain(connection)


@on_linux
def test_an_eof_that_comes_before_ours_confirms_nothing() -> None:
    """A receiver that half-closes at once would otherwise confirm what it has not read."""
    with receiving(half_close, StandIn.drain) as receiver:
        # Looked at for the attempt, to connect, and then to send.
        deadline = Hooked().at(3, lambda: check(receiver.acted.wait(GENEROUS)))
        with delivering(receiver.port, deadline=deadline) as delivery:
            delivery.deliver(LINE)
    assert (delivery.retries, receiver.received[-1]) == (1, LINE)


def close_with_a_full_window(receiver: StandIn, connection: socket.socket) -> None:
    receiver.acted.wait()
    connection.shutdown(socket.SHUT_WR)
    receiver.over.wait()


@on_linux
def test_an_eof_while_something_is_left_to_send_confirms_nothing() -> None:
    """A receiver can close its side while its window is full and our FIN waits behind the data."""
    # More than the receiver's kernel takes, less than the smallest buffer that ours sends from.
    content = LINE * (3 * SMALL // len(LINE))
    with receiving(close_with_a_full_window, StandIn.drain, buffer=SMALL) as receiver:
        # Looked at for the attempt, to connect, to send, and then to wait for the end.
        deadline = Hooked().at(4, receiver.acted.set)
        with delivering(receiver.port, deadline=deadline) as delivery:
            delivery.deliver(content)
    assert (delivery.retries, receiver.received) == (1, [content])


def end_and_reset(receiver: StandIn, connection: socket.socket) -> None:
    receiver.acted.wait()
    connection.shutdown(socket.SHUT_WR)
    reset(connection)


@on_linux
def test_a_reset_that_hides_behind_an_end_is_seen() -> None:
    """Reading still comes to an end, and nothing is left to send, since nobody would take it."""
    patience = Patience(Deadline(GENEROUS), GENEROUS)
    with receiving(end_and_reset, buffer=SMALL) as receiver:
        address = (socket.AF_INET, ("127.0.0.1", receiver.port))
        stream = Stream(connected(address, patience), patience)
        stream.send(LINE * (3 * SMALL // len(LINE)))
        stream.finish()
        receiver.acted.set()
        receiver.wait_until(lambda: receiver.served == 1)
        stream.read_to_end()
        with pytest.raises(ConnectionResetError):
            stream.require_drained()
        stream.close()


def answer(receiver: StandIn, connection: socket.socket) -> None:
    receiver.drain(connection)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_receiver_that_answers_is_somebody_else() -> None:
    """A web server reads everything, too; it will not turn into Logstash by being asked again."""
    with receiving(answer) as receiver, delivering(receiver.port) as delivery:
        said = failure(delivery, LINE)
    assert said == (
        f"127.0.0.1:{receiver.port}: it answered, which a receiver of JSON lines never does: "
        "another service listens on this port (1 attempt; more would fail in the same way)"
    )


def go_down_cleanly(receiver: StandIn, connection: socket.socket) -> None:
    receiver.stop_listening()
    receiver.drain(connection)


def test_a_receiver_that_refuses_afterwards_was_going_down() -> None:
    """Logstash closes cleanly on its way down, without having taken everything."""
    pauses = []

    def come_back(pause: float) -> None:
        pauses.append(pause)
        receiver.listen()

    with receiving(go_down_cleanly, StandIn.drain) as receiver:
        with delivering(receiver.port, sleep=come_back) as delivery:
            delivery.deliver(LINE)
        assert receiver.received == [LINE, LINE]
    assert (delivery.retries, len(pauses)) == (1, 1)


def test_a_receiver_that_stays_down_has_not_confirmed() -> None:
    """What is said last is that nothing listens."""
    with receiving(go_down_cleanly) as receiver, delivering(receiver.port) as delivery:
        said = failure(delivery, LINE)
    assert said == (
        f"127.0.0.1:{receiver.port}: Connection refused: nothing listens there; "
        "is it running, and is the port right? (6 attempts; gave up after 6 rounds)"
    )


def close_when_told(receiver: StandIn, connection: socket.socket) -> None:
    receiver.acted.wait()


def reset_when_told(receiver: StandIn, connection: socket.socket) -> None:
    receiver.acted.wait()
    reset(connection)


@pytest.mark.parametrize("behaviour", [close_when_told, reset_when_told])
def test_a_connection_that_was_closed_while_idle_is_replaced(behaviour: Behaviour) -> None:
    """Receivers and firewalls do that to those who are silent for long; it is no failure."""
    slept: list[float] = []
    with receiving(StandIn.drain, behaviour, StandIn.drain) as receiver:
        with delivering(receiver.port, sleep=slept.append) as delivery:
            delivery.deliver(LINE)
            receiver.acted.set()
            receiver.wait_until(lambda: receiver.served == 2)
            delivery.deliver(BATCH)
        assert receiver.received == [LINE, BATCH]
    assert (delivery.retries, slept) == (0, [])


def test_a_connection_that_breaks_as_it_is_used_again_is_replaced() -> None:
    """At once, as nothing says that the receiver is not well."""
    slept: list[float] = []
    with receiving(StandIn.drain, reset_midway, StandIn.drain) as receiver:
        with delivering(receiver.port, sleep=slept.append) as delivery:
            delivery.deliver(LINE)
            delivery.deliver(BATCH)
        assert receiver.received == [LINE, BATCH]
    assert (delivery.batches, delivery.retries, slept) == (2, 1, [])


def test_what_is_given_up_is_broken_off() -> None:
    """Not ended: the receiver would take half a line for a whole one, and all of it once more."""
    ends: list[str] = []

    def read_late(receiver: StandIn, connection: socket.socket) -> None:
        receiver.acted.wait()
        try:
            receiver.take(connection)
        except ConnectionResetError:
            ends.append("reset")

    with receiving(read_late, StandIn.drain, buffer=SMALL) as receiver:
        with delivering(receiver.port, idle=0.05) as delivery:
            delivery.deliver(LARGE)
        receiver.acted.set()
        receiver.wait_until(lambda: receiver.served == receiver.accepted)
    assert ends == ["reset"]


def test_after_a_failure_the_next_batch_begins_anew(refused_port: int) -> None:
    """Nothing of the failure is left in the receiver or in the counters of what is confirmed."""
    with receiving(StandIn.drain, go_down_cleanly, StandIn.drain) as receiver:
        with delivering(receiver.port) as delivery:
            delivery.deliver(LINE)
            failure(delivery, BATCH)
            receiver.listen()
            delivery.deliver(LINE * 2)
        assert receiver.received == [LINE, BATCH, LINE * 2]
    assert (delivery.batches, delivery.bytes, delivery.retries) == (2, 3 * len(LINE), 6)


def test_the_time_within_deliveries_is_counted(refused_port: int) -> None:
    """Also of those that fail."""
    ticks = iter([1.0, 3.5, 10.0, 14.0])
    with receiving() as receiver, delivering(receiver.port, clock=lambda: next(ticks)) as delivery:
        delivery.deliver(LINE)
        receiver.stop_listening()
        failure(delivery, LINE)
    assert delivery.waited == 6.5


def test_a_deadline_counts_down_to_zero() -> None:
    """It never asks anybody to wait for a negative time."""
    times = iter([100.0, 101.5, 103.0])
    deadline = Deadline(2.0, lambda: next(times))
    assert [deadline.left(), deadline.left()] == [0.5, 0.0]


def test_everything_is_closed_that_was_opened() -> None:
    """Also where a delivery fails; a socket that is left open is an error of these tests."""
    for behaviour in (StandIn.drain, reset_midway, answer, close_unread):
        with receiving(behaviour) as receiver:
            delivery = delivering(receiver.port)
            with suppress(DeliveryError):
                delivery.deliver(LARGE)
            delivery.close()
            delivery.close()
            receiver.wait_until(lambda: receiver.served == receiver.accepted)
            del delivery
            gc.collect()
