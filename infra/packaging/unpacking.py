"""A wheel's files as they stand beside a function's own, at the top of its archive.

https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from email.parser import BytesParser
from pathlib import PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.errors import InputError
from infra.packaging.archive import File
from infra.packaging.requirements import Pin
from infra.packaging.target import marker_environment
from infra.packaging.wheels import Wheel
from infra.runtime import Architecture

_METADATA = "METADATA"
_KEPT = re.compile(
    r"METADATA|entry_points\.txt|licenses/.*|(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*"
)
"""Of a wheel's own information: what licences demand to go along, and what programs ask for at
run time by `importlib.metadata`, as scanners for known vulnerabilities do too."""

_ANYBODY_MAY_EXECUTE = 0o111 << 16


def unpacked(wheels: Sequence[Wheel], architecture: Architecture) -> dict[str, File]:
    """The files of these wheels by path; an InputError where one lacks another, or they collide."""
    files: dict[str, File] = {}
    problems: list[str] = []
    pins = {wheel.pin.name: wheel.pin for wheel in wheels}
    for wheel in wheels:
        with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
            problems += _lacking(wheel.pin, archive, pins, architecture)
            for path, file in _files(wheel.pin, archive):
                if files.setdefault(path, file) != file:
                    problems.append(_collision(wheel.pin, path))
    if problems:
        raise InputError("\n".join(problems))
    return files


def _files(pin: Pin, archive: zipfile.ZipFile) -> Iterator[tuple[str, File]]:
    for info in archive.infolist():
        path = PurePosixPath(info.filename)
        if path.is_absolute() or ".." in path.parts:
            raise InputError(f"{pin.place}: {pin} has a file {info.filename!r}; do not use it")
        place = _place(path)
        if place is not None and not info.is_dir():
            content = archive.read(info)
            if place.name == _METADATA and place.parent.suffix == ".dist-info":
                content = _head(content)
            executable = bool(info.external_attr & _ANYBODY_MAY_EXECUTE)
            yield str(place), File(content, executable)


def _collision(pin: Pin, path: str) -> str:
    return f"{pin.place}: {pin} has another {path} than one before it; take one of the two packages"


def _place(path: PurePosixPath) -> PurePosixPath | None:
    """Where a file of a wheel belongs; None for one that is of no use in Lambda."""
    top, *rest = path.parts
    if path.suffix == ".pyc" or "__pycache__" in path.parts:
        return None
    if top.endswith(".data"):
        return PurePosixPath(*rest[1:]) if rest[:1] in (["purelib"], ["platlib"]) else None
    if top.endswith(".dist-info"):
        return path if _KEPT.fullmatch("/".join(rest)) else None
    return path


def _head(metadata: bytes) -> bytes:
    """Without the description, which is most of it."""
    return re.split(rb"\r?\n\r?\n", metadata, maxsplit=1)[0].rstrip() + b"\n"


def _lacking(
    pin: Pin, archive: zipfile.ZipFile, pins: Mapping[str, Pin], architecture: Architecture
) -> Iterator[str]:
    """What the package needs there and is not pinned, or in another version."""
    for wanted in _requires(pin, archive, architecture):
        other = pins.get(canonicalize_name(wanted.name))
        if other is None:
            yield f"{pin.place}: {pin} needs {wanted}; add it there, with version and hashes"
        elif not wanted.specifier.contains(other.version, prereleases=True):
            yield f"{other.place}: {other} is not what {pin} needs: {wanted}"


def _requires(
    pin: Pin, archive: zipfile.ZipFile, architecture: Architecture
) -> Iterator[Requirement]:
    metadata = next(
        name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)
    )
    here = marker_environment(architecture)
    for text in BytesParser().parsebytes(archive.read(metadata)).get_all("Requires-Dist", ()):
        wanted = Requirement(text)
        marker, wanted.marker = wanted.marker, None
        if marker is None or any(
            marker.evaluate(here | {"extra": extra}) for extra in ("", *pin.extras)
        ):
            yield wanted
