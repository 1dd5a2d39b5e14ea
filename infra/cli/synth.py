"""`infra synth`: an environment as files for any tool that deploys CloudFormation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from infra import config
from infra.assembly import assemble
from infra.cli.options import Env
from infra.synth import Format, files, weights, write
from infra.words import counted


def synth(
    env: Env,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where to write.  [default: out/<environment>]"),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="Of the templates.")] = "yaml",
    embed: Annotated[
        bool,
        typer.Option("--embed", help="Put the functions' code into the templates: no assets."),
    ] = False,
) -> None:
    """Write templates, parameter files, assets, the ELK side and manifest.json of an environment.

    Prints each file that it wrote, and on stderr what each template weighs against what
    CloudFormation takes. The same settings give the same bytes. With --embed each template is
    complete by itself (as JSON without spaces), for `aws cloudformation deploy`.

    \b
    Examples:
      infra synth dev
      infra synth environments/shop.yaml --out build --format json
      infra synth dev --embed
    """
    assembly = assemble(config.load(env), embed=embed)
    tree = files(assembly, format_, compact=embed)
    folder = out or Path("out", assembly.environment)
    write(tree, folder)
    for path in tree:
        print(folder / path)
    for weight in weights(assembly, format_, tree, embedded=embed):
        print(weight, file=sys.stderr)
    print(f"{assembly.environment}: {counted(len(assembly.stacks), 'stack')}", file=sys.stderr)
