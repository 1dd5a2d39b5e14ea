"""What is kept about an object between attempts."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace

import pytest

from lambda_src.log_processor.errors import StateError
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.parsing import Rejection
from lambda_src.log_processor.state import Checkpoint, is_ours, keep_rejected, load, save

ORIGIN = Origin("logs", "a b/é.log", "v1")
TASK = "message-1"
CHECKPOINT = Checkpoint(offset=1234, read=10, delivered=5, filtered=3, rejected=2)


@dataclass
class Texts:
    """Texts in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, text: bytes) -> None:
        self.kept[name] = text

    def get(self, name: str) -> bytes | None:
        return self.kept.get(name)


def test_a_checkpoint_comes_back_as_it_was_saved() -> None:
    """Its name follows from the object and its version; the text says so to people."""
    texts = Texts()
    save(texts, ORIGIN, TASK, replace(CHECKPOINT, offset=1))
    save(texts, ORIGIN, TASK, CHECKPOINT)
    assert load(texts, ORIGIN, TASK) == CHECKPOINT
    [(name, text)] = texts.kept.items()
    assert name == f"checkpoints/logs/a b/é.log/{ORIGIN.id}.json"
    assert json.loads(text) == {
        "bucket": "logs",
        "key": "a b/é.log",
        "version": "v1",
        "task": "message-1",
        "offset": 1234,
        "read": 10,
        "delivered": 5,
        "filtered": 3,
        "rejected": 2,
    }


@pytest.mark.parametrize(
    "other", [Origin("logs", "a b/é.log", "v2"), Origin("logs", "b", "v1"), Origin("b", "b", "v1")]
)
def test_another_object_or_version_has_another_checkpoint(other: Origin) -> None:
    """What was delivered of one version says nothing about the next."""
    texts = Texts()
    save(texts, ORIGIN, TASK, CHECKPOINT)
    assert load(texts, other, TASK) == Checkpoint()


COUNTS = {"offset": 9, "read": 3, "delivered": 1, "filtered": 1, "rejected": 1}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "Expecting value: line 1 column 1 (char 0)"),
        (b'{"offset": 9', "Expecting ',' delimiter: line 1 column 13 (char 12)"),
        (b"[" * 100_000, ""),
        (b"null", "it is no JSON object"),
        (b"[]", "it is no JSON object"),
        (b"{}", "offset is no count"),
        (json.dumps(COUNTS | {"offset": -1}).encode(), "offset is no count"),
        (json.dumps(COUNTS | {"read": True}).encode(), "read is no count"),
        (json.dumps(COUNTS | {"delivered": "1"}).encode(), "delivered is no count"),
        (json.dumps(COUNTS | {"filtered": 1.0}).encode(), "filtered is no count"),
        (json.dumps(COUNTS | {"rejected": None}).encode(), "rejected is no count"),
        (json.dumps(COUNTS | {"read": 4}).encode(), "its counts do not add up"),
    ],
)
def test_what_cannot_be_trusted_is_not_used(text: bytes, problem: str) -> None:
    """A wrong offset would leave lines out, and say nothing."""
    texts = Texts()
    save(texts, ORIGIN, TASK, CHECKPOINT)
    [name] = texts.kept
    texts.kept[name] = text
    with pytest.raises(StateError) as caught:
        load(texts, ORIGIN, TASK)
    said = str(caught.value)
    assert said.startswith(f"the checkpoint of a b/é.log cannot be understood: {problem}")


def test_invalid_utf_8_is_no_checkpoint() -> None:
    """Its error quotes bytes, which differ from one Python to the next."""
    texts = Texts()
    save(texts, ORIGIN, TASK, CHECKPOINT)
    texts.kept = dict.fromkeys(texts.kept, b'{"offset": "\xff"}')
    with pytest.raises(StateError, match=r"the checkpoint of a b/é\.log cannot be understood"):
        load(texts, ORIGIN, TASK)


def test_a_checkpoint_of_another_task_counts_for_nothing() -> None:
    """Whoever sends an object through again wants all of it, not what is left of the last time."""
    texts = Texts()
    save(texts, ORIGIN, TASK, CHECKPOINT)
    assert load(texts, ORIGIN, "message-2") == Checkpoint()


def test_rejected_lines_are_kept_byte_by_byte() -> None:
    """As text where they are UTF-8, else in base64; of a long one its beginning and length."""
    texts = Texts()
    rejections = [
        Rejection(7, "empty line", b"", 0),
        Rejection(8, "1 field", 'é\x00"\\\r'.encode(), 6),
        Rejection(15, "2 fields", b"\xff \r", 3),
        Rejection(19, "the line is longer", b"xyz", 5_000_000),
    ]
    keep_rejected(texts, ORIGIN, rejections)
    [(name, text)] = texts.kept.items()
    assert name == f"rejected/logs/a b/é.log/{ORIGIN.id}-0000000000000007-0000000000000019.jsonl"
    assert text.isascii()
    about = {"bucket": "logs", "key": "a b/é.log", "version": "v1"}
    assert [json.loads(line) for line in text.splitlines()] == [
        about | {"offset": 7, "length": 0, "reason": "empty line", "line": ""},
        about | {"offset": 8, "length": 6, "reason": "1 field", "line": 'é\x00"\\\r'},
        about
        | {
            "offset": 15,
            "length": 3,
            "reason": "2 fields",
            "lineBase64": base64.b64encode(b"\xff \r").decode(),
        },
        about | {"offset": 19, "length": 5_000_000, "reason": "the line is longer", "line": "xyz"},
    ]


def test_nothing_rejected_keeps_nothing() -> None:
    """No object is written for an object without problems."""
    texts = Texts()
    keep_rejected(texts, ORIGIN, [])
    assert texts.kept == {}


def test_names_fit_into_a_key_of_s3() -> None:
    """Keys have 1,024 bytes at most, and are not cut within a character."""
    texts = Texts()
    long = Origin("b" * 63, "€" * 341, "v1")
    save(texts, long, TASK, CHECKPOINT)
    keep_rejected(texts, long, [Rejection(2**50, "", b"", 0)])
    for name in texts.kept:
        assert len(name.encode()) < 900
        assert "€" * 233 + "/" in name
        assert is_ours(name)
    assert load(texts, long, TASK) == CHECKPOINT


@pytest.mark.parametrize("name", ["AWSLogs/x.log", "", "rejected", "other/rejected/x"])
def test_other_names_are_not_ours(name: str) -> None:
    """Logs may share a bucket with what is kept."""
    assert not is_ours(name)
