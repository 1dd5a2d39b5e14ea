"""Delivery over Lumberjack to a server that was written from the protocol alone."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from lambda_src.log_processor.delivery import Deadline, Protocol, Target

from .delivering import BRIEF, delivering, failure, numbered, target
from .lumberjack_server import Counting, Session, acknowledge_windows, acknowledging, serving
from .receivers import SMALL, Behaviour, StandIn, receiving

EVENTS = numbered(5_000, size=100)
BATCH = b"".join(EVENTS)
FEW = numbered(3)
SMALL_BATCH = b"".join(FEW)


def to(receiver: StandIn, compression_level: int = 0) -> Target:
    return target(Protocol.LUMBERJACK, receiver.port, compression_level=compression_level)


def why(said: str) -> str:
    """Return a failure without the receiver's name and the number of attempts."""
    return said.split(": ", 1)[1].rsplit(" (", 1)[0]


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize("compression_level", [0, 1, 9])
def test_all_batches_are_acknowledged_over_one_connection(
    counting: Counting, compression_level: int
) -> None:
    """In several windows each, whichever way the server counts, and nothing arrives twice."""
    with receiving(acknowledging(counting)) as receiver:
        with delivering(to(receiver, compression_level)) as delivery:
            for count in range(1, 4):
                delivery.deliver(BATCH)
                assert receiver.lines == EVENTS * count
        assert receiver.accepted == 1
    assert (delivery.batches, delivery.retries, delivery.bytes) == (3, 0, 3 * len(BATCH))


def test_an_event_may_be_larger_than_a_window() -> None:
    """It has one of its own."""
    events = [*FEW, *numbered(1, size=2_000_000), *FEW]
    with receiving(acknowledging()) as receiver, delivering(to(receiver)) as delivery:
        delivery.deliver(b"".join(events))
        assert receiver.lines == events


def test_without_events_nothing_connects(refused_port: int) -> None:
    """Neither for an empty batch nor for empty lines."""
    with delivering(target(Protocol.LUMBERJACK, refused_port)) as delivery:
        delivery.deliver(b"")
        delivery.deliver(b"\n\n")


def each_event(receiver: StandIn, connection: socket.socket, session: Session) -> None:
    session.acknowledge()


def test_events_may_be_acknowledged_one_by_one() -> None:
    """The window is done with the last of them."""
    with receiving(serving(each_event)) as receiver, delivering(to(receiver)) as delivery:
        delivery.deliver(BATCH)
        assert receiver.lines == EVENTS


def in_pieces(receiver: StandIn, connection: socket.socket, session: Session) -> None:
    if session.count == session.size:
        for byte in b"2A\0\0\0\0" + b"2A" + session.size.to_bytes(4, "big"):
            connection.sendall(bytes([byte]))
            receiver.over.wait(0.001)


def test_acknowledgements_may_come_in_pieces() -> None:
    """As TCP cuts them."""
    with receiving(serving(in_pieces)) as receiver, delivering(to(receiver)) as delivery:
        delivery.deliver(SMALL_BATCH)
        assert receiver.lines == FEW


def only_alive(times: int) -> Callable[[StandIn, socket.socket, Session], None]:
    """Say so often that the window is being worked on, then acknowledge it."""

    def answer(receiver: StandIn, connection: socket.socket, session: Session) -> None:
        if session.count == session.size:
            for _ in range(times):
                session.keep_alive()
                if receiver.over.wait(BRIEF / 4):
                    return
            session.acknowledge()

    return answer


def test_a_server_that_is_alive_is_waited_for() -> None:
    """Longer than one that is silent."""
    with (
        receiving(serving(only_alive(8))) as receiver,
        delivering(to(receiver), idle=BRIEF) as delivery,
    ):
        delivery.deliver(SMALL_BATCH)
    assert set(receiver.lines) == set(FEW)


def test_a_server_that_is_only_alive_is_waited_for_until_the_deadline() -> None:
    """A keep-alive acknowledges nothing."""
    deadline = Deadline(BRIEF)
    with (
        receiving(serving(only_alive(1_000))) as receiver,
        delivering(to(receiver), deadline=deadline) as delivery,
    ):
        said = failure(delivery, SMALL_BATCH)
    assert "no time " in said
    assert deadline.left() == 0


def nothing(receiver: StandIn, connection: socket.socket, session: Session) -> None:
    """Take everything and acknowledge nothing."""


def test_a_server_that_is_silent_has_not_confirmed() -> None:
    """It may have taken the events, and nobody knows."""
    with (
        receiving(serving(nothing)) as receiver,
        delivering(to(receiver), idle=0.05) as delivery,
    ):
        said = failure(delivery, SMALL_BATCH)
    assert why(said) == "it did not acknowledge 3 events in time: is it blocked?"
    assert delivery.batches == 0


def stop_reading(receiver: StandIn, connection: socket.socket) -> None:
    connection.recv(10)
    receiver.over.wait()


def test_a_server_that_stops_reading_is_a_failure() -> None:
    """As soon as nothing moves for long."""
    content = b"".join(numbered(8, size=1_000_000))
    with (
        receiving(stop_reading, buffer=SMALL) as receiver,
        delivering(to(receiver), idle=0.05) as delivery,
    ):
        said = failure(delivery, content)
    assert " in time: " in why(said)


