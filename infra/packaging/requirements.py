"""The packages of others that a function needs: exact versions and hashes, out of its folder.

The format is pip's, as `pip-compile --generate-hashes` and `uv pip compile --generate-hashes`
write it: https://pip.pypa.io/en/stable/topics/secure-installs/#hash-checking-mode
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from infra.errors import InputError
from infra.packaging.modules import NEEDED, OPTIONAL
from infra.packaging.target import marker_environment
from infra.runtime import Architecture

_HASH = re.compile(r"\s--hash=sha256:([0-9a-f]{64})(?=\s|$)")


@dataclass(frozen=True)
class Pin:
    """One version of one package, and the hashes of the files that may be it."""

    name: str
    version: str
    extras: frozenset[str]
    hashes: frozenset[str]
    place: str
    """The file and line that it stands on."""

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def pins(folder: Path, architecture: Architecture) -> tuple[Pin, ...]:
    """All that the function of this folder takes along; an InputError has every problem of it."""
    found: list[Pin] = []
    problems: list[str] = []
    for file in (folder / NEEDED, folder / OPTIONAL):
        for number, line in _lines(file):
            try:
                found += _pin(line, f"{file}:{number}", architecture)
            except ValueError as error:
                problems.append(f"{file}:{number}: {error}")
    problems += _twice(found)
    if problems:
        raise InputError("\n".join(problems))
    return tuple(sorted(found, key=lambda pin: pin.name))


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines as pip counts them: joined where they end in a backslash, without comments."""
    if not file.is_file():
        return
    begun, joined = 0, ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        begun = begun if joined else number
        joined += re.sub(r"(^|\s)#.*", "", line).rstrip()
        if joined.endswith("\\"):
            joined = joined[:-1] + " "
            continue
        if joined.strip():
            yield begun, joined.strip()
        joined = ""


def _pin(line: str, place: str, architecture: Architecture) -> Iterator[Pin]:
    """The line's pin, if its marker holds where the function runs."""
    hashes = frozenset(_HASH.findall(line))
    text = _HASH.sub("", line).strip()
    try:
        wanted = Requirement(text)
    except InvalidRequirement:
        raise ValueError(f"found {text!r}; {_ALLOWED}") from None
    versions = [each.version for each in wanted.specifier if each.operator == "=="]
    if wanted.url or len(wanted.specifier) != 1 or not versions or "*" in versions[0]:
        raise ValueError(f"found {text!r}, which is no exact version; {_ALLOWED}")
    if not hashes:
        raise ValueError(
            f"{wanted.name} has no --hash=sha256:…; write the file with "
            "`pip-compile --generate-hashes`, or take them from `pip hash`"
        )
    if wanted.marker is None or wanted.marker.evaluate(marker_environment(architecture)):
        name = canonicalize_name(wanted.name)
        yield Pin(name, versions[0], frozenset(wanted.extras), hashes, place)


_ALLOWED = "allowed: name==version --hash=sha256:…"


def _twice(found: list[Pin]) -> Iterator[str]:
    first: dict[str, Pin] = {}
    for pin in found:
        if pin.name in first:
            yield f"{pin.place}: {pin.name} stands on {first[pin.name].place} too; remove one"
        first.setdefault(pin.name, pin)
