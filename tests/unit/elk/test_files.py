"""All files of the ELK side: what holds for every one of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from infra.config import Environment
from infra.elk.files import files
from infra.elk.mapping import REFUSED, mappings
from tests.conftest import unavailable

from .elasticsearch import Verdict, indexed
from .environments import any_environment, environment


def files_of(each: Environment) -> dict[str, bytes]:
    assert each.log_processor is not None
    return files(each, each.log_processor)


@given(any_environment)
def test_octopus_leaves_every_file_as_it_is(each: Environment) -> None:
    """It would take #{ for the start of a variable, and then substitute nothing in the file."""
    assert [path for path, content in files_of(each).items() if b"#{" in content] == []


@given(any_environment)
def test_files_are_text_that_ends_in_a_line(each: Environment) -> None:
    """Also for programs that read line by line; JSON is JSON."""
    for path, content in files_of(each).items():
        text = content.decode("utf-8")
        assert text.endswith("\n"), path
        if path.endswith(".json"):
            json.loads(text)


def test_the_same_settings_give_the_same_files() -> None:
    """Byte for byte."""
    assert files_of(environment()) == files_of(environment())


ANSWER = (
    'Could not index event to Elasticsearch. status: 400, action: ["index", {:_id=>"1"}, '
    '{"aws"=>{"elb"=>{"type"=>"https"}}}], response: {"index"=>{"_id"=>"1", "status"=>400, '
    '"error"=>{"type"=>"document_parsing_exception", "reason"=>"[1:2] failed to parse"}}}'
)


@pytest.mark.parametrize(
    ("reason", "type_"),
    [
        (ANSWER, {"type": "document_parsing_exception"}),
        # As Ruby writes a hash since 3.4, which Logstash 9.5 has.
        (ANSWER.replace("=>", " => "), {"type": "document_parsing_exception"}),
        ("something else", {}),
    ],
)
def test_a_refused_event_becomes_a_document_that_nothing_can_refuse(
    tmp_path: Path, reason: str, type_: dict[str, str]
) -> None:
    """All of it is one text, and how Elasticsearch calls the reason stands apart."""
    event = {"@timestamp": "then", "aws": {"elb": {"type": "https"}}, "tags": ["a"]}
    document = through_the_script(tmp_path, event, reason)
    assert json.loads(document["event"].pop("original")) == event
    assert document == {
        "@timestamp": "2026-11-24T12:00:00.000Z",
        "event": {"kind": "pipeline_error"},
        "error": {"message": reason, **type_},
    }
    assert indexed(document, mappings(REFUSED)) == Verdict()


def through_the_script(folder: Path, event: dict[str, Any], reason: str) -> dict[str, Any]:
    ruby = shutil.which("ruby")
    if ruby is None:
        unavailable("ruby not found; on Debian: apt-get install ruby")
    script = folder / "refused.rb"
    script.write_bytes(files_of(environment())["refused.rb"])
    done = subprocess.run(
        [ruby, "-w", Path(__file__).with_name("ruby_filter.rb"), script],
        input=json.dumps({"event": event, "metadata": {"dead_letter_queue": {"reason": reason}}}),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (document,) = json.loads(done.stdout)
    return dict(document)
