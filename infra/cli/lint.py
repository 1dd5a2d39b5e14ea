"""`infra lint`: what is wrong with an environment's templates, before anybody deploys them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from infra import config
from infra.assembly import assemble
from infra.cli.options import Env
from infra.lint.cfn_lint import findings
from infra.lint.finding import Finding
from infra.model import Assembly
from infra.words import counted


def lint(
    env: Env,
    format_: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Of the findings.")
    ] = "text",
) -> None:
    """Check an environment's templates with cfn-lint, as synth would write them.

    Prints a line for each finding: stack, resource and property, rule, message. Exit code 0
    without findings, 1 with any.

    \b
    Examples:
      infra lint prod
      infra lint environments/shop.yaml --format json
    """
    assembly = assemble(config.load(env))
    found = findings(assembly)
    _print(found, format_)
    print(_summary(assembly, found), file=sys.stderr)
    if found:
        raise typer.Exit(1)


def _print(found: Sequence[Finding], format_: str) -> None:
    if format_ == "json":
        print(json.dumps([finding.as_data() for finding in found], indent=2))
    else:
        for finding in found:
            print(finding)


def _summary(assembly: Assembly, found: Sequence[Finding]) -> str:
    stacks = ", ".join(stack.id for stack in assembly.stacks) or "no stack"
    number = counted(len(found), "finding") if found else "no findings"
    return f"{assembly.environment}: {stacks}: {number}"
