"""Log files on this machine: checked before anything starts, counted without being held.

The counts are the demo's own, made without the function's code, so that one can prove the other
wrong.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from infra.errors import InputError
from infra.words import printable

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class LogFile:
    """One file, and the key that it gets in the bucket."""

    path: Path
    key: str
    lines: int | None
    """Of its (uncompressed) content; None when it cannot be decompressed."""

    @property
    def may_be_skipped(self) -> bool:
        """Whether it is empty, or what AWS writes to try the bucket out: one line, and no log."""
        return self.lines == 0 or (self.lines == 1 and self.key.endswith("TestFile"))


def check(paths: Sequence[Path]) -> None:
    """Raise one InputError that names every file which cannot be read."""
    problems = [
        f"{printable(str(path))}: {problem}" for path in paths if (problem := _problem(path))
    ]
    if problems:
        raise InputError("These log files cannot be used:\n  " + "\n  ".join(problems))


def at(folder: str, paths: Sequence[Path]) -> tuple[LogFile, ...]:
    """The files with their keys below `folder`, base names kept and none twice."""
    seen: dict[str, int] = {}
    files = []
    for path in paths:
        name = key_name(path)
        seen[name] = seen.get(name, 0) + 1
        place = folder if seen[name] == 1 else f"{folder}{seen[name]}/"
        files.append(LogFile(path, f"{place}{name}", count_lines(path)))
    return tuple(files)


def key_name(path: Path) -> str:
    """The file's own name; what S3 refuses or advises against becomes question marks.

    That is bytes that are no UTF-8, and control characters:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
    """
    name = os.fsencode(path.name).decode("utf-8", errors="replace").replace("\ufffd", "?")
    return "".join(each if each.isprintable() else "?" for each in name)


def count_lines(path: Path) -> int | None:
    r"""Lines of a plain or gzip file, by `\n` alone; an unterminated last one counts."""
    try:
        with path.open("rb") as plain:
            if plain.read(2) != _GZIP_MAGIC:
                plain.seek(0)
                return _count(plain)
        with gzip.open(path) as unzipped:
            return _count(unzipped)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return None


def _count(file: BinaryIO | gzip.GzipFile) -> int:
    newlines, last = 0, b"\n"
    while chunk := file.read(_CHUNK):
        newlines += chunk.count(b"\n")
        last = chunk[-1:]
    return newlines + (last != b"\n")


def _problem(path: Path) -> str | None:
    if not path.name:
        return "is no file's name"
    try:
        if path.is_dir():
            return "is a folder; name the files in it"
        if path.exists() and not path.is_file():
            return "is no regular file; it is read twice, so save it as a file first"
        with path.open("rb"):
            return None
    except FileNotFoundError:
        return "does not exist"
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
