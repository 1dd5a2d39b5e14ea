"""The README holds against the program: its commands, its layout, its exit codes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from infra.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def example_lines() -> list[str]:
    """Every line of a code block that calls the command, as a user would copy it."""
    blocks = re.findall(r"```(?:sh|console)\n(.*?)```", README, re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line.split("#")[0].strip() for line in lines if line.startswith("infra ")]


def table_rows() -> dict[str, set[str]]:
    """Verb → options, as the table of commands has them."""
    rows = re.findall(r"^\| `infra (\w+)(.*?)` \|", README, re.MULTILINE)
    return {verb: set(re.findall(r"--[a-z-]+", rest)) for verb, rest in rows}


def test_the_table_has_every_verb_with_exactly_its_options() -> None:
    """Nothing undocumented, nothing promised that is not there."""
    program = {
        name: {option for one in command.params for option in one.opts if option.startswith("--")}
        for name, command in COMMANDS.items()
    }
    assert table_rows() == program


@pytest.mark.parametrize("line", example_lines())
def test_an_example_can_be_called_as_it_stands(line: str) -> None:
    """The program's own parser takes every command line of the README."""
    _, verb, *arguments = shlex.split(line)
    with COMMANDS[verb].make_context(verb, arguments) as context:
        assert context.args == []


def test_the_layout_names_what_there_is() -> None:
    """Every folder and module of the tree below infra/ stands in the layout, and no other."""
    layout = README.split("## Layout")[1].split("infra/\n")[1].split("lambda_src/\n")[0]
    named = set(re.findall(r"\b(\w+(?:/|\.py))(?=\s)", layout))
    present = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in (ROOT / "infra").iterdir()
        if not path.name.startswith("_") and path.name != "py.typed"
    }
    assert named == present


def test_the_files_it_links_to_exist() -> None:
    """No link leads nowhere."""
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_functions_are_all_named() -> None:
    """Each folder of lambda_src has its line."""
    for folder in (ROOT / "lambda_src").iterdir():
        if (folder / "handler.py").exists():
            assert f"  {folder.name}/" in README
