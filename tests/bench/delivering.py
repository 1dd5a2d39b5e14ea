"""From a file to a receiver over loopback: in batches, and with a connection for each line."""

from __future__ import annotations

import shutil
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
from tests.bench.table import Result, compared

LINES = 50_000
HOST = "localhost"
"""A name, as in production: whoever connects looks it up."""
ROUNDS = 3


def delivering(folder: Path) -> list[Result]:
    """Compare the rates, with all lines counted at the receiver."""
    few, many = folder / "few.log", folder / "many.log"
    for log, number in ((few, LINES // 10), (many, LINES)):
        log.write_text("".join(f"{line}\n" for line in samples.classic(number)))
    ways: dict[str, tuple[int, Callable[[int], object]]] = {
        "ours": (LINES, lambda port: _forward(many, _connected(port))),
        "confirmed": (LINES // 10, lambda port: _forward(few, _LineByLine(_connected(port)))),
    }
    node = shutil.which("node")
    if node is not None:
        first = [node, str(Path(__file__).parent / "first_version.js"), "deliver", str(few), HOST]
        ways["first"] = (LINES // 10, lambda port: subprocess.run([*first, str(port)], check=True))
    best = dict.fromkeys(ways, 0.0)
    for _ in range(ROUNDS):
        for name, (number, send) in ways.items():
            best[name] = max(best[name], _rate(number, send))
    what = f"file to receiver, {LINES:,} classic lines, all arrived"
    same = compared("the same", best, "confirmed", "our own, each line confirmed alone", None)
    if node is None:
        return [Result(what, "", "Node.js is not there", "", "≥ 50", None), same]
    return [compared(what, best, "first", "a connection for each line, Node.js", 50), same]


def _rate(lines: int, send: Callable[[int], object]) -> float:
    with _receiver() as (port, count):
        start = time.perf_counter()
        send(port)
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
    target = Target(Protocol.TCP, (Endpoint(HOST, port),))
    return Receiver(target, Deadline(600))


class _LineByLine:
    """Delivers each line over a connection of its own, confirmed as a batch is."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def deliver(self, batch: bytes) -> None:
        for line in batch.splitlines(keepends=True):
            self._receiver.deliver(line)
