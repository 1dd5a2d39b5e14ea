"""Arguments that several verbs share, with one description each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Env = Annotated[
    str,
    typer.Argument(
        metavar="ENV",
        help="A shipped example (dev, prod, reporting) or the path of a YAML file.",
        show_default=False,
    ),
]
EndpointUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Of an AWS that is not Amazon's, http://HOST:PORT."),
]
Profile = Annotated[
    str | None, typer.Option(metavar="NAME", help="A profile of your AWS configuration.")
]
Region = Annotated[str | None, typer.Option(metavar="NAME", help="An AWS region.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
Json = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]

_SOURCES = "Files, folders, patterns, s3://bucket/key, s3://bucket/prefix/, or - for stdin."
Files = Annotated[list[str], typer.Argument(metavar="FILE", help=_SOURCES, show_default=False)]
Sources = Annotated[list[str], typer.Argument(metavar="SOURCE", help=_SOURCES, show_default=False)]
EventsOf = Annotated[
    str | None,
    typer.Option(
        "--env",
        metavar="ENV",
        help="Make the events of this environment's function: its fields, schema, filters and "
        "redaction. The options below come before them.",
    ),
]
Schema = Annotated[
    Literal["original", "ecs"] | None,
    typer.Option(help="Names of an event's fields.  [default: original]", show_default=False),
]
Kind = Annotated[
    Literal["classic", "alb", "alb-connection", "alb-health-check", "nlb"] | None,
    typer.Option(help="Of all logs; else each file's name tells, or its lines."),
]
Filters = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Rules as JSON: which lines are left out.")
]
Redact = Annotated[
    str | None,
    typer.Option(metavar="NAME,…", help="Query parameters whose values are taken out of URLs."),
]
Rejected = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Where to keep rejected lines, with reasons.")
]
