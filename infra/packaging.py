"""A folder of lambda_src as a zip whose bytes depend on the sources alone.

Not on the clock, the umask, the order of the directory, the machine or its zlib: entries are
sorted, stored uncompressed, and carry a fixed time and mode.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import infra
from infra.errors import InputError
from infra.model import Asset
from infra.naming import asset_key, did_you_mean

SOURCES = Path(infra.__file__).parent.parent / "lambda_src"
"""Beside the package, in a checkout and where it is installed."""

_UNIX = 3
_REGULAR_READABLE = 0o100644 << 16
_DOS_EPOCH = (1980, 1, 1, 0, 0, 0)


def functions() -> tuple[str, ...]:
    """The functions there are, sorted."""
    return tuple(sorted(file.parent.name for file in SOURCES.glob("*/handler.py")))


def package(function: str, *, bucket: str) -> Asset:
    """The zip of one function, named by its content; `bucket` is where it will stand."""
    if function not in functions():
        raise InputError(
            f"no function {function!r} in {SOURCES}{did_you_mean(function, functions())}; "
            f"there are: {', '.join(functions()) or 'none'}"
        )
    content = _zip(SOURCES / function)
    sha256 = hashlib.sha256(content).hexdigest()
    return Asset(function, content, sha256, bucket, asset_key(function, sha256))


def _zip(folder: Path) -> bytes:
    """The folder with its own name as the top of the archive, so that imports stay relative."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.rglob("*.py"), key=lambda file: file.parts):
            archive.writestr(_entry(file.relative_to(folder.parent)), file.read_bytes())
    return buffer.getvalue()


def _entry(path: Path) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path.as_posix(), _DOS_EPOCH)
    entry.create_system = _UNIX
    entry.external_attr = _REGULAR_READABLE
    return entry
