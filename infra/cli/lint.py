"""`infra lint`: what is wrong with an environment's templates, before anybody deploys them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import typer

from infra import config
from infra.assembly import assemble
from infra.cli.options import Env
from infra.lint.engines import Report, examine
from infra.lint.finding import Finding
from infra.model import Assembly
from infra.words import counted


def lint(
    env: Env,
    format_: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Of the findings.")
    ] = "text",
) -> None:
    """Check an environment's templates, as synth would write them.

    cfn-lint looks, and cloudformation-validate where it is installed (the extra `lint`). Prints
    a line for each finding: stack, resource and property, engine and rule, message. Exit code 0
    without findings, 1 with any.

    \b
    Examples:
      infra lint prod
      infra lint environments/shop.yaml --format json
    """
    assembly = assemble(config.load(env))
    report = examine(assembly)
    _print(report.findings, format_)
    for line in _summary(assembly, report):
        print(line, file=sys.stderr)
    if report.findings:
        raise typer.Exit(1)


def _print(found: Sequence[Finding], format_: str) -> None:
    if format_ == "json":
        print(json.dumps([finding.as_data() for finding in found], indent=2))
    else:
        for finding in found:
            print(finding)


def _summary(assembly: Assembly, report: Report) -> Iterator[str]:
    stacks = ", ".join(stack.id for stack in assembly.stacks) or "no stack"
    number = counted(len(report.findings), "finding") if report.findings else "no findings"
    yield f"{assembly.environment}: {stacks}: {number} ({', '.join(report.engines)})"
    for engine in report.absent:
        yield f"{engine} is not installed and has not looked: pip install 'infra[lint]'"
