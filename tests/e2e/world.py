"""The world around a function: a process in a namespace of its own that has every address in it.

It reads a scenario from one file, tries it, runs the function in it, and tells the rest in another.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from . import s3
from .namespaces import Wire, nft, wired
from .samples import alb

PATIENCE = 2.0
"""Seconds until nobody is taken to answer; whoever does takes a millisecond."""

LINES = 100
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}

Place = tuple[str, str, int]
"""Protocol, address, port."""


def main(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """What is reached without the rules and with them, and what becomes of the function."""
    probes: dict[str, Place] = {name: tuple(each) for name, each in scenario["probes"].items()}
    function, s3_place = scenario["function"], tuple(scenario["s3"])
    logs = s3.S3({scenario["key"]: alb(LINES)})
    received: list[bytes] = []
    with ExitStack() as stack:
        addresses = sorted({address for _, address, _ in (*probes.values(), s3_place)})
        wire = stack.enter_context(wired(function, addresses))
        stack.enter_context(s3.serving(logs, s3_place[1:]))
        for place in {*probes.values()} - {s3_place}:
            stack.enter_context(answering(place, received))
        stack.enter_context(listening_in(wire, function, scenario["inbound"]))
        before = reached(wire, probes, (function, scenario["inbound"]))
        subprocess.run([*nft(), "-f", "-"], input=scenario["ruleset"], text=True, check=True)
        after = reached(wire, probes, (function, scenario["inbound"]))
        received.clear()
        said = invoked(wire, scenario)
        lines = b"".join(received).count(b"\n")
    return {"before": before, "after": after, "function": said, "lines": lines}


def reached(wire: Wire, probes: Mapping[str, Place], inbound: tuple[str, int]) -> dict[str, str]:
    """What comes of each attempt, all at once."""
    with ThreadPoolExecutor(len(probes) + 1) as pool:
        outcomes = {name: pool.submit(from_inside, wire, place) for name, place in probes.items()}
        outcomes["the function itself"] = pool.submit(tried, ("tcp", *inbound))
        return {name: outcome.result() for name, outcome in outcomes.items()}


def from_inside(wire: Wire, place: Place) -> str:
    """Try it from where the function is."""
    with wire.inside():
        made = socket.socket(socket.AF_INET, KINDS[place[0]])
    return tried(place, made)


def tried(place: Place, made: socket.socket | None = None) -> str:
    """Connect, or over UDP ask and wait for an answer."""
    with made or socket.socket(socket.AF_INET, KINDS[place[0]]) as asking:
        asking.settimeout(PATIENCE)
        try:
            asking.connect(place[1:])
            if place[0] == "udp":
                asking.send(b"?")
                asking.recv(1)
        except TimeoutError:
            return "timed out"
        except OSError as error:
            return os.strerror(error.errno or 0)
        return "reached"


@contextmanager
def answering(place: Place, received: list[bytes]) -> Iterator[None]:
    """Something that is reached there: it takes what comes to its end, or answers a question."""
    with socket.socket(socket.AF_INET, KINDS[place[0]]) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(place[1:])
        if place[0] == "tcp":
            server.listen()
        act = _take if place[0] == "tcp" else _answer
        threading.Thread(target=act, args=(server, received), daemon=True).start()
        yield


def _take(server: socket.socket, received: list[bytes]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                while chunk := connection.recv(65536):
                    received.append(chunk)


def _answer(server: socket.socket, _: Iterable[bytes]) -> None:
    with suppress(OSError):
        while True:
            asking = server.recvfrom(1)[1]
            server.sendto(b"!", asking)


@contextmanager
def listening_in(wire: Wire, address: str, port: int) -> Iterator[None]:
    """Somebody in the function's place who would take a connection."""
    with wire.inside():
        server = socket.create_server((address, port))
    with server:
        yield


def invoked(wire: Wire, scenario: Mapping[str, Any]) -> Any:
    """What the packaged function says, in its own namespace, of an object in S3's place."""
    command = [*wire.command, sys.executable, "-m", "tests.e2e.inside"]
    done = subprocess.run(command, input=json.dumps(scenario), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


if __name__ == "__main__":
    told, tells = map(Path, sys.argv[1:])
    tells.write_text(json.dumps(main(json.loads(told.read_text()))))
