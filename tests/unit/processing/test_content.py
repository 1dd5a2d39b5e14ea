"""Sources as bytes and origins: ids that stay the same, and that other content never gets."""

from __future__ import annotations

import hashlib
import os
import threading
from io import BytesIO
from pathlib import Path

import pytest

from infra.errors import AwsError, InputError
from infra.processing.content import Places, opened
from infra.processing.progress import Identified, Passed
from infra.processing.sources import LocalFile, StoredLog, Stream
from lambda_src.log_processor.errors import ReadError
from lambda_src.log_processor.origin import Origin

from .fakes import FakeS3, Told

CONTENT = b"line\n" * 100_000
MD5 = hashlib.md5(CONTENT).hexdigest()


def test_a_files_version_is_the_md5_of_its_content(tmp_path: Path) -> None:
    """So it is known where it was read before, and both times that it is read are told."""
    path = tmp_path / "a.log"
    path.write_bytes(CONTENT)
    told = Told()
    with opened(LocalFile(path, len(CONTENT)), Places(), told) as content:
        assert content.origin == Origin("", str(path), MD5)
        assert b"".join(content.chunks) == CONTENT
    sums = dict.fromkeys((Identified, Passed), 0)
    for each in told.values:
        assert isinstance(each, Identified | Passed)
        sums[type(each)] += each.bytes
    assert sums == {Identified: len(CONTENT), Passed: len(CONTENT)}


def test_a_file_that_is_written_to_meanwhile_is_not_taken_for_whole(tmp_path: Path) -> None:
    """Its version would name other content than the events are made of."""
    path = tmp_path / "a.log"
    path.write_bytes(CONTENT)
    with opened(LocalFile(path, len(CONTENT)), Places(), Told()) as content:
        next(content.chunks)
        with path.open("ab") as file:
            file.write(CONTENT)
        with pytest.raises(ReadError, match="repeat it when it is complete"):
            list(content.chunks)


def test_a_stream_gets_its_version_like_a_file() -> None:
    """Without one, whatever else came through stdin would overwrite its events."""
    with opened(Stream(), Places(stdin=BytesIO(CONTENT)), Told()) as content:
        assert content.origin == Origin("", "-", MD5)
        assert b"".join(content.chunks) == CONTENT


def test_a_named_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    """As a shell's `<(…)` is."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(CONTENT,))
    writer.start()
    with opened(Stream(path), Places(), Told()) as content:
        assert content.origin == Origin("", str(path), MD5)
        assert b"".join(content.chunks) == CONTENT
    writer.join()


def test_stdin_that_is_closed_is_an_error() -> None:
    """It says what to do."""
    with pytest.raises(InputError, match="pipe a log into it"):
        opened(Stream(), Places(), Told()).__enter__()


def test_an_object_has_the_function_s_version_and_is_closed() -> None:
    """Also when it is left before its end."""
    s3 = FakeS3({"a.log": CONTENT})
    with opened(StoredLog("logs", "a.log"), Places(s3), Told()) as content:
        assert content.origin == Origin("logs", "a.log", "version")
    assert s3.closed == ["a.log"]


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    """As the system or AWS has it."""
    with pytest.raises(FileNotFoundError):
        opened(LocalFile(tmp_path / "gone", 1), Places(), Told()).__enter__()
    with pytest.raises(AwsError):
        opened(StoredLog("logs", "gone"), Places(FakeS3({})), Told()).__enter__()
