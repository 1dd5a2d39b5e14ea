"""Delivery to receivers that behave and receivers that do not, over real sockets."""

from __future__ import annotations

import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lambda_src.log_processor.delivery import Address, Connection, Deadline
from lambda_src.log_processor.errors import DeliveryError

from .receivers import SMALL, Receiver, receiving, reset

LINE = b'{"a":1}\n'
BATCH = LINE * 16_384
GENEROUS = 60.0
"""Seconds that no machine takes, for what must not time out."""

Behaviour = Callable[[Receiver, socket.socket], None]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a socket's state")


class Clock:
    """Stands still until a test moves it, and calls who wants to know that it was looked at."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looked: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        self.looked()
        return self.now

    def leave_little(self) -> None:
        """Let each wait from now on be short, of those with the deadline GENEROUS."""
        self.now = GENEROUS - 0.1


def deliver(port: int, *batches: bytes, seconds: float = GENEROUS, host: str = "127.0.0.1") -> None:
    with Connection(host, port, Deadline(seconds)) as connection:
        for batch in batches:
            connection.send(batch)
        connection.confirm()


def failure(port: int, *batches: bytes, seconds: float = GENEROUS, host: str = "127.0.0.1") -> str:
    """Return what is said about a delivery that must fail, without the receiver's name."""
    return failure_of(lambda: deliver(port, *batches, seconds=seconds, host=host), host)


def failure_of(act: Callable[[], None], host: str = "127.0.0.1") -> str:
    with pytest.raises(DeliveryError) as caught:
        act()
    said = re.fullmatch(rf"{re.escape(host)}:[0-9]+: (.+)", str(caught.value))
    assert said, caught.value
    return said[1]


@contextmanager
def opened(
    receiver: Receiver, first: bytes, clock: Callable[[], float] = time.monotonic
) -> Iterator[Connection]:
    """A connection over which something has been sent."""
    with Connection("127.0.0.1", receiver.port, Deadline(GENEROUS, clock)) as connection:
        connection.send(first)
        yield connection


def test_all_batches_arrive_over_one_connection() -> None:
    """In order, and nothing else arrives."""
    with receiving() as receiver:
        deliver(receiver.port, *[BATCH] * 20, LINE)
    assert receiver.received == [BATCH * 20 + LINE]


def test_without_batches_nothing_connects(refused_port: int) -> None:
    """An object without events needs no receiver: not even a name is looked up."""
    asked = []

    def resolve(host: str, port: int) -> list[Address]:
        asked.append((host, port))
        return [(socket.AF_INET, ("127.0.0.1", refused_port))]

    with Connection("logstash", 5045, Deadline(GENEROUS), resolve) as connection:
        connection.confirm()
    assert asked == []


def test_every_address_of_a_name_is_tried(refused_port: int) -> None:
    """A name may have an IPv6 address where the receiver listens only on IPv4."""
    asked = []

    def resolve(host: str, port: int) -> list[Address]:
        asked.append((host, port))
        ports = (refused_port, receiver.port)
        return [(socket.AF_INET, ("127.0.0.1", each)) for each in ports]

    deadline = Deadline(GENEROUS)
    with receiving() as receiver, Connection("logstash", 5045, deadline, resolve) as connection:
        connection.send(LINE)
        connection.confirm()
    assert (asked, receiver.received) == ([("logstash", 5045)], [LINE])


def test_a_receiver_that_refuses_is_a_failure(refused_port: int) -> None:
    """The error names host and port."""
    assert failure(refused_port, LINE) == "Connection refused"


@pytest.mark.parametrize("host", ["fe80::1%nowhere", "a..b", "x" * 64 + ".invalid"])
def test_a_name_that_cannot_be_resolved_is_a_failure(host: str) -> None:
    """The error says that it is the name."""
    assert "the host name " in failure(9, LINE, host=host)


def test_a_deadline_that_has_passed_is_a_failure() -> None:
    """No connection is tried without time for it."""
    with receiving() as receiver:
        said = failure(receiver.port, LINE, seconds=0)
    assert said == "no connection: a firewall or a route is missing"


def stop_reading(receiver: Receiver, connection: socket.socket) -> None:
    connection.recv(10)
    receiver.over.wait()


def test_a_receiver_that_stops_reading_is_a_failure_in_time() -> None:
    """The deadline ends it, not the function's timeout."""
    clock = Clock()
    with receiving(stop_reading, SMALL) as receiver, opened(receiver, LINE * 2, clock) as one:
        clock.leave_little()
        said = failure_of(lambda: send_without_end(one))
    assert said == f"it did not take {len(BATCH)} bytes in time: it has stopped reading"


def send_without_end(connection: Connection) -> None:
    while True:
        connection.send(BATCH)


def test_a_deadline_that_passes_midway_is_a_failure() -> None:
    """Nothing more is sent and nothing is waited for, however well the receiver behaves."""
    clock = Clock()
    with receiving() as receiver, opened(receiver, LINE, clock) as connection:
        clock.now = GENEROUS
        said = [failure_of(lambda: connection.send(LINE)), failure_of(connection.confirm)]
    assert said == [
        "it did not take 8 bytes in time: it has stopped reading",
        "it did not close in time: it may still be reading",
    ]


