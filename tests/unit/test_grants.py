"""`infra grants` as a user runs it; what its function does stands in tests/postgresql."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.aws_server import AwsServer, Refusal, aws_server
from tests.unit.commands import Infra

FUNCTION = "reporting-database-reporting-user"
ANSWER = {
    "Action": "grant",
    "Role": "reporting",
    "Named": {"shop": ["public"]},
    "Plans": [
        {"Database": "postgres", "Statements": ["GRANT a"], "Missing": [], "Problems": []},
        {"Database": "shop", "Statements": [], "Missing": ["no sales yet"], "Problems": []},
    ],
    "Omitted": 0,
}
COUNTED = "reporting: user reporting: 1 statement run, 1 missing, 0 problems"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    """With the stack of the shipped example `reporting`, whose function grants."""
    with aws_server(monkeypatch) as here:
        here.stacks = {"reporting-database": {"ReportingFunctionName": FUNCTION}}
        here.answers = {FUNCTION: ANSWER}
        yield here


def answering(aws: AwsServer, **changes: Any) -> None:
    aws.answers = {FUNCTION: {**ANSWER, **changes}}


def test_what_the_function_did_is_told_for_each_database(infra: Infra, aws: AwsServer) -> None:
    """And what is not there yet, which is no failure."""
    done = infra("grants", "reporting", "--endpoint-url", aws.url)
    assert aws.invoked == [(FUNCTION, {"Action": "grant"})]
    assert (done.code, done.talk) == (0, [COUNTED])
    assert done.stdout.decode().splitlines() == [
        "named: shop: public",
        "postgres: 1 statement",
        "  GRANT a",
        "shop: no change",
        "missing: no sales yet",
    ]


def test_a_problem_is_exit_code_1(infra: Infra, aws: AwsServer) -> None:
    """Somebody has to see to it."""
    plan = {"Database": "shop", "Statements": [], "Missing": [], "Problems": ["not\x1b yours"]}
    answering(aws, Plans=[plan])
    done = infra("grants", "reporting", "--endpoint-url", aws.url)
    assert (done.code, done.events[-1]) == (1, rb"problem: not\x1b yours")


def test_a_script_reads_json(infra: Infra, aws: AwsServer) -> None:
    """The same members, in the style of the other commands."""
    done = infra("grants", "reporting", "--json", "--endpoint-url", aws.url)
    assert json.loads(done.stdout) == {
        "role": "reporting",
        "named": {"shop": ["public"]},
        "databases": [
            {"database": "postgres", "statements": ["GRANT a"], "missing": [], "problems": []},
            {"database": "shop", "statements": [], "missing": ["no sales yet"], "problems": []},
        ],
        "omitted": 0,
    }


def test_what_is_added_is_said_to_last_until_the_next_run(infra: Infra, aws: AwsServer) -> None:
    """Who wants to keep it is told how."""
    answering(aws, Named={"shop": ["public", "sales"], "stock": ["sales"]})
    words = ("--database", "shop", "--database", "stock", "--schema", "sales")
    done = infra("grants", "reporting", *words, "--endpoint-url", aws.url)
    [(_, event)] = aws.invoked
    assert event["Databases"] == [
        {"Name": "shop", "Schemas": ["sales"]},
        {"Name": "stock", "Schemas": ["sales"]},
    ]
    assert done.talk[1:] == [
        "shop (sales), stock (sales): not in the settings, so this lasts until the next scheduled "
        "run, within 60 minutes. To keep it, name it in database.reporting_user.databases and "
        "deploy."
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--schema", "sales"], "--schema needs a --database that it is in"),
        (["--database", "shop"], "--database needs a --schema of it that is to be read"),
        (
            ["--revoke", "--database", "shop", "--schema", "sales"],
            "--revoke takes everything: leave --database and --schema out",
        ),
        (["--revoke"], "--revoke asks on a terminal; where there is none, add --yes"),
    ],
)
def test_what_cannot_be_meant_is_exit_code_2(
    infra: Infra, aws: AwsServer, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    """Nothing is asked of the function."""
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        done = infra("grants", "reporting", *words, "--endpoint-url", aws.url)
    assert (done.code, aws.invoked) == (2, [])
    assert said in " ".join(done.stderr.decode().split())


def test_a_plan_is_sql_and_changes_nothing(infra: Infra, aws: AwsServer) -> None:
    """Each statement with its end; what is left is a comment, and no failure."""
    answering(aws, Action="plan")
    done = infra("grants", "reporting", "--print", "--endpoint-url", aws.url)
    assert aws.invoked == [(FUNCTION, {"Action": "plan"})]
    assert (done.code, done.talk) == (0, [COUNTED.replace(" run", " to run")])
    assert done.stdout.decode().splitlines() == [
        "-- database postgres",
        "GRANT a;",
        "-- database shop",
        "-- no sales yet",
    ]


def test_a_plan_is_exact_where_a_program_reads_it(infra: Infra, aws: AwsServer) -> None:
    """A name with a new line stays what it is in a statement, and ends no comment."""
    plan = {"Database": "a\nb", "Statements": ['GRANT "a\nb"'], "Missing": ["x\ny"], "Problems": []}
    answering(aws, Action="plan", Plans=[plan])
    done = infra("grants", "reporting", "--print", "--endpoint-url", aws.url)
    assert done.stdout == b'-- database a\\nb\nGRANT "a\nb";\n-- x\\ny\n'


def test_without_a_stack_the_general_plan_is_printed(infra: Infra, aws: AwsServer) -> None:
    """And said to be that; what the password is stays open."""
    aws.stacks = {}
    done = infra("grants", "reporting", "--print", "--endpoint-url", aws.url)
    assert (done.code, aws.invoked) == (0, [])
    assert done.talk[:2] == [
        "Stack reporting-database is not deployed: there is no function to ask. Deploy it first.",
        "This is the general plan, as for a new server.",
    ]
    assert "ALTER ROLE \"reporting\" PASSWORD 'SCRAM-SHA-256$…';" in done.stdout.decode()


def test_the_user_is_removed_without_a_question_where_yes_is_said(
    infra: Infra, aws: AwsServer
) -> None:
    """How to keep the schedule from making it again is said before."""
    answering(aws, Action="revoke", Named={})
    done = infra("grants", "reporting", "--revoke", "--yes", "--endpoint-url", aws.url)
    assert aws.invoked == [(FUNCTION, {"Action": "revoke"})]
    place = f"--region eu-west-1 --endpoint-url {aws.url}"
    assert done.talk == [
        "The schedule (every 60 minutes) makes the user again. To keep it away, take "
        "reporting_user out of the settings and deploy, or disable the schedule before:",
        f'  aws events disable-rule {place} --name "$(aws cloudformation describe-stack-resource '
        f"{place} --stack-name reporting-database --logical-resource-id ReportingUserSchedule "
        '--output text --query StackResourceDetail.PhysicalResourceId)"',
        COUNTED,
    ]


@pytest.mark.parametrize(("said", "code"), [("y\n", 0), ("n\n", 1)])
def test_on_a_terminal_it_asks_first(
    infra: Infra, aws: AwsServer, monkeypatch: pytest.MonkeyPatch, said: str, code: int
) -> None:
    """No is an answer too."""
    answering(aws, Action="revoke", Named={})
    ours, theirs = pty.openpty()
    os.write(ours, said.encode())
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        done = infra("grants", "reporting", "--revoke", "--endpoint-url", aws.url)
    os.close(ours)
    assert (done.code, len(aws.invoked)) == (code, 1 - code)
    assert "Remove user reporting of reporting, and end its sessions? [y/N]" in str(done.stderr)


def test_statements_without_room_are_counted(infra: Infra, aws: AwsServer) -> None:
    """They have been run all the same."""
    answering(aws, Omitted=1200)
    done = infra("grants", "reporting", "--endpoint-url", aws.url)
    assert done.talk == [
        COUNTED.replace("1 statement", "1,201 statements"),
        "1,200 statements more than the answer has room for",
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            RuntimeError("the server is away"),
            f"Function {FUNCTION} failed: the server is away. Its log says more.",
        ),
        (
            Refusal("AccessDeniedException", "User is not authorized", 403),
            f"Invoke on function {FUNCTION} was refused: AccessDeniedException: User is not "
            "authorized. Use a role that is allowed to do this, or have it allowed.",
        ),
        (
            {"Role": "reporting", "Statements": "0", "Missing": "", "Problems": ""},
            f"Function {FUNCTION} answered as another version of it does. Deploy the stack again.",
        ),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    infra: Infra, aws: AwsServer, answer: Any, said: str
) -> None:
    """The function's own words, or AWS's."""
    aws.answers = {FUNCTION: answer}
    done = infra("grants", "reporting", "--endpoint-url", aws.url)
    assert (done.code, done.stdout, done.talk) == (1, b"", [f"infra: {said}"])
    assert len(aws.invoked) == 1


@pytest.mark.parametrize(
    ("env", "stacks", "said"),
    [
        ("dev", {}, "dev has no database: nothing can be granted."),
        (
            "reporting",
            {},
            "Stack reporting-database is not deployed: there is no function to ask. Deploy it "
            "first.",
        ),
        (
            "reporting",
            {"reporting-database": {}},
            "Stack reporting-database (CREATE_COMPLETE) tells no ReportingFunctionName: it has no "
            "reporting user yet, or was never finished. Deploy it again.",
        ),
    ],
)
def test_where_there_is_nobody_to_ask_it_is_said(
    infra: Infra, aws: AwsServer, env: str, stacks: dict[str, dict[str, str]], said: str
) -> None:
    """With what to do about it."""
    aws.stacks = stacks
    done = infra("grants", env, "--endpoint-url", aws.url)
    assert (done.code, done.talk) == (1, [f"infra: {said}"])
