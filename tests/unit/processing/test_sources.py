"""What arguments name: all of it, in order, each once, and nothing left out silently."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.errors import InputError
from infra.processing.sources import (
    LocalFile,
    Source,
    StoredLog,
    Stream,
    Unread,
    absolute,
    check,
    found,
)

from .fakes import FakeS3

S3 = FakeS3({"AWSLogs/a.log": b"123", "AWSLogs/b.log": b"", "AWSLogs/": b"", "other": b"1"})
REPEATED = "named more than once, and read once"


def of(*arguments: str | Path) -> list[Source]:
    return list(found([str(each) for each in arguments], S3))


def files(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"line\n")


def test_a_folder_is_all_files_in_it_and_its_folders_sorted(tmp_path: Path) -> None:
    """Hidden ones too: nobody would look for a line that is missing there."""
    names = ["b.log", "a/z.log", "a/.hidden", "a.log", "c/d/e.log.gz"]
    files(tmp_path, names)
    ordered = ["a/.hidden", "a/z.log", "a.log", "b.log", "c/d/e.log.gz"]
    assert of(tmp_path) == [LocalFile(tmp_path / name, 5) for name in ordered]


def test_what_in_a_folder_is_no_file_is_told(tmp_path: Path) -> None:
    """A pipe would be waited for, and a link to a folder may lead in a circle."""
    files(tmp_path, ["a.log"])
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "up").symlink_to("..")
    (tmp_path / "link.log").symlink_to("a.log")
    (tmp_path / "nowhere").symlink_to("gone")
    assert of(tmp_path) == [
        LocalFile(tmp_path / "a.log", 5),
        LocalFile(tmp_path / "link.log", 5),
        Unread(f"{tmp_path}/nowhere", "No such file or directory"),
        Unread(f"{tmp_path}/pipe", "no regular file", failed=False),
        Unread(f"{tmp_path}/up", "a link to a folder; name the folder to read it", failed=False),
    ]


def test_a_link_to_a_folder_is_followed_where_it_is_named(tmp_path: Path) -> None:
    """Whoever names it means what it leads to."""
    files(tmp_path, ["logs/a.log"])
    (tmp_path / "link").symlink_to("logs")
    assert of(tmp_path / "link") == [LocalFile(tmp_path / "link" / "a.log", 5)]


def test_what_names_nothing_fails_and_the_others_go_on(tmp_path: Path) -> None:
    """A missing file is no reason to read none."""
    files(tmp_path, ["a.log"])
    (tmp_path / "empty").mkdir()
    assert of(tmp_path / "gone.log", tmp_path / "empty", tmp_path / "x*", tmp_path / "a.log") == [
        Unread(f"{tmp_path}/gone.log", "No such file or directory"),
        Unread(f"{tmp_path}/empty", "there is no file in this folder"),
        Unread(f"{tmp_path}/x*", "it matches no file"),
        LocalFile(tmp_path / "a.log", 5),
    ]


def test_a_pattern_that_no_shell_has_expanded_is_expanded(tmp_path: Path) -> None:
    """Sorted, as a shell does."""
    files(tmp_path, ["b.log", "a.log", "c.txt", ".hidden.log", "d/e.log"])
    assert of(tmp_path / "*.log") == [LocalFile(tmp_path / name, 5) for name in ("a.log", "b.log")]
    assert of(tmp_path / "[d]") == [LocalFile(tmp_path / "d/e.log", 5)]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**", ["a.log", "b/c.txt", "b/[x]/d.log", "b/[x]/e/2026/f.log"]),
        ("**/*", ["a.log", "b/c.txt", "b/[x]/d.log", "b/[x]/e/2026/f.log"]),
        ("**/*.log", ["a.log", "b/[x]/d.log", "b/[x]/e/2026/f.log"]),
        ("b/**/2026", ["b/[x]/e/2026/f.log"]),
        ("**/e/**/*.log", ["b/[x]/e/2026/f.log"]),
    ],
)
def test_two_stars_are_any_number_of_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, names: list[str]
) -> None:
    """Each file once; a link that leads in a circle is not followed."""
    files(tmp_path, ["a.log", "b/c.txt", "b/[x]/d.log", "b/[x]/e/2026/f.log", ".git/g.log"])
    for place in (".", "b", "b/[x]"):
        (tmp_path / place / "up").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    for relative, sources in ((Path(), of(pattern)), (tmp_path, of(tmp_path / pattern))):
        expected = {LocalFile(relative / name, 5) for name in names}
        assert (set(sources), len(sources)) == (expected, len(expected))


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    """What exists is meant."""
    files(tmp_path, ["[a].log", "a.log"])
    assert of(tmp_path / "[a].log") == [LocalFile(tmp_path / "[a].log", 5)]


def test_what_is_named_twice_is_read_once(tmp_path: Path) -> None:
    """Its events would have the same ids; that it is left out the second time is told."""
    files(tmp_path, ["a.log"])
    a = tmp_path / "a.log"
    twice = tmp_path / "x" / ".." / "a.log"
    (tmp_path / "x").mkdir()
    assert of(a, twice, "-", "-") == [
        LocalFile(a, 5),
        Unread(str(twice), REPEATED, failed=False),
        Stream(),
        Unread("stdin", REPEATED, failed=False),
    ]


def test_what_we_write_ourselves_is_not_read(tmp_path: Path) -> None:
    """Else rejected lines would be rejected again, and events would be read as logs."""
    files(tmp_path, ["a.log", "rejected/b.jsonl"])
    own = tmp_path / "rejected"
    assert list(found([str(tmp_path)], None, lambda path: "ours" if path == own else None)) == [
        LocalFile(tmp_path / "a.log", 5),
        Unread(str(own), "ours", failed=False),
    ]


def test_a_named_pipe_is_read_as_a_stream(tmp_path: Path) -> None:
    """So is what a shell makes of `<(…)`."""
    os.mkfifo(tmp_path / "pipe")
    assert of(tmp_path / "pipe") == [Stream(tmp_path / "pipe")]


def test_a_key_that_ends_in_a_slash_is_a_prefix() -> None:
    """Everything below it is read; any other key is one object, looked at when it is opened."""
    assert of("s3://logs/AWSLogs/") == [
        StoredLog("logs", "AWSLogs/", 0),
        StoredLog("logs", "AWSLogs/a.log", 3),
        StoredLog("logs", "AWSLogs/b.log", 0),
    ]
    assert of("s3://logs/anything") == [StoredLog("logs", "anything")]
    assert len(of("s3://logs")) == len(of("s3://logs/")) == 4


def test_an_object_that_an_earlier_argument_named_is_told() -> None:
    """Whether that named it alone or with all that begins like it."""
    again = Unread("s3://logs/AWSLogs/a.log", REPEATED, failed=False)
    a = StoredLog("logs", "AWSLogs/a.log")
    assert of("s3://logs/AWSLogs/a.log", "s3://logs/AWSLogs/a.log") == [a, again]
    assert of("s3://logs/AWSLogs/", "s3://logs/AWSLogs/a.log")[-1] == again
    assert of("s3://logs/AWSLogs/a", "s3://logs/AWSLogs/a.log")[-1] == a


def test_a_listing_that_fails_or_finds_nothing_is_told_and_the_others_go_on() -> None:
    """As with files."""
    assert of("s3://nobodys/x/", "s3://logs/none/", "s3://logs/other") == [
        Unread("s3://nobodys/x/", "There is no such bucket."),
        Unread("s3://logs/none/", "there is no object whose key begins so"),
        StoredLog("logs", "other"),
    ]


def test_arguments_that_never_name_anything_are_all_refused_at_once() -> None:
    """A typing error is found before anything starts."""
    with pytest.raises(InputError) as caught:
        check(["https://x/y", "S3://logs/x", "s3:///key", "", "-", "file.log", "s3://logs"])
    assert str(caught.value).splitlines() == [
        "https://x/y: https:// is not known: name files, s3://bucket/key or -",
        'S3://logs/x: S3:// is not known (did you mean "s3"?): name files, s3://bucket/key or -',
        "s3:///key: names no bucket: write s3://bucket/key",
        "an empty argument names nothing: name a file, a folder, s3://bucket/key or -",
    ]


def test_a_path_becomes_absolute_without_its_links_being_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same argument gives the same ids wherever a link leads today."""
    (tmp_path / "link").symlink_to("elsewhere")
    monkeypatch.chdir(tmp_path)
    assert absolute(Path("x/../link")) == tmp_path / "link"
    assert LocalFile(Path("a.log"), 0).key == (tmp_path / "a.log").as_posix()
    assert Stream().key == "-"
