"""The command `infra`: one verb a module, and the one place where errors become exit codes.

0 done · 1 not done, or something was found, and the message says what · 2 the command line itself
is wrong, or (parse, forward) lines were rejected · 130 interrupted
"""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from infra.cli.demo import demo
from infra.cli.doctor import doctor
from infra.cli.forward import forward
from infra.cli.grants import grants
from infra.cli.lint import lint
from infra.cli.outputs import outputs
from infra.cli.package import package
from infra.cli.parse import parse
from infra.cli.synth import synth
from infra.errors import InfraError


class _Boundary(TyperGroup):
    """Turns what went wrong into a message on stderr and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except InfraError as error:
            _say(str(error))
        except OSError as error:
            _say(f"{error.filename or 'this machine'}: {error.strerror or error}")
        raise typer.Exit(1)


def _say(message: str) -> None:
    for line in message.splitlines():
        print(f"infra: {line}", file=sys.stderr)


app = typer.Typer(
    cls=_Boundary,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="CloudFormation for a complete environment, and the Lambda code that runs in it.",
)
for verb in (synth, package, lint, parse, forward, outputs, grants, doctor, demo):
    app.command()(verb)


def main() -> None:
    """Run the command line."""
    app(prog_name="infra")