def never_close(receiver: Receiver, connection: socket.socket) -> None:
    receiver.drain(connection)
    receiver.over.wait()


@pytest.mark.parametrize("behaviour", [stop_reading, never_close])
def test_a_receiver_that_does_not_close_has_not_confirmed(behaviour: Behaviour) -> None:
    """It may have everything in its kernel and nothing in its queue."""
    clock = Clock()
    with receiving(behaviour) as receiver, opened(receiver, LINE, clock) as connection:
        clock.leave_little()
        said = failure_of(connection.confirm)
    assert said == "it did not close in time: it may still be reading"


def reset_midway(receiver: Receiver, connection: socket.socket) -> None:
    connection.recv(10)
    reset(connection)


def close_unread(receiver: Receiver, connection: socket.socket) -> None:
    connection.recv(10)


def close_after_first_line(receiver: Receiver, connection: socket.socket) -> None:
    size = 0
    while size < len(LINE):
        size += len(connection.recv(len(LINE) - size))


BROKEN_OFF = (
    "it broke the connection off: Connection reset by peer",
    "it broke the connection off: Broken pipe",
    "it broke the connection off: Transport endpoint is not connected",
    "it closed the connection before everything was sent",
    "it closed the connection before it had taken everything",
)


@pytest.mark.parametrize("behaviour", [reset_midway, close_unread, close_after_first_line])
def test_a_receiver_that_breaks_off_is_a_failure(behaviour: Behaviour) -> None:
    """Whether by RST, or by closing with or without having read what had come."""
    with receiving(behaviour) as receiver:
        assert failure(receiver.port, *[BATCH] * 100) in BROKEN_OFF


@on_linux
@pytest.mark.parametrize(
    ("behaviour", "first"),
    [(reset_midway, LINE * 2), (close_unread, LINE * 2), (close_after_first_line, LINE)],
)
def test_a_receiver_that_breaks_off_before_the_last_batch_is_a_failure(
    behaviour: Behaviour, first: bytes
) -> None:
    """Its EOF came before ours, so it says nothing about the rest."""
    with receiving(behaviour) as receiver, opened(receiver, first) as connection:
        assert receiver.served.wait(GENEROUS)
        assert failure_of(lambda: finish(connection)) in BROKEN_OFF


def finish(connection: Connection) -> None:
    connection.send(LINE)
    connection.send(LINE)
    connection.confirm()


FIN_WAIT2 = 5  # include/net/tcp_states.h: the other side's kernel has acknowledged our FIN


def half_close(receiver: Receiver, connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    while connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != FIN_WAIT2:
        if receiver.over.wait(0.01):
            return
    receiver.acted.set()
    receiver.drain(connection)


@on_linux
def test_an_eof_that_comes_before_ours_confirms_nothing() -> None:
    """A receiver that half-closes at once would otherwise confirm what it has not read."""
    with receiving(half_close) as receiver, opened(receiver, LINE) as connection:
        assert receiver.acted.wait(GENEROUS)
        said = failure_of(connection.confirm)
    assert said == "it closed the connection before everything was sent"


def close_with_a_full_window(receiver: Receiver, connection: socket.socket) -> None:
    receiver.acted.wait()
    connection.shutdown(socket.SHUT_WR)
    receiver.over.wait()


@on_linux
def test_an_eof_while_something_is_left_to_send_confirms_nothing() -> None:
    """A receiver can close its side while its window is full and our FIN waits behind the data."""
    clock = Clock()
    # More than the receiver's kernel takes, less than the smallest buffer that ours sends from.
    content = LINE * (3 * SMALL // len(LINE))
    with (
        receiving(close_with_a_full_window, SMALL) as receiver,
        opened(receiver, content, clock) as connection,
    ):
        # Confirming looks at the clock when it has sent its FIN and is about to wait.
        clock.looked = receiver.acted.set
        said = failure_of(connection.confirm)
    assert said == "it closed the connection before it had taken everything"


def answer(receiver: Receiver, connection: socket.socket) -> None:
    receiver.drain(connection)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_receiver_that_answers_is_somebody_else() -> None:
    """A web server reads everything, too."""
    with receiving(answer) as receiver:
        said = failure(receiver.port, LINE)
    assert said == "it answered, which a receiver of JSON lines never does"


def go_down_cleanly(receiver: Receiver, connection: socket.socket) -> None:
    receiver.stop_listening()
    receiver.drain(connection)


def test_a_receiver_that_refuses_afterwards_was_going_down() -> None:
    """Logstash closes cleanly on its way down, without having taken everything."""
    with receiving(go_down_cleanly) as receiver:
        assert failure(receiver.port, LINE) == "Connection refused"


def test_a_deadline_counts_down_to_zero() -> None:
    """It never asks anybody to wait for a negative time."""
    times = iter([100.0, 101.5, 103.0])
    deadline = Deadline(2.0, lambda: next(times))
    assert [deadline.left(), deadline.left()] == [0.5, 0.0]
