"""Two network namespaces joined by a wire: the function's, and one that is all the world around it.

Nothing of this machine's own network is touched, and everything ends with the processes in it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import unavailable

from .tools import nftables, with_libraries

INTERFACE = "function"
"""The world's end of the wire to the function."""

_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
_PREFIXES = (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net"))
_TRIAL = (
    "table inet trial { chain c { type filter hook output priority 0; ct state new accept; }; }"
)


def nft() -> Sequence[str]:
    """The command nft, with the libraries that it came with."""
    root = nftables()
    libraries = with_libraries(root)["LD_LIBRARY_PATH"]
    return ("env", f"LD_LIBRARY_PATH={libraries}", str(root / "usr/sbin/nft"))


def ip() -> str:
    """The command ip, which is part of every Debian that has a network."""
    found = shutil.which("ip", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        unavailable("ip not found: the namespaces are joined with Debian's package iproute2")
    return found


def in_a_new_one() -> Sequence[str]:
    """What runs the command after it in a namespace of its own, as root there; or skip the test."""
    trial = (
        *("sh", "-c", f'{ip()} link add here type veth peer name there && exec "$@" -f -'),
        *("sh", *nft()),
    )
    refusals = []
    for prefix in _PREFIXES:
        done = subprocess.run(
            [*prefix, *trial], input=_TRIAL, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return prefix
        refusals.append(done.stderr.strip())
    said = "; ".join(refusals)
    return unavailable(f"network namespaces with nftables are not allowed on this machine: {said}")


@dataclass(frozen=True)
class Wire:
    """From the world, where this process is, to the function's namespace."""

    process: int
    """Whose namespace it is."""

    @property
    def command(self) -> Sequence[str]:
        """What runs the command after it in the function's namespace."""
        return ("nsenter", f"--net={self._namespace}")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Sockets that this thread makes until the block's end are the function's, for good."""
        with Path("/proc/thread-self/ns/net").open() as ours, self._namespace.open() as theirs:
            _enter(theirs.fileno())
            try:
                yield
            finally:
                _enter(ours.fileno())

    @property
    def _namespace(self) -> Path:
        return Path(f"/proc/{self.process}/ns/net")


def _enter(descriptor: int) -> None:
    """`os.setns`, which Python has from 3.12 on."""
    if _LIBC.setns(descriptor, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@contextmanager
def wired(function: str, world: Sequence[str]) -> Iterator[Wire]:
    """Join a new namespace to this one: there one address, here those of everything else."""
    command = ("unshare", "--net", sys.executable, "-c", "print(flush=True); input()")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            holder.stdout.readline()  # now it is in its namespace
            wire = Wire(holder.pid)
            _configure(wire, function, world)
            yield wire
        finally:
            holder.kill()


def _configure(wire: Wire, function: str, world: Sequence[str]) -> None:
    here, there = (ip(),), (*wire.command, ip())
    _run(*here, "link", "set", "lo", "up")
    peer = ("peer", "name", "world", "netns", str(wire.process))
    _run(*here, "link", "add", INTERFACE, "type", "veth", *peer)
    for address in world:
        _run(*here, "address", "add", f"{address}/32", "dev", INTERFACE)
    _run(*here, "link", "set", INTERFACE, "up")
    _run(*here, "route", "add", f"{function}/32", "dev", INTERFACE)
    _run(*there, "link", "set", "lo", "up")
    _run(*there, "address", "add", f"{function}/32", "dev", "world")
    _run(*there, "link", "set", "world", "up")
    _run(*there, "route", "add", "default", "dev", "world")
    time.sleep(0.1)  # until both ends know of each other


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
