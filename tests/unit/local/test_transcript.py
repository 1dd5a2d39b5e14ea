"""How the demo's result looks, and what another program gets."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from infra.aws.services import QueueCounts
from infra.cli import transcript
from infra.local.demo import Local
from infra.local.emulator import Emulator
from infra.local.log_files import LogFile
from infra.local.outcome import ObjectOutcome, Rejection, Result, Summary
from infra.local.progress import Arrived, Began, Finished, Noted, Progress, Told
from infra.local.receiver import Received
from infra.local.report import as_json
from tests.unit.deploy.fakes import FakeAws

LONG = (
    "1_elasticloadbalancing_eu-west-1_app.web.50dc6c495c0c9188_20261014T1000Z_10.0.4.17_3c6da5d7"
    ".log.gz"
)
DELIVERED = Summary(
    "b",
    f"logs/{LONG}",
    "delivered",
    "alb",
    read=1200,
    delivered=1199,
    rejected=1,
    sent=1199,
    rejections=(Rejection(7, "too short"),),
)
FAILED = Summary("b", "logs/x\x1b.log", "failed", "unknown", read=5, unconfirmed=5, why="refused")
GOOD = ObjectOutcome(LogFile(Path(LONG), DELIVERED.key, 1200), (DELIVERED,))
BAD = ObjectOutcome(LogFile(Path("x"), FAILED.key, 5), (FAILED,))
RESULT = Result(
    objects=(GOOD,),
    received=Received(events=1199, different=1199),
    receiver_problem=None,
    queue=QueueCounts(0, 0),
    dead_letters=QueueCounts(0, 0),
    seconds=2.0,
    first_event='{"A":"b"}\n',
)
TABLE = [
    "object                               kind   read  delivered  rejected  outcome",
    "─" * 80,
    "app.web.50dc6c495…7_3c6da5d7.log.gz  alb   1,200      1,199         1  delivered",
    "",
    "total                                      1,200      1,199         1",
]


def shown(result: Result, width: int = 80) -> list[str]:
    file = StringIO()
    transcript.show(Console(file=file, width=width, highlight=False, markup=False), result)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_a_good_result_ends_with_the_sum_of_all_lines() -> None:
    """Table, event, rejections, verdict, in 80 columns; long names lose their middle."""
    lines = shown(RESULT)
    assert lines[:5] == TABLE
    assert lines[-1] == "every line accounted for: 1,200 read = 1,199 delivered + 1 rejected"
    assert '  "A": "b"' in lines
    assert max(map(len, lines)) <= 80


def test_what_was_filtered_has_a_column_of_its_own() -> None:
    """Only where there is any; the longest kind still leaves room for a name."""
    filtered = replace(DELIVERED, kind="alb-health-check", delivered=1000, filtered=199)
    lines = shown(
        replace(
            RESULT,
            objects=(replace(GOOD, attempts=(filtered,)),),
            received=Received(events=1000, different=1000),
        )
    )
    assert lines[:5] == [
        "object               kind         read  delivered  filtered  rejected  outcome",
        "─" * 80,
        "app.web.5…d7.log.gz  alb health  1,200      1,000       199         1  delivered",
        "",
        "total                            1,200      1,000       199         1",
    ]
    assert lines[-1] == (
        "every line accounted for: 1,200 read = 1,000 delivered + 199 filtered + 1 rejected"
    )
    assert max(map(len, lines[:5])) <= 80


def test_attempts_and_events_that_came_again_are_told() -> None:
    """They are no mistake, and no secret."""
    attempts = (replace(DELIVERED, outcome="failed"), DELIVERED)
    again = replace(
        RESULT,
        objects=(replace(GOOD, attempts=attempts),),
        received=Received(events=1300, different=1199),
    )
    assert shown(again)[6:9] == [
        "decoded by the receiver: 1,300 events (600 lines/s, put to confirmed)",
        "1 object took more than one attempt",
        "101 events came again, each with its id",
    ]


def test_a_bad_result_says_what_is_missing() -> None:
    """The failed object stands there with the function's error, and nothing odd is printed."""
    lines = shown(replace(RESULT, objects=(GOOD, BAD)))
    assert lines[lines.index("NOT every line is accounted for:") :] == [
        "NOT every line is accounted for:",
        "  logs/x\\x1b.log: failed: refused",
        "A failed object would be tried again later; the demo does not wait for that.",
    ]


def test_a_wide_console_shows_whole_names() -> None:
    """Nothing is left out where there is room."""
    name = LONG.removeprefix("1_elasticloadbalancing_eu-west-1_")
    assert any(line.startswith(f"{name}  alb") for line in shown(RESULT, width=160))


def test_other_programs_get_every_count_and_whole_keys() -> None:
    """The keys of the JSON are a promise."""
    said = json.loads(as_json(replace(RESULT, objects=(BAD,), received=None)))
    assert said == {
        "accounted": False,
        "problems": ["logs/x\x1b.log: failed: refused"],
        "read": 5,
        "delivered": 0,
        "filtered": 0,
        "rejected": 0,
        "unconfirmed": 5,
        "received": None,
        "queue": {"waiting": 0, "inFlight": 0},
        "deadLetters": 0,
        "seconds": 2.0,
        "objects": [
            {
                "file": "x",
                "key": "logs/x\x1b.log",
                "lines": 5,
                "outcome": "failed",
                "problem": "failed: refused",
                "attempts": 1,
                "kind": "unknown",
                "read": 5,
                "delivered": 0,
                "filtered": 0,
                "rejected": 0,
                "unconfirmed": 5,
                "rejections": [],
            }
        ],
    }


def test_without_a_terminal_each_finished_step_and_object_is_a_line() -> None:
    """A CI log shows what was done, and nothing that moves."""
    file = StringIO()
    told: list[Progress] = [
        Noted("the receiver speaks tcp"),
        Began("start"),
        Finished("start", 1.25),
        Arrived(5),
        Told(FAILED, 1, 2),
    ]
    with transcript.progress(Console(file=file, width=80, highlight=False)) as tell:
        for each in told:
            tell(each)
    assert file.getvalue().splitlines() == [
        "the receiver speaks tcp",
        "start (1.2 s)",
        "1 of 2 objects: x\\x1b.log failed (refused)",
    ]


def test_without_a_queue_there_is_none_to_tell_of() -> None:
    """Another program finds the key nevertheless."""
    assert json.loads(as_json(replace(RESULT, queue=None)))["queue"] is None


@pytest.mark.parametrize(
    ("queues", "shown"),
    [
        ({"QueueUrl": "http://queue", "DeadLetterQueueUrl": "http://dead"}, "http://queue"),
        ({"DeadLetterQueueUrl": "http://dead"}, "http://dead"),
    ],
)
def test_a_shell_is_told_where_objects_wait(queues: dict[str, str], shown: str) -> None:
    """In the queue; where there is none, those that were given up can be seen at least."""
    outputs = {"BucketName": "logs", "LogGroupName": "/aws/lambda/x", **queues}
    here = Emulator("eu-west-1", 4566, Path("home"))
    local = Local(here, FakeAws().aws, None, outputs, 0)
    hints = transcript.hints(local, "AWSLogs/", "dev-log-processor")
    assert f"--queue-url {shown}\n" in hints
    assert "aws s3 cp FILE s3://logs/AWSLogs/" in hints
