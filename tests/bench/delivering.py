"""From a file to a receiver over loopback: in batches, and with a connection for each line."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lambda_src.log_processor.accounting import Account
from lambda_src.log_processor.delivery import Deadline, Endpoint, Protocol, Receiver, Target
from lambda_src.log_processor.forwarding import Receiver as Deliverer
from lambda_src.log_processor.forwarding import Transformation, Work, forward
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.schemas import Schema, writer
from tests.bench import samples
from tests.bench.parsing import CHUNK_BYTES, STATIC
from tests.bench.table import Result

LINES = 50_000
ROUNDS = 3


def delivering(folder: Path) -> list[Result]:
    """Compare the rates, with all lines counted at the receiver."""
    logs = {number: folder / f"{number}.log" for number in (LINES, LINES // 10)}
    for number, log in logs.items():
        log.write_text("".join(f"{line}\n" for line in samples.classic(number)))
    ways: dict[str, tuple[int, Callable[[int], Deliverer]]] = {
        "ours": (LINES, _connected),
        "confirmed": (LINES // 10, lambda port: _LineByLine(_connected(port))),
        "unconfirmed": (LINES // 10, _Unconfirmed),
    }
    best = dict.fromkeys(ways, 0.0)
    for _ in range(ROUNDS):
        for name, (number, receiver) in ways.items():
            best[name] = max(best[name], _rate(logs[number], number, receiver))
    what = f"file to receiver, {LINES:,} classic lines, all arrived"
    return [
        _result(what, best, "confirmed", "a connection for each line, confirmed", 50),
        _result("the same", best, "unconfirmed", "a connection for each line, unconfirmed", None),
    ]


def _result(
    what: str, best: dict[str, float], other: str, name: str, wanted: float | None
) -> Result:
    ratio = best["ours"] / best[other]
    return Result(
        what,
        f"{best['ours']:,.0f} lines/s",
        f"{best[other]:,.0f} lines/s: {name}",
        f"{ratio:.0f}",
        "" if wanted is None else f"≥ {wanted:g}",
        True if wanted is None else ratio >= wanted,
    )


def _rate(log: Path, lines: int, receiver: Callable[[int], Deliverer]) -> float:
    with _receiver() as (port, count):
        start = time.perf_counter()
        _forward(log, receiver(port))
        while count() < lines:
            time.sleep(0.001)
        return lines / (time.perf_counter() - start)


@contextmanager
def _receiver() -> Iterator[tuple[int, Callable[[], int]]]:
    command = [sys.executable, "-m", "tests.bench.receiver"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asking, answers = process.stdin, process.stdout
        port = int(answers.readline())

        def count() -> int:
            asking.write("\n")
            asking.flush()
            return int(answers.readline())

        yield port, count
        asking.close()
        process.kill()


def _chunks(log: Path) -> Iterator[bytes]:
    with log.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _forward(log: Path, receiver: Deliverer) -> None:
    work = Work(
        origin=Origin("", str(log), "1"),
        kind=Kind.CLASSIC,
        transformation=Transformation(writer(Schema.ORIGINAL, STATIC)),
        receiver=receiver,
        texts=None,
        stop=Deadline(600),
    )
    account = Account()
    assert forward(work, _chunks(log), account)
    assert account.delivered == account.read


def _connected(port: int) -> Receiver:
    target = Target(Protocol.TCP, (Endpoint("127.0.0.1", port),))
    return Receiver(target, Deadline(600))


class _LineByLine:
    """Delivers each line over a connection of its own, confirmed as a batch is."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def deliver(self, batch: bytes) -> None:
        for line in batch.splitlines(keepends=True):
            self._receiver.deliver(line)


class _Unconfirmed:
    """Delivers each line over a connection of its own, and hopes for the best."""

    def __init__(self, port: int) -> None:
        self._port = port

    def deliver(self, batch: bytes) -> None:
        for line in batch.splitlines(keepends=True):
            with socket.create_connection(("127.0.0.1", self._port)) as connection:
                connection.sendall(line)
