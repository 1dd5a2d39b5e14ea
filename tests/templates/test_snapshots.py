"""Every stack of every example environment, as committed: a change shows as a diff to review.

`scripts/test tests/templates --update-snapshots` writes them anew.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from infra.assembly import assemble
from infra.config import load, shipped
from infra.synth import files

SNAPSHOTS = Path(__file__).parent / "snapshots"


def readable_tree(name: str) -> dict[str, str]:
    """The synthesised text files, with what changes at every edit of a function left out."""
    tree = files(assemble(load(name)), "yaml")
    texts = {path: data.decode() for path, data in tree.items() if not path.startswith("assets/")}
    return {path: _without_content(text) for path, text in texts.items()}


def _without_content(text: str) -> str:
    return re.sub(r'"bytes": \d+', '"bytes": 0', re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", text))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_synthesised_tree_is_the_committed_one(name: str, update_snapshots: bool) -> None:
    """No template, parameter or wire changes without somebody reading the change."""
    folder, tree = SNAPSHOTS / name, readable_tree(name)
    if update_snapshots:
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in tree.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    committed = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert tree == committed
