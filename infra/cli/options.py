"""Arguments that several verbs share, with one description each."""

from __future__ import annotations

from typing import Annotated

import typer

Env = Annotated[
    str,
    typer.Argument(
        metavar="ENV",
        help="A shipped example (dev, prod) or the path of a YAML file.",
        show_default=False,
    ),
]
