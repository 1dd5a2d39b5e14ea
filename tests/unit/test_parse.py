"""`infra parse` as a user runs it: events on stdout, talk on stderr, exit codes."""

from __future__ import annotations

import gzip
import hashlib
import json
import shlex
import subprocess
from pathlib import Path

import pytest

from lambda_src.log_processor.origin import Origin
from tests.unit.commands import COMMAND, ROOT, Infra, ended, started
from tests.unit.processing.fakes import CLASSIC

from .log_processor.samples import ALB_34

LINE = f"{CLASSIC}\n"


def test_events_stand_on_stdout_and_the_summary_on_stderr(infra: Infra, tmp_path: Path) -> None:
    """One event a line, of plain and compressed logs alike; exit code 0."""
    (tmp_path / "a.log").write_text(LINE)
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(f"{ALB_34}\n".encode()))
    done = infra("parse", "a.log", "b.log.gz")
    events = [json.loads(line) for line in done.events]
    assert [event["LogKind"] for event in events] == ["classic", "alb"]
    table = [line.split() for line in done.talk]
    assert ["a.log", "classic", "1", "1", "0", "0", "done"] in table
    assert ["total", "2", "2", "0", "0"] in table
    assert done.talk[-1] == (
        "every line accounted for: 2 read = 2 written + 0 filtered + 0 rejected"
    )
    assert done.code == 0


def test_the_same_file_gives_the_same_ids(infra: Infra, tmp_path: Path) -> None:
    """They are made of its path, its content and the offset."""
    path = tmp_path / "a.log"
    path.write_text(LINE)
    first, second = (infra("parse", name).stdout for name in ("a.log", str(path)))
    assert first == second
    version = hashlib.md5(LINE.encode()).hexdigest()
    expected = f"{Origin('', path.as_posix(), version).id}-0"
    assert json.loads(first)["@metadata"] == {"_id": expected}


def test_rejected_lines_are_told_kept_and_exit_code_2(infra: Infra, tmp_path: Path) -> None:
    """With their reasons; all others are written."""
    (tmp_path / "a.log").write_text(f"nonsense\n{LINE}")
    done = infra("parse", "a.log", "--rejected", "kept")
    assert done.talk[:2] == [
        "a.log: 1 line rejected; the first:",
        "  at byte 0: 1 field, expected at least 18",
    ]
    assert (done.code, len(done.events)) == (2, 1)
    [kept] = (tmp_path / "kept").rglob("*.jsonl")
    assert json.loads(kept.read_text())["line"] == "nonsense"


def test_what_fails_is_told_the_others_are_written_and_exit_code_1(
    infra: Infra, tmp_path: Path
) -> None:
    """A corrupt file, a missing one and an empty folder; no traceback."""
    (tmp_path / "a.log").write_text(LINE)
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(LINE.encode())[:30])
    (tmp_path / "empty").mkdir()
    done = infra("parse", "b.log.gz", "gone.log", "empty", "a.log")
    assert done.talk[:3] == [
        "b.log.gz: failed: the gzip data ends before its end: the object is truncated",
        "gone.log: failed: No such file or directory",
        "empty: failed: there is no file in this folder",
    ]
    assert done.talk[-1].startswith("NOT everything is accounted for: ")
    assert (done.code, len(done.events)) == (1, 1)


def test_stdin_is_a_log_too(tmp_path: Path) -> None:
    """Its lines tell their kind."""
    running = started(tmp_path, "parse", "-", "--schema", "ecs")
    done = ended(running, gzip.compress(LINE.encode()))
    assert json.loads(done.stdout)["ecs"] == {"version": "8.11.0"}
    assert done.code == 0


def test_the_options_reach_the_events(infra: Infra, tmp_path: Path) -> None:
    """Environment, kind, filters and redaction."""
    (tmp_path / "a.log").write_text(LINE + LINE.replace(" 200 200 ", " 404 404 "))
    (tmp_path / "f.json").write_text(
        '[{"name": "errors", "action": "include", "field": "Status", "in": ["404"]}]'
    )
    options = ["--env", "dev", "--kind", "classic", "--schema", "original"]
    done = infra("parse", "a.log", *options, "--filters", "f.json", "--redact", "token")
    event = json.loads(done.stdout)
    assert (event["Environment"], event["Status"], event["LogKind"]) == ("dev", "404", "classic")
    assert "token=REDACTED" in event["FullRequest"]
    assert "by rule: errors 1" in done.talk


