"""Functions that are made for a test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent


def written(folder: Path, texts: Mapping[str, str]) -> Path:
    """Write files below a `lambda_src` in the folder, each package with its `__init__.py`."""
    sources = folder / "lambda_src"
    for path, text in texts.items():
        file = sources / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
    for directory in {parent for path in texts for parent in (sources / path).parents}:
        if directory.is_relative_to(sources):
            (directory / "__init__.py").touch()
    return sources
