"""Pinned packages as wheels for Lambda, from the package index or the cache.

pip fetches them, as the user has set it up: index, proxy, credentials. It is asked for one pin at a
time, so that what goes wrong is said of that one; no container is needed, and nothing is built.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InputError, NotInstalledError
from infra.packaging.requirements import Pin
from infra.packaging.target import INTERPRETER, platforms
from infra.runtime import GLIBC, PYTHON, Architecture

PIP = (sys.executable, "-P", "-m", "pip")

_DOWNLOAD = (
    *("download", "--quiet", "--disable-pip-version-check", "--no-input"),
    *("--progress-bar=off", "--retries=2", "--no-deps", "--only-binary=:all:", "--require-hashes"),
    *("--implementation=cp", f"--python-version={PYTHON[0]}.{PYTHON[1]}", f"--abi={INTERPRETER}"),
)

_NO_PIP = "No module named pip"
_WRONG_HASH = "DO NOT MATCH THE HASHES"
_NOTHING_FOUND = ("No matching distribution found", "Could not find a version")
_NO_NETWORK = (
    *("connection broken by", "Max retries exceeded", "Could not fetch URL", "timed out"),
    *("Temporary failure in name resolution", "Name or service not known", "ProxyError"),
)


@dataclass(frozen=True)
class Wheel:
    """A package as it is published."""

    pin: Pin
    content: bytes


def wheel(
    pin: Pin,
    architecture: Architecture,
    tell: Callable[[str], None],
    *,
    pip: Sequence[str] = PIP,
) -> Wheel:
    """The wheel of a pin, whose hash has been checked."""
    kept = _cache() / _key(pin, architecture)
    with suppress(OSError):
        content = kept.read_bytes()
        if hashlib.sha256(content).hexdigest() in pin.hashes:
            return Wheel(pin, content)
    tell(f"fetch {pin} for {architecture}")
    content = _fetched(pin, architecture, pip)
    with suppress(OSError):  # without a cache the next run fetches it again
        _keep(kept, content)
    return Wheel(pin, content)


def _cache() -> Path:
    """https://specifications.freedesktop.org/basedir-spec/latest/."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(given) if given.startswith("/") else Path("~/.cache").expanduser()
    return home / "infra" / "wheels"


def _key(pin: Pin, architecture: Architecture) -> str:
    """A name for what the index is asked: another answer is only right to another question."""
    asked = [pin.name, pin.version, *sorted(pin.hashes), *platforms(architecture), INTERPRETER]
    return f"{hashlib.sha256(' '.join(asked).encode()).hexdigest()}.whl"


def _keep(file: Path, content: bytes) -> None:
    """Write it in one step, so that an interruption leaves nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(content)
        Path(partial).replace(file)
    finally:
        Path(partial).unlink(missing_ok=True)


def _fetched(pin: Pin, architecture: Architecture, pip: Sequence[str]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="infra-wheels-") as name:
        asked, got = Path(name, "requirements.txt"), Path(name, "got")
        hashes = " ".join(f"--hash=sha256:{each}" for each in sorted(pin.hashes))
        asked.write_text(f"{pin.name}=={pin.version} {hashes}\n", encoding="utf-8")
        for_platforms = [f"--platform={each}" for each in platforms(architecture)]
        done = subprocess.run(  # noqa: S603 - no shell, and the arguments are ours
            [*pip, *_DOWNLOAD, *for_platforms, f"--dest={got}", f"--requirement={asked}"],
            # What pip leaves where it is ended itself is in the folder too.
            env=os.environ | {"TMPDIR": name},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            raise _problem(pin, architecture, done.stdout + done.stderr)
        [file] = got.glob("*.whl")
        return file.read_bytes()


def _problem(pin: Pin, architecture: Architecture, said: str) -> InputError | NotInstalledError:
    """What pip said, in our words."""
    place = f"{pin.place}: {pin} for {architecture}"
    if _NO_PIP in said:
        return NotInstalledError(
            f"{place}: pip, which fetches it, is not installed for {sys.executable}; "
            "install it with `python -m ensurepip`"
        )
    if _WRONG_HASH in said:
        return InputError(
            f"{place}: what the package index has for it has none of the hashes given. If it has "
            f"a wheel for {architecture}, add that one's hash; if the hash was right before, "
            "somebody has replaced the file: find out who and why"
        )
    if any(each in said for each in _NO_NETWORK):
        return InputError(
            f"{place}: the package index cannot be reached: {_last_words(said)}. "
            "Connect to the network, or name an index that can be reached in PIP_INDEX_URL"
        )
    if any(each in said for each in _NOTHING_FOUND):
        return InputError(
            f"{place}: the package index has no such version, or no wheel of it for Python "
            f"{PYTHON[0]}.{PYTHON[1]} on {architecture} with glibc {GLIBC[0]}.{GLIBC[1]} or older; "
            "choose a version that has one"
        )
    return InputError(f"{place}: pip could not fetch it: {_last_words(said)}")


def _last_words(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
