"""Files of the user: all problems at once, keys that never clash, counts of our own."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from infra.errors import InputError
from infra.local import log_files
from infra.local.log_files import LogFile, count_lines


def test_every_file_that_cannot_be_used_is_named_at_once(tmp_path: Path) -> None:
    """Nothing starts before all files are known to be good."""
    good = tmp_path / "good.log"
    good.touch()
    os.mkfifo(tmp_path / "pipe")
    chosen = [tmp_path / "no\x1b.log", good, tmp_path, tmp_path / "pipe", Path()]
    with pytest.raises(InputError) as caught:
        log_files.check(chosen)
    assert str(caught.value).splitlines() == [
        "These log files cannot be used:",
        f"  {tmp_path}/no\\x1b.log: does not exist",
        f"  {tmp_path}: is a folder; name the files in it",
        f"  {tmp_path}/pipe: is no regular file; it is read twice, so save it as a file first",
        "  .: is no file's name",
    ]


def test_files_of_one_name_get_keys_of_their_own(tmp_path: Path) -> None:
    """The base name is kept; the second of a name goes into a folder of its own."""
    paths = [tmp_path / place / "x.log" for place in "ab"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(b"line\n")
    assert log_files.at("logs/", paths) == (
        LogFile(paths[0], "logs/x.log", 1),
        LogFile(paths[1], "logs/2/x.log", 1),
    )


def test_a_name_that_s3_refuses_is_made_one_that_it_takes(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 and control characters become question marks."""
    assert log_files.key_name(Path(os.fsdecode(b"h\xc3\xb6l z+%\xff\n.log"))) == "höl z+%??.log"


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", 0),
        (b"a\n", 1),
        (b"a\nb", 2),
        (b"\n\n", 2),
        ("a\u2028b\u0085c\rd\n".encode(), 1),
        (gzip.compress(b"a\nb\n", mtime=0) + gzip.compress(b"c", mtime=0), 3),
        (b"\x1f", 1),
        (gzip.compress(b"a\n" * 9, mtime=0)[:-9], None),
        (b"\x1f\x8bbroken", None),
    ],
)
def test_lines_are_what_newlines_end(tmp_path: Path, content: bytes, lines: int | None) -> None:
    r"""Only `\n` ends a line, gzip is told by its bytes, and broken gzip has no count."""
    path = tmp_path / "any.name"
    path.write_bytes(content)
    assert count_lines(path) == lines
