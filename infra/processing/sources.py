"""What arguments name: files, folders, patterns, objects, stdin; one after the other, sorted.

What cannot be read, and what is not read, is among them with the reason: nothing is left out
silently.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.aws.services import ObjectReader
from infra.errors import AwsError, InputError
from infra.naming import did_you_mean

STANDARD_INPUT = "-"
_S3 = "s3://"


@dataclass(frozen=True)
class LocalFile:
    """A regular file."""

    path: Path
    size: int

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return str(self.path)

    @property
    def key(self) -> str:
        """Its absolute path, in the place of an object's key."""
        return absolute(self.path).as_posix()


@dataclass(frozen=True)
class Stream:
    """What can be read only once: stdin, a named pipe, a shell's `<(…)`."""

    path: Path | None = None
    """None for stdin."""

    size = None

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return "stdin" if self.path is None else str(self.path)

    @property
    def key(self) -> str:
        """Its absolute path in the place of an object's key, `-` for stdin."""
        return STANDARD_INPUT if self.path is None else absolute(self.path).as_posix()


@dataclass(frozen=True)
class StoredLog:
    """An object in S3."""

    bucket: str
    key: str
    size: int | None = None
    """Where it was listed."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"{_S3}{self.bucket}/{self.key}"


@dataclass(frozen=True)
class Unread:
    """What is not read, and why."""

    name: str
    reason: str
    failed: bool = True
    """Else nobody expects it to be read."""

    size = None


Source = LocalFile | Stream | StoredLog | Unread
Exempt = Callable[[Path], str | None]
"""Why a path is not to be read although it is named; None if it is to be."""


def check(arguments: Sequence[str]) -> None:
    """Raise one InputError for all arguments that could never name anything."""
    problems = [problem for each in arguments if (problem := _problem(each))]
    if problems:
        raise InputError("\n".join(problems))


def in_s3(argument: str) -> bool:
    """Whether S3 has to be asked."""
    return argument.startswith(_S3)


def found(
    arguments: Sequence[str], reader: ObjectReader | None, exempt: Exempt = lambda _: None
) -> Iterator[Source]:
    """Yield what the arguments name, each thing once; S3 is listed while this is read.

    `reader` is needed if an argument is in S3.
    """
    search = _Search(reader, exempt)
    for argument in arguments:
        yield from search.named(argument)


def absolute(path: Path) -> Path:
    """The path from the root on, without `..`; links stay what they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (Path.absolute keeps `..`)


class _Search:
    def __init__(self, reader: ObjectReader | None, exempt: Exempt) -> None:
        self._reader, self._exempt = reader, exempt
        self._paths: set[Path] = set()
        self._objects: list[tuple[str, str]] = []

    def named(self, argument: str) -> Iterator[Source]:
        if argument == STANDARD_INPUT:
            yield self._once(Stream(), Path(STANDARD_INPUT))
        elif in_s3(argument):
            yield from self._stored(argument)
        elif os.path.lexists(argument) or not glob.has_magic(argument):
            yield from self._local(Path(argument))
        else:
            yield from self._matching(argument)

    def _matching(self, pattern: str) -> Iterator[Source]:
        matches = sorted(_matches(pattern))
        for match in matches:
            yield from self._local(Path(match))
        if not matches:
            yield Unread(pattern, "it matches no file")

    def _local(self, path: Path) -> Iterator[Source]:
        """Yield a file, or the files of a folder and its folders."""
        number = 0
        waiting = [path]
        while waiting:
            here = waiting.pop()
            try:
                if self._is_entered(here, named=here is path):
                    waiting += sorted(here.iterdir(), reverse=True)
                    continue
                yield self._file(here, named=here is path)
            except OSError as error:
                yield Unread(str(here), _said(error))
            number += 1
        if not number and path.is_dir():
            yield Unread(str(path), "there is no file in this folder")

    def _is_entered(self, path: Path, *, named: bool) -> bool:
        """Links to folders may lead in circles: only one that is named is followed."""
        followed = named or not path.is_symlink()
        return followed and path.is_dir() and self._exempt(absolute(path)) is None

    def _file(self, path: Path, *, named: bool) -> Source:
        reason = self._exempt(absolute(path))
        if reason is not None:
            return Unread(str(path), reason, failed=False)
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            return self._once(LocalFile(path, found.st_size), absolute(path))
        if named and not stat.S_ISSOCK(found.st_mode):
            return self._once(Stream(path), absolute(path))
        if stat.S_ISDIR(found.st_mode):
            return Unread(str(path), "a link to a folder; name the folder to read it", failed=False)
        return Unread(str(path), "no regular file", failed=named)

    def _once(self, source: LocalFile | Stream, path: Path) -> Source:
        if path in self._paths:
            return Unread(source.name, "named more than once, and read once", failed=False)
        self._paths.add(path)
        return source

    def _stored(self, argument: str) -> Iterator[Source]:
        assert self._reader is not None
        bucket, _, key = argument.removeprefix(_S3).partition("/")
        if key and not key.endswith("/"):
            yield self._once_stored(StoredLog(bucket, key))
        else:
            yield from self._listed(self._reader, bucket, key)
        self._objects.append((bucket, key))

    def _listed(self, reader: ObjectReader, bucket: str, prefix: str) -> Iterator[Source]:
        name = f"{_S3}{bucket}/{prefix}"
        empty = True
        try:
            for each in reader.listed(bucket, prefix):
                empty = False
                yield self._once_stored(StoredLog(bucket, each.key, each.size))
        except AwsError as error:
            yield Unread(name, str(error))
        else:
            if empty:
                yield Unread(name, "there is no object whose key begins so")

    def _once_stored(self, source: StoredLog) -> Source:
        """An earlier argument tells by itself what it has named, however much that was."""
        for bucket, key in self._objects:
            whole = key and not key.endswith("/")
            if source.bucket == bucket and (
                source.key == key if whole else source.key.startswith(key)
            ):
                return Unread(source.name, "named more than once, and read once", failed=False)
        return source


def _matches(pattern: str) -> set[str]:
    """`**` is any number of folders; links to folders, which may lead in circles, are not in it."""
    found = re.search(r"(?:^|(?<=/))\*\*(?:/|$)", pattern)
    if found is None:
        return set(glob.glob(pattern))  # noqa: PTH207 (a pattern may begin at the root)
    head, tail = pattern[: found.start()], pattern[found.end() :] or "*"
    matches: set[str] = set()
    for top in _matches(head) if glob.has_magic(head) else {head or "."}:
        for folder, folders, _ in os.walk(top):
            folders[:] = [each for each in folders if not each.startswith(".")]
            matches |= _matches(str(Path(glob.escape(folder), tail)))
    everything = tail.rpartition("/")[2] in ("*", "**")
    return {each for each in matches if not (everything and Path(each).is_dir())}


def _problem(argument: str) -> str | None:
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", argument)
    if not argument:
        return "an empty argument names nothing: name a file, a folder, s3://bucket/key or -"
    if in_s3(argument):
        bucket = argument.removeprefix(_S3).partition("/")[0]
        named = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}", bucket)
        return None if named else f"{argument}: names no bucket: write s3://bucket/key"
    if scheme is None or os.path.lexists(argument):
        return None
    hint = did_you_mean(scheme[1], ["s3"])
    return f"{argument}: {scheme[1]}:// is not known{hint}: name files, s3://bucket/key or -"


def _said(error: OSError) -> str:
    return error.strerror or str(error)
