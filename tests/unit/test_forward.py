"""`infra forward` as a user runs it: to each kind of receiver, and to none."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import pytest

from lambda_src.log_processor.delivery import Protocol
from tests.unit.commands import Infra, ended, started
from tests.unit.processing.fakes import CLASSIC

from .log_processor.certificates import NAME, certificates, server_context
from .log_processor.lumberjack_server import acknowledging
from .log_processor.receivers import Behaviour, StandIn, over_tls, receiving

LINE = f"{CLASSIC}\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "a.log"
    path.write_text(LINE * 2000)
    return path


def behaviour(protocol: Protocol) -> Behaviour:
    inner = acknowledging() if protocol.is_acknowledged else StandIn.drain
    if not protocol.is_encrypted:
        return inner
    return over_tls(server_context(certificates().receiver, certificates().ca), inner)


def options(protocol: Protocol, place: Path) -> list[str]:
    if not protocol.is_encrypted:
        return ["--compression-level", "3"] if protocol.is_acknowledged else []
    contents = {
        "ca": certificates().ca,
        "certificate": certificates().client.certificate,
        "private-key": certificates().client.key,
    }
    for name, text in contents.items():
        (place / name).write_text(text)
    files = [word for name in contents for word in (f"--{name}", str(place / name))]
    return [*files, "--server-name", NAME]


@pytest.mark.parametrize("protocol", Protocol)
def test_every_line_arrives_as_an_event(
    infra: Infra, protocol: Protocol, tmp_path: Path, log: Path
) -> None:
    """Over each of the four protocols; exit code 0."""
    with receiving(behaviour(protocol)) as receiver:
        url = f"{protocol}://127.0.0.1:{receiver.port}"
        done = infra("forward", log, "--to", url, *options(protocol, tmp_path))
    said = "every line accounted for: 2,000 read = 2,000 delivered + 0 filtered + 0 rejected"
    assert (done.code, done.stdout) == (0, b"")
    assert done.talk[-1] == said
    assert {json.loads(line)["Status"] for line in receiver.lines} == {"200"}
    assert len(receiver.lines) == 2000


def test_parse_and_forward_make_the_same_events(infra: Infra, tmp_path: Path, log: Path) -> None:
    """Byte by byte."""
    with receiving() as receiver:
        infra("forward", log, "--env", "dev", "--to", f"tcp://127.0.0.1:{receiver.port}")
    assert infra("parse", log, "--env", "dev").stdout == b"".join(receiver.lines)


def test_another_receiver_takes_over(
    infra: Infra, tmp_path: Path, log: Path, refused_port: int
) -> None:
    """Whichever of them comes first."""
    with receiving() as receiver:
        hosts = f"127.0.0.1:{refused_port},127.0.0.1:{receiver.port}"
        done = infra("forward", log, "--to", f"tcp://{hosts}")
        assert done.code == 0
        again = ["--to", f"tcp://127.0.0.1:{refused_port}"]
        url = f"tcp://127.0.0.1:{receiver.port}"
        assert infra("forward", log, *again, "--to", url).code == 0
    assert len(receiver.lines) == 4000


def test_a_refused_connection_says_what_was_not_delivered(
    infra: Infra, tmp_path: Path, log: Path, refused_port: int
) -> None:
    """Exit code 1 and no traceback; --json puts the summary on stdout."""
    done = infra("forward", log, "--json", "--to", f"tcp://127.0.0.1:{refused_port}")
    said = json.loads(done.stdout)
    [file] = said["files"]
    assert file["said"].startswith(f"127.0.0.1:{refused_port}: Connection refused: ")
    assert said["unconfirmed"] == said["read"] > 0
    assert (done.code, said["accounted"], b"Traceback" in done.stderr) == (1, False, False)


def test_rejected_lines_are_exit_code_2(infra: Infra, tmp_path: Path, log: Path) -> None:
    """All others are delivered."""
    log.write_text(f"nonsense\n{LINE}")
    with receiving() as receiver:
        url = f"tcp://127.0.0.1:{receiver.port}"
        done = infra("forward", log, "--to", url, "--rejected", "kept")
    assert (done.code, len(receiver.lines)) == (2, 1)
    assert len(list((tmp_path / "kept").rglob("*.jsonl"))) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_says_how_far_it_came(
    tmp_path: Path, log: Path, number: int, code: int
) -> None:
    """What the receiver has not confirmed counts as unconfirmed."""

    def hang(receiver: StandIn, connection: socket.socket) -> None:
        connection.recv(1)
        receiver.acted.set()
        receiver.over.wait()

    log.write_text(LINE * 3)
    with receiving(hang) as receiver:
        url = f"tcp://127.0.0.1:{receiver.port}"
        running = started(tmp_path, "forward", log, "gone.log", "--to", url)
        assert receiver.acted.wait(60)
        running.send_signal(number)
        done = ended(running)
    assert done.talk[0] == f"{log}: interrupted"
    assert "interrupted; 1 source left untried" in done.talk
    assert done.talk[-1].endswith(" = 0 delivered + 0 filtered + 0 rejected + 3 unconfirmed")
    assert (done.code, b"Traceback" in done.stderr) == (code, False)


def test_a_receiver_that_is_none_is_a_message(infra: Infra, tmp_path: Path, log: Path) -> None:
    """Before anything is read; without one the command line is wrong."""
    done = infra("forward", log, "--to", "udp://x:1")
    assert (done.code, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith("infra: --to 'udp://x:1' is no receiver")
    assert infra("forward", log).code == 2
