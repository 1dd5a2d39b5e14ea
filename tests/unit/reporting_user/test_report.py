"""What a run says: to the log in full, to CloudFormation in as much as fits."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from lambda_src.reporting_user import report
from lambda_src.reporting_user.plan import Kind, Note, Plan
from lambda_src.reporting_user.report import Log
from lambda_src.reporting_user.work import Outcome

NOW = datetime(2026, 11, 24, 8, 30, 1, tzinfo=UTC)

OUTCOME = Outcome(
    "analyst",
    (
        Plan("postgres", ("A", "B"), (Note(Kind.MISSING, "m"), Note(Kind.PROBLEM, "p"))),
        Plan("shop", ("C",), (Note(Kind.PROBLEM, "p"), Note(Kind.PROBLEM, "q"))),
    ),
)


def test_every_statement_and_every_note_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """And the summary is CloudWatch's metrics as well."""
    Log("invocation-1", "dev-reporting-user", lambda: NOW).report(report.KEPT, OUTCOME, 1.23456)
    *lines, summary = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    head = {"timestamp": "2026-11-24T08:30:01.000Z", "requestId": "invocation-1", "role": "analyst"}
    info, warning = head | {"level": "INFO"}, head | {"level": "WARNING"}
    assert lines == [
        info | {"message": "statement", "database": "postgres", "statement": "A"},
        info | {"message": "statement", "database": "postgres", "statement": "B"},
        info | {"message": "statement", "database": "shop", "statement": "C"},
        info | {"message": "missing", "text": "m"},
        warning | {"message": "problem", "text": "p"},
        warning | {"message": "problem", "text": "q"},
    ]
    assert summary == warning | {
        "message": "reporting user kept",
        "statements": 3,
        "missing": 1,
        "problems": 2,
        "seconds": 1.235,
        "FunctionName": "dev-reporting-user",
        "Statements": 3,
        "Missing": 1,
        "Problems": 2,
        "_aws": {
            "Timestamp": 1795509001000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "ReportingUser",
                    "Dimensions": [["FunctionName"]],
                    "Metrics": [
                        {"Name": "Statements", "Unit": "Count"},
                        {"Name": "Missing", "Unit": "Count"},
                        {"Name": "Problems", "Unit": "Count"},
                    ],
                }
            ],
        },
    }


def test_the_answer_says_what_was_done_and_left() -> None:
    """As texts, which are all that CloudFormation knows."""
    assert report.data(OUTCOME) == {
        "Role": "analyst",
        "Statements": "3",
        "Missing": "m",
        "Problems": "p; q",
    }


@pytest.mark.parametrize("sign", ["x", "é", "\U0001f418"])
def test_whatever_is_left_the_answer_fits(sign: str) -> None:
    """One that is too long would make a success a failure."""
    notes = (Note(Kind.MISSING, sign * 4000), Note(Kind.PROBLEM, sign * 4000))
    found = report.data(Outcome(sign * 15, (Plan("shop", (), notes),)))
    assert len(json.dumps(found)) < 3000
    assert found["Missing"].startswith(sign * 70)
    assert found["Missing"].endswith(" … (the rest is in the log)")
