"""What is shown of a database: whether an answer is the right one, how it looks, and its JSON."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from infra.cli import database_transcript
from infra.cli.demo import code
from infra.local.database_outcome import Asked, Shown
from infra.local.database_stage import Servers
from infra.local.psql import Answer, Place, Refusal
from infra.local.report import as_json
from lambda_src.reporting_user.connection import Login
from tests.unit.local.test_outcome import RESULT

COUNT = Answer(("orders",), (("1000",),))
DENIED = Refusal("ERROR:  permission denied for table orders")
READ_ONLY = Refusal("ERROR:  cannot execute INSERT in a read-only transaction")
READ = Asked("it is read", "shop", "SELECT count(*) AS orders FROM public.orders", COUNT, COUNT)
WRITE = Asked(
    "a write is refused",
    "shop",
    "INSERT INTO public.orders VALUES (0)",
    READ_ONLY,
    Refusal("read-only transaction"),
)
SHOWN = Shown(
    version="18.4",
    wanted_version="17.9",
    replica="analysts",
    user="analyst",
    connections={"shop": "psql 'host=localhost port=5432'"},
    asked=(READ, WRITE),
    seconds=1.23456,
)


def shown(what: Shown) -> list[str]:
    file = StringIO()
    console = Console(file=file, width=80, highlight=False, markup=False)
    database_transcript.show(console, what)
    return file.getvalue().splitlines()


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (READ, None),
        (WRITE, None),
        (
            replace(READ, answer=DENIED),
            f"{READ.shows}: {READ.statement} ended with {DENIED.words!r}",
        ),
        (
            replace(READ, answer=Answer(("orders",), (("999",),))),
            f"{READ.shows}: {READ.statement} gave (('999',),), not (('1000',),)",
        ),
        (
            replace(WRITE, answer=Answer((), ())),
            f"{WRITE.shows}: {WRITE.statement} was not refused",
        ),
        (
            replace(WRITE, answer=DENIED),
            f"{WRITE.shows}: {WRITE.statement} ended with {DENIED.words!r}",
        ),
    ],
)
def test_an_answer_is_what_was_wanted_or_a_problem(asked: Asked, problem: str | None) -> None:
    """A refusal for another reason proves nothing."""
    assert asked.problem == problem


def test_it_looks_as_a_session_of_psql_does() -> None:
    """The line that connects, what is asked, and the answer with its head."""
    assert shown(SHOWN) == [
        "user analyst on the read replica analysts (PostgreSQL 18.4, in place of the 17.9 of RDS):",
        "",
        "$ psql 'host=localhost port=5432'",
        "-- it is read",
        "shop=> SELECT count(*) AS orders FROM public.orders;",
        " orders",
        "--------",
        "   1000",
        "(1 row)",
        "",
        "-- a write is refused",
        "shop=> INSERT INTO public.orders VALUES (0);",
        "ERROR:  cannot execute INSERT in a read-only transaction",
        "",
        "the analyst reads all that is named, and writes nothing",
    ]


def test_what_is_not_as_it_should_be_is_the_verdict() -> None:
    """Nobody takes it for a success."""
    failed = replace(SHOWN, asked=(replace(READ, answer=DENIED),), version="17.9")
    assert not failed.holds
    lines = shown(failed)
    assert lines[0] == "user analyst on the read replica analysts (PostgreSQL 17.9):"
    assert lines[-2:] == [
        "NOT all is as it should be for the analyst:",
        f"  {READ.shows}: {READ.statement} ended with {DENIED.words!r}",
    ]


def test_one_thing_that_is_not_as_it_should_be_fails_the_demo() -> None:
    """Whatever became of the log lines; and the other way round."""
    failed = replace(SHOWN, asked=(READ, replace(WRITE, answer=Answer((), ()))))
    every = [code(result, what) for result in (None, RESULT) for what in (None, SHOWN, failed)]
    assert every == [0, 0, 1, 0, 0, 1]
    lost = replace(RESULT, receiver_problem="it stopped")
    assert [code(lost, what) for what in (None, SHOWN)] == [1, 1]


def test_other_programs_get_every_answer() -> None:
    """Under a key of its own, beside those of the log lines where there are any."""
    assert json.loads(as_json(None, SHOWN)) == {
        "database": {
            "holds": True,
            "problems": [],
            "version": "18.4",
            "replica": "analysts",
            "user": "analyst",
            "connections": SHOWN.connections,
            "seconds": 1.235,
            "statements": [
                {
                    "shows": READ.shows,
                    "database": "shop",
                    "statement": READ.statement,
                    "columns": ["orders"],
                    "rows": [["1000"]],
                    "refused": None,
                    "problem": None,
                },
                {
                    "shows": WRITE.shows,
                    "database": "shop",
                    "statement": WRITE.statement,
                    "columns": None,
                    "rows": None,
                    "refused": READ_ONLY.words,
                    "problem": None,
                },
            ],
        }
    }


def servers() -> Servers:
    place = Place("localhost", 5432, "PEM")
    return Servers(
        master=place,
        replica=place,
        replica_name="analysts",
        administrator=Login("administrator", "hidden"),
        analyst=Login("analyst", "hidden"),
        analyst_secret="arn:of:the:secret",
        function="reporting-user",
        ca_file=Path("/home/rds-ca.pem"),
    )


def test_nobody_is_shown_a_password() -> None:
    """It is told which secret has it."""
    hints = database_transcript.hints(servers(), SHOWN)
    assert "--secret-id arn:of:the:secret\n  psql 'host=localhost port=5432'\n" in hints
    assert "hidden" not in hints + repr(servers())


def test_the_line_that_connects_quotes_what_needs_it() -> None:
    """For libpq, and then for the shell."""
    [_, argument] = shlex.split(servers().psql("sh'op"))
    assert argument == (
        "host=localhost port=5432 dbname='sh\\'op' user=analyst sslmode=verify-full "
        "sslrootcert=/home/rds-ca.pem"
    )
