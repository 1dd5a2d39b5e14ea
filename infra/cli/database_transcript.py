"""How the demo shows a database: as a session of psql looks, and whether all is as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.text import Text

from infra.local.database_outcome import Asked, Shown
from infra.local.database_stage import Servers
from infra.local.psql import Answer, Refusal
from infra.words import printable


def show(console: Console, shown: Shown) -> None:
    """Print what the analyst asked and was told, and the verdict."""
    for line in (_head(shown), "", *_sessions(shown), *_verdict(shown)):
        console.print(line, soft_wrap=True)


def hints(servers: Servers, shown: Shown) -> str:
    """How to connect as the analyst, for a shell."""
    lines = "\n".join(f"  {line}" for line in shown.connections.values())
    secret = servers.analyst_secret
    return f"""
Who reads on the replica {servers.replica_name} has the password that is in this secret:

  aws secretsmanager get-secret-value --query SecretString --output text --secret-id {secret}
{lines}
"""


def _head(shown: Shown) -> str:
    instead = "" if _is_wanted(shown) else f", in place of the {shown.wanted_version} of RDS"
    return (
        f"user {shown.user} on the read replica {shown.replica} "
        f"(PostgreSQL {shown.version}{instead}):"
    )


def _is_wanted(shown: Shown) -> bool:
    return f"{shown.version}.".startswith(f"{shown.wanted_version}.")


def _sessions(shown: Shown) -> Iterator[str | Text]:
    for database, asked in groupby(shown.asked, lambda each: each.database):
        yield f"$ {printable(shown.connections[database])}"
        for each in asked:
            yield Text(f"-- {printable(each.shows)}", "dim")
            yield f"{printable(database)}=> {printable(each.statement)};"
            yield from _answer(each)
            yield ""


def _answer(asked: Asked) -> Iterator[str | Text]:
    match asked.answer:
        case Refusal(words):
            yield Text(printable(words), "yellow")
        case Answer():
            yield from _table(asked.answer)


def _table(answer: Answer) -> Iterator[str]:
    """As psql prints it: centred heads, numbers to the right."""
    columns = [
        [head, *(row[index] for row in answer.rows)] for index, head in enumerate(answer.columns)
    ]
    widths = [max(map(len, column)) for column in columns]
    yield "|".join(
        f" {head:^{width}} " for head, width in zip(answer.columns, widths, strict=True)
    ).rstrip()
    yield "+".join("-" * (width + 2) for width in widths)
    for row in answer.rows:
        yield "|".join(
            f" {printable(cell):>{width}} " for cell, width in zip(row, widths, strict=True)
        ).rstrip()
    count = len(answer.rows)
    yield f"({count} row{'' if count == 1 else 's'})"


def _verdict(shown: Shown) -> Iterator[Text]:
    if shown.holds:
        yield Text("the analyst reads all that is named, and writes nothing", "bold green")
        return
    yield Text("NOT all is as it should be for the analyst:", "bold red")
    for problem in shown.problems:
        yield Text(f"  {printable(problem)}")
