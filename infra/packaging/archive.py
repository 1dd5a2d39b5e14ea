"""Files as a zip whose bytes depend on their names and contents alone.

Not on the clock, the umask, the order of the directory, the machine or its zlib: entries are
sorted, stored uncompressed, and carry a fixed time and mode.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

_UNIX = 3
_READABLE, _EXECUTABLE = 0o100644 << 16, 0o100755 << 16
_DOS_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class File:
    """What an archive holds under a name."""

    content: bytes
    is_executable: bool = False


def archive(files: Mapping[str, File]) -> bytes:
    """The zip of these files, by their paths in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as written:
        for path in sorted(files, key=lambda path: path.split("/")):
            written.writestr(_entry(path, files[path]), files[path].content)
    return buffer.getvalue()


def _entry(path: str, file: File) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _DOS_EPOCH)
    entry.create_system = _UNIX
    entry.external_attr = _EXECUTABLE if file.is_executable else _READABLE
    return entry
