"""`infra synth`: an environment as files for any tool that deploys CloudFormation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from infra import config
from infra.assembly import assemble
from infra.cli.options import Env
from infra.synth import Format, files, write
from infra.words import counted


def synth(
    env: Env,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where to write.  [default: out/<environment>]"),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="Of the templates.")] = "yaml",
) -> None:
    """Write templates, parameter files, assets and manifest.json of an environment.

    Prints each file that it wrote. The same settings give the same bytes.

    \b
    Examples:
      infra synth dev
      infra synth environments/shop.yaml --out build --format json
    """
    assembly = assemble(config.load(env))
    tree = files(assembly, format_)
    folder = out or Path("out", assembly.environment)
    write(tree, folder)
    for path in tree:
        print(folder / path)
    print(f"{assembly.environment}: {counted(len(assembly.stacks), 'stack')}", file=sys.stderr)
