"""Rejected lines in a folder, where nothing that a key says leads out of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.processing.rejected import RejectedLines
from lambda_src.log_processor.errors import StateError
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.parsing import Rejection
from lambda_src.log_processor.state import Checkpoint, keep_rejected, save

REJECTION = Rejection(7, "empty line", b"", 0)


def kept(folder: Path, key: str) -> list[str]:
    keep_rejected(RejectedLines(folder), Origin("logs", key, "1"), [REJECTION])
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path.parent.relative_to(folder).as_posix() for path in files)


def test_rejected_lines_stand_where_the_function_puts_them(tmp_path: Path) -> None:
    """A copy of its bucket's folder and this one can be read by the same tool."""
    folder = tmp_path / "new" / "folder"
    assert kept(folder, "AWSLogs/a.log") == ["rejected/logs/AWSLogs/a.log"]
    [file] = (path for path in folder.rglob("*.jsonl"))
    origin = Origin("logs", "AWSLogs/a.log", "1")
    assert file.name == f"{origin.id}-0000000000000007-0000000000000007.jsonl"
    assert json.loads(file.read_text())["reason"] == "empty line"


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("../../../etc/x", "rejected/logs/%2E%2E/%2E%2E/%2E%2E/etc/x"),
        ("/a//./b", "rejected/logs/a/%2E/b"),
        ("a\x00\n", "rejected/logs/a%00%0A"),
        ("ü" * 300, "rejected/logs/" + "ü" * 100),
    ],
)
def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str, place: str) -> None:
    """Whoever can write to a bucket may not write anywhere else."""
    assert kept(tmp_path, key) == [place]


def test_checkpoints_are_not_kept(tmp_path: Path) -> None:
    """A repeat begins at the beginning."""
    texts, origin = RejectedLines(tmp_path), Origin("logs", "a", "1")
    save(texts, origin, "", Checkpoint(offset=7))
    assert list(tmp_path.iterdir()) == []
    assert texts.get("checkpoints/logs/a") is None


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """The lines are not rejected then, but unaccounted for."""
    texts = RejectedLines(tmp_path)
    (tmp_path / "rejected").write_text("")
    with pytest.raises(StateError, match=r"rejected/logs/a/.* cannot be written: Not a directory"):
        keep_rejected(texts, Origin("logs", "a", "1"), [REJECTION])