def test_json_is_all_that_stands_on_stderr(infra: Infra, tmp_path: Path) -> None:
    """A script reads events and summary apart."""
    (tmp_path / "a.log").write_text(f"nonsense\n{LINE}")
    done = infra("parse", "a.log", "--json")
    said = json.loads(done.stderr)
    assert (said["accounted"], said["read"], said["written"], said["rejected"]) == (True, 2, 1, 1)
    assert done.code == 2


def test_a_closed_pipe_ends_it_quietly(tmp_path: Path) -> None:
    """`| head` wants no more, and nothing else is said."""
    (tmp_path / "a.log").write_text(LINE * 20_000)
    with started(tmp_path, "parse", "a.log") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert json.loads(running.stdout.readline())["LogKind"] == "classic"
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 1


def test_stderr_that_is_closed_leaves_events_alone_on_stdout(tmp_path: Path) -> None:
    """What would be said there is said nowhere."""
    (tmp_path / "a.log").write_text(f"nonsense\n{LINE}")
    for more in ([], ["--json"]):
        command = shlex.join([*COMMAND, "parse", str(tmp_path / "a.log"), *more])
        done = subprocess.run(
            ["/bin/sh", "-c", f"{command} 2>&-"], cwd=ROOT, stdout=subprocess.PIPE, check=False
        )
        assert [json.loads(line)["LogKind"] for line in done.stdout.splitlines()] == ["classic"]
        assert done.returncode == 2


def test_a_full_disk_is_a_message(tmp_path: Path) -> None:
    """And ends the run: there is no place for what is left."""
    (tmp_path / "a.log").write_text(LINE)
    (tmp_path / "b.log").write_text(LINE)
    with Path("/dev/full").open("wb") as full:
        done = ended(started(tmp_path, "parse", "a.log", "b.log", stdout=full))
    assert done.talk[0] == "a.log: failed: stdout: No space left on device"
    assert "ended early: nothing was taken any more; 1 source left untried" in done.talk
    assert done.code == 1


def test_what_is_written_is_not_read(tmp_path: Path) -> None:
    """`infra parse . > events.jsonl` would never end."""
    (tmp_path / "a.log").write_text(LINE)
    with (tmp_path / "events.jsonl").open("wb") as events:
        done = ended(started(tmp_path, "parse", ".", stdout=events))
    assert "events.jsonl: skipped: the events are written there" in done.talk
    assert (done.code, len((tmp_path / "events.jsonl").read_text().splitlines())) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["https://x/y"], "infra: https://x/y: https:// is not known"),
        (["x", "--filters", "gone"], "infra: --filters gone cannot be read"),
        (["x", "--env", "nope"], 'infra: environment "nope": neither'),
        (["x", "--rejected", "file/x"], "infra: file/x: Not a directory"),
        (["s3://logs/x", "--endpoint-url", "foo"], "infra: --endpoint-url 'foo' is no address"),
        (["s3://logs/x", "--profile", "nope"], "infra: GetObject on S3 was not sent"),
    ],
)
def test_what_cannot_be_asked_for_is_a_message(
    infra: Infra, tmp_path: Path, arguments: list[str], said: str
) -> None:
    """Before anything is read; exit code 1 and no traceback."""
    (tmp_path / "file").touch()
    done = infra("parse", *arguments)
    assert (done.code, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith(said)


def test_without_credentials_the_object_fails(
    infra: Infra, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said which, and what to do."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    done = infra("parse", "s3://logs-b/a.log", "s3://logs-b/x/")
    why = "was not sent: no AWS credentials were found. Sign in again, or name another profile."
    assert done.talk[:2] == [
        f"s3://logs-b/a.log: failed: GetObject on s3://logs-b/a.log {why}",
        f"s3://logs-b/x/: failed: ListObjectsV2 on s3://logs-b/x/ {why}",
    ]
    assert done.code == 1


@pytest.mark.parametrize("verb", ["parse", "forward"])
def test_help_has_examples_each_on_a_line_of_its_own(verb: str, infra: Infra) -> None:
    """Whoever is in a hurry copies a line."""
    done = infra(verb, "--help")
    lines = done.stdout.decode().splitlines()
    examples = [line for line in lines if line.startswith(f"    infra {verb}")]
    assert (done.code, len(examples)) == (0, 3)
