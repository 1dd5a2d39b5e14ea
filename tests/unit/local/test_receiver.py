"""The receiver in Logstash's place, over real sockets."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import receiver
from infra.local.receiver import LINE_LIMIT, Received, Receiver


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Receiver]:
    with receiver.running(tmp_path / "events.jsonl") as running:
        yield running


def send(to: Receiver, *pieces: bytes) -> bytes:
    """Send, half-close, and read to the end, as the function does."""
    with socket.create_connection(to.address, timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(1)


def test_every_line_is_decoded_before_the_connection_is_closed(listening: Receiver) -> None:
    """Who reads to the end knows that the counts are final; nothing is ever answered."""
    sent = b"".join(b'{"n":%d}\n' % number for number in range(50_000))
    assert send(listening, sent) == b""
    assert listening.total == Received(50_000, 0, len(sent), 50_000)
    assert listening.events_file.read_bytes() == sent


def test_a_line_may_come_in_pieces(listening: Receiver) -> None:
    """Only a newline ends a line."""
    send(listening, b'{"a"', b':"\xc3', b'\xa4\xe2\x80\xa8"}\n{', b"}\n")
    lines = listening.events_file.read_text("utf-8").split("\n")
    assert [json.loads(line) for line in lines[:-1]] == [{"a": "ä\u2028"}, {}]


def test_what_is_no_json_object_is_counted_as_invalid(listening: Receiver) -> None:
    """A broken line hides neither itself nor its neighbours."""
    send(listening, b'{"a":1}\nnot json\n[1]\n\xff\n{"b":2}\n')
    assert listening.total == Received(events=2, invalid=3, bytes=31, different=2)


def test_an_event_that_comes_again_is_told_by_its_id(listening: Receiver) -> None:
    """As Logstash's output does; an event without an id is always another one."""
    first, second = b'{"a":1,"@metadata":{"_id":"x-0"}}\n', b'{"a":1,"@metadata":{"_id":"x-9"}}\n'
    other = b'{"@metadata":{"_id":7}}\n{"@metadata":null}\n'
    send(listening, first, second)
    send(listening, first, other, first)
    total = listening.total
    assert (total.events, total.different, total.repeated) == (6, 4, 2)


def test_an_unterminated_end_is_invalid(listening: Receiver) -> None:
    """A line without its newline may be cut short, however complete it looks."""
    send(listening, b'{"a":1}\n{"b":2}')
    assert listening.total == Received(events=1, invalid=1, bytes=15, different=1)


def test_an_endless_line_is_not_held(listening: Receiver) -> None:
    """A line over the limit is invalid, and the next one is read again."""
    send(listening, b'"', b"x" * (LINE_LIMIT + 1), b'"\n{"a":1}\n')
    total = listening.total
    assert (total.events, total.invalid) == (1, 1)


def test_connections_are_served_side_by_side(listening: Receiver) -> None:
    """One that sends nothing keeps nobody waiting, and a mere probe is not counted."""
    with socket.create_connection(listening.address, timeout=10) as idle:
        assert [send(listening, b'{"a":1}\n'), send(listening)] == [b"", b""]
        assert (listening.total.events, listening.connections) == (1, 1)
        idle.sendall(b'{"b":2}\n')
        idle.shutdown(socket.SHUT_WR)
        assert idle.recv(1) == b""
    assert (listening.total.events, listening.connections) == (2, 2)


def test_a_receiver_that_cannot_write_resets_the_connection(listening: Receiver) -> None:
    """A full disk must not look like events that were taken."""
    listening._file.close()
    with pytest.raises(OSError, match=r"reset|not connected|Broken pipe"):
        send(listening, b'{"a":1}\n')
    assert listening.total == Received()
    assert listening.problem is not None


def test_after_its_block_nobody_listens(tmp_path: Path) -> None:
    """Its port is free again, open connections are dropped, the events stay."""
    with receiver.running(tmp_path / "events.jsonl") as running:
        address = running.address
        idle = socket.create_connection(address, timeout=10)
        send(running, b"{}\n")
    with idle:
        assert idle.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=10)
    assert (tmp_path / "events.jsonl").read_bytes() == b"{}\n"
