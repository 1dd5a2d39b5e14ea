"""What is done with lines: the environment's way, each wish before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.errors import InputError, SettingsError
from infra.processing.transformation import Wishes, transformation
from lambda_src.log_processor.accounting import Account
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.parsing import parse
from lambda_src.log_processor.reading import Block

from .fakes import CLASSIC

STATIC = ("Component", "SourceModuleName", "Environment", "Application", "Type")


@pytest.fixture
def env(tmp_path: Path) -> str:
    """A shipped environment whose function filters, redacts and writes ECS."""
    text = (Path(__file__).parents[3] / "infra/environments/dev.yaml").read_text()
    more = "\n".join(
        [
            "  schema: ecs",
            "  redact: [token]",
            "  filters:",
            "    - {name: errors, action: include, field: Status, above: 499}",
        ]
    )
    path = tmp_path / "own.yaml"
    path.write_text(text.replace("log_processor:\n", f"log_processor:\n{more}\n"))
    return str(path)


def events(wishes: Wishes, line: str = CLASSIC) -> list[dict[str, Any]]:
    parsed = parse(Block(0, line.encode()), Kind.UNKNOWN)
    text, _ = transformation(wishes).events(
        parsed.tables, Origin("", "a", "b"), Account().rule_counts
    )
    return [json.loads(each) for each in text.splitlines()]


def test_without_wishes_an_event_has_the_log_s_fields_alone() -> None:
    """Nothing is invented, left out or redacted."""
    [event] = events(Wishes())
    assert event["FullRequest"] == "GET http://www.example.com:80/?token=abc HTTP/1.1"
    assert not event.keys() & set(STATIC)


def test_an_environment_s_events_are_those_of_its_function(env: str) -> None:
    """Fields, schema, filters and redaction."""
    [event] = events(Wishes(env="dev"))
    assert [event[key] for key in STATIC] == ["load-balancer", "ELB", "dev", "shop", "logs"]
    assert events(Wishes(env=env)) == []
    [event] = events(Wishes(env=env), CLASSIC.replace(" 200 200 ", " 503 200 "))
    assert "token=REDACTED" in event["url"]["original"]


def test_a_wish_comes_before_the_environment(env: str, tmp_path: Path) -> None:
    """Whatever is not wished stays as the environment has it."""
    rules = tmp_path / "rules.json"
    rules.write_text("\ufeff[]", encoding="utf-8")
    [event] = events(Wishes(env, schema="original", filters=rules, redact=""))
    assert event["FullRequest"].endswith("?token=abc HTTP/1.1")
    assert event["Environment"] == "dev"


def test_names_of_parameters_are_separated_by_commas() -> None:
    """Spaces around them do not matter."""
    [event] = events(Wishes(redact="q, token,"))
    assert event["FullRequest"].endswith("?token=REDACTED HTTP/1.1")


def test_rules_that_cannot_be_used_name_their_file(tmp_path: Path) -> None:
    """Before anything is read."""
    path = tmp_path / "rules.json"
    for content, said in {
        b'[{"action": "drop", "field": "Status", "in": ["1"]}]': "filter rule 1: action is 'drop'",
        b"\xff": "is not UTF-8 text; save it as UTF-8",
    }.items():
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            transformation(Wishes(filters=path))
        assert str(caught.value).startswith(f"--filters {path}: {said}")
    with pytest.raises(InputError, match="cannot be read: No such file or directory"):
        transformation(Wishes(filters=tmp_path / "gone"))


def test_an_environment_without_log_processor_has_no_events(env: str) -> None:
    """It is said, as is what is wrong with an environment."""
    path = Path(env)
    path.write_text(path.read_text().split("log_processor:")[0])
    with pytest.raises(InputError, match="environment dev has no log_processor"):
        transformation(Wishes(env=env))
    with pytest.raises(SettingsError):
        transformation(Wishes(env="nope"))
