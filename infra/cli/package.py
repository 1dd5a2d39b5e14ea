"""`infra package`: functions as the zips that Lambda takes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from infra import packaging
from infra.cli.ending import ending_on_signals
from infra.cli.summary import console
from infra.runtime import Architecture
from infra.synth import replace
from infra.words import printable


def package(
    function: Annotated[
        str | None,
        typer.Argument(
            metavar="FUNCTION", help="A folder of lambda_src; else all.", show_default=False
        ),
    ] = None,
    arch: Annotated[Architecture, typer.Option(help="The processor that it is for.")] = "arm64",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write.")] = Path(
        "out", "packages"
    ),
) -> None:
    """Package functions, with the packages of others that they need.

    Prints path, SHA-256 and bytes of each, with tabs between. The same sources give the same bytes,
    on any machine; the path is the key that templates name. What a function's requirements.txt
    names is fetched with pip as wheels for Lambda's Python, checked and kept for the next time.

    \b
    Examples:
      infra package
      infra package log_processor --arch x86_64 --out build
    """
    names = packaging.functions() if function is None else (function,)
    with ending_on_signals(), _progress() as tell:
        for name in names:
            asset = packaging.package(name, bucket="", architecture=arch, tell=tell)
            file = out / asset.key
            replace(file, asset.content)
            print(file, asset.sha256, len(asset.content), sep="\t", flush=True)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Tell what is waited for: with a spinner on a terminal, else a line for each."""
    talk = console(sys.stderr)
    if not talk.is_terminal:
        yield lambda text: print(printable(text), file=sys.stderr)
        return
    with talk.status("") as status:
        yield lambda text: status.update(f"{printable(text)} …")