def close_after(count: int, acknowledged: int) -> Behaviour:
    """Close in order when so many events are taken, and acknowledge that many of them."""
    taken = 0

    def behave(receiver: StandIn, connection: socket.socket) -> None:
        serving(answer)(receiver, connection)

    def answer(receiver: StandIn, connection: socket.socket, session: Session) -> None:
        nonlocal taken
        taken += 1
        if taken == count:
            session.say(acknowledged)
            connection.close()
        else:
            acknowledge_windows(receiver, connection, session)

    return behave


def test_only_what_is_not_acknowledged_is_sent_again() -> None:
    """Of a window, and of a batch's windows."""
    with receiving(close_after(3, 2), acknowledging()) as receiver:
        with delivering(to(receiver)) as delivery:
            delivery.deliver(SMALL_BATCH)
        assert receiver.lines == [*FEW, *FEW[2:]]
    with receiving(close_after(4_096, 1_000), acknowledging()) as receiver:
        with delivering(to(receiver)) as delivery:
            delivery.deliver(BATCH)
        assert receiver.lines == EVENTS[:4_096] + EVENTS[3_048:]
    assert (delivery.batches, delivery.retries) == (1, 1)


def test_what_is_acknowledged_stays_so_with_another_receiver() -> None:
    """Both hand on to the same place."""
    with receiving(close_after(3, 2)) as one, receiving(acknowledging()) as two:
        where = target(Protocol.LUMBERJACK, one.port, two.port)
        with delivering(where) as delivery:
            delivery.deliver(SMALL_BATCH)
        assert (one.lines, two.lines) == (FEW, FEW[2:])


def test_a_connection_that_was_closed_while_idle_is_replaced() -> None:
    """It is no failure, and nothing is waited for."""
    slept: list[float] = []
    with receiving(close_after(3, 3), acknowledging()) as receiver:
        with delivering(to(receiver), sleep=slept.append) as delivery:
            delivery.deliver(SMALL_BATCH)
            receiver.wait_until(lambda: receiver.served == 1)
            delivery.deliver(BATCH)
        assert receiver.lines == FEW + EVENTS
    assert (delivery.retries, slept) == (0, [])


def test_a_connection_that_breaks_as_it_is_used_again_is_replaced() -> None:
    """At once, as nothing says that the server is not well."""
    slept: list[float] = []
    with receiving(close_after(4, 0), acknowledging()) as receiver:
        with delivering(to(receiver), sleep=slept.append) as delivery:
            delivery.deliver(SMALL_BATCH)
            delivery.deliver(b"".join(FEW[:1]))
        assert receiver.lines == [*FEW, FEW[0], FEW[0]]
    assert (delivery.batches, delivery.retries, slept) == (2, 1, [])


def twice(receiver: StandIn, connection: socket.socket, session: Session) -> None:
    """Acknowledge the first window twice, and the second not at all."""
    if session.count == session.size:
        if len(receiver.lines) > len(FEW):
            connection.close()
        else:
            connection.sendall((b"2A" + session.size.to_bytes(4, "big")) * 2)


def test_an_acknowledgement_too_many_is_not_for_the_next_window() -> None:
    """What was there before a window was sent cannot be about it."""
    with receiving(serving(twice), acknowledging()) as receiver:
        with delivering(to(receiver)) as delivery:
            delivery.deliver(SMALL_BATCH)
            delivery.deliver(SMALL_BATCH)
        assert receiver.lines == FEW * 3
    assert delivery.retries == 1


def saying(answer: bytes) -> Behaviour:
    """Read a little, whatever it is, and answer this."""

    def behave(receiver: StandIn, connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(answer)
        receiver.over.wait()

    return behave


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "it answered b'HT' instead of an acknowledgement: "
            "it does not speak Lumberjack on this port",
        ),
        (
            b"1A\0\0\0\3",
            "it speaks version 1 of Lumberjack; version 2 is needed, as Logstash's beats input",
        ),
        (
            b"2A\0\0\0\4",
            "it acknowledged event 4 of a window of 3: it does not count within windows",
        ),
    ],
)
def test_whoever_answers_something_else_is_no_receiver(answer: bytes, said: str) -> None:
    """And will not become one by being asked again."""
    with receiving(saying(answer)) as receiver, delivering(to(receiver)) as delivery:
        assert why(failure(delivery, SMALL_BATCH)) == said
    assert (delivery.batches, delivery.retries) == (0, 0)


def test_a_server_that_closes_without_a_word_has_not_confirmed() -> None:
    """Nothing is known of what it had read."""
    with receiving(serving(close)) as receiver, delivering(to(receiver)) as delivery:
        said = failure(delivery, SMALL_BATCH)
    assert why(said) == (
        "it closed the connection without having acknowledged everything: "
        "it may be going down, or may expect another protocol"
    )


def close(receiver: StandIn, connection: socket.socket, session: Session) -> None:
    if session.count == session.size:
        connection.close()
