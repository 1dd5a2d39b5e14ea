"""What parse and forward say: of each source, of all together, and on a terminal meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console

from infra.cli import summary
from infra.processing.outcome import Counts, Outcome, Result, State
from infra.processing.progress import Began, Ended, Identified, Passed
from infra.processing.sources import LocalFile, Unread

LONG = "s3://logs/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/10/14/x_3c6da5d7.log.gz"
GOOD = Outcome(LONG, State.DONE, counts=Counts(1200, 1100, 100), kind="alb")
REJECTED = Outcome(
    "b\x1b.log",
    State.DONE,
    counts=Counts(read=3, delivered=1, rejected=2),
    rejections=((0, "empty line"), (1234567, "odd\x07")),
    kind="classic",
)
NO_LOG = Outcome("notes", State.DONE, counts=Counts(1, rejected=1), rejections=((0, "no"),))
FAILED = Outcome("c.log", State.FAILED, "refused", Counts(read=5, unconfirmed=5))
SKIPPED = Outcome("d", State.SKIPPED, "no regular file")


def result(*outcomes: Outcome) -> Result:
    made = Result(seconds=2.0)
    for outcome in outcomes:
        made.add(outcome)
    return made


def shown(of: Result, width: int = 80) -> list[str]:
    file = StringIO()
    summary.show(Console(file=file, width=width, highlight=False, markup=False), of, "delivered")
    return [line.rstrip() for line in file.getvalue().splitlines()]


def told(outcomes: Sequence[Outcome], *, quiet: bool = False, terminal: bool = False) -> str:
    file = StringIO()
    console = Console(file=file, width=100, force_terminal=terminal, highlight=False, markup=False)
    found = [LocalFile(Path(each.name), 70) for each in outcomes]
    with summary.progress(console, found, quiet=quiet, bar=True) as tell:
        for each in outcomes:
            for value in (Began(each.name), Identified(70), Passed(70), Ended(each)):
                tell(value)
    return file.getvalue()


def test_few_sources_have_a_row_each() -> None:
    """In 80 columns; of a long name the end is left."""
    assert shown(result(GOOD, FAILED)) == [
        "source                       kind   read  delivered  filtered  rejected  outcome",
        "─" * 80,
        ".../10/14/x_3c6da5d7.log.gz  alb   1,200      1,100       100         0  done",
        "c.log                                  5          0         0         0  failed",
        "",
        "total                              1,205      1,100       100         0",
        "",
        "2 sources: 1 done, 1 failed; 2.0 s, 602 lines/s",
        "NOT everything is accounted for: 1,205 read = 1,100 delivered + 100 filtered + 0 rejected"
        " + 5 unconfirmed",
    ]


def test_one_source_and_many_have_no_table() -> None:
    """The sum says all of one; nobody reads a thousand rows."""
    total = "every line accounted for: 1,200 read = 1,100 delivered + 100 filtered + 0 rejected"
    assert shown(result(GOOD)) == ["1 source: 1 done; 2.0 s, 600 lines/s", total]
    assert len(shown(result(*[GOOD] * 13))) == 2


def test_an_end_before_the_last_source_is_said() -> None:
    """And how many are left, where that is known."""
    stopped = result(GOOD)
    stopped.stopped, stopped.untried = "nothing was taken any more", 1
    assert shown(stopped)[1] == "ended early: nothing was taken any more; 1 source left untried"
    interrupted = result(GOOD)
    interrupted.interrupted, interrupted.untried = True, None
    assert shown(interrupted)[1] == "interrupted; what was left has not been tried"


def test_what_each_rule_dropped_is_said() -> None:
    """The most first."""
    filtered = result(GOOD)
    filtered.rule_counts = Counter({"a": 1, "b": 99})
    assert shown(filtered)[1] == "by rule: b 99, a 1"


def test_a_source_with_a_problem_is_told_at_once() -> None:
    """Others are not; what could disturb a terminal is escaped."""
    assert told([GOOD, REJECTED, NO_LOG, FAILED, SKIPPED]).splitlines() == [
        "b\\x1b.log: 2 lines rejected; the first:",
        "  at byte 0: empty line",
        "  at byte 1,234,567: odd\\x07",
        "notes: 1 line rejected, which is all of it; the first:",
        "  at byte 0: no",
        "c.log: failed: refused",
        "d: skipped: no regular file",
    ]


def test_quiet_is_quiet() -> None:
    """A script that reads JSON from stderr gets nothing else there."""
    assert told([FAILED], quiet=True, terminal=True) == ""


def test_a_terminal_has_a_bar_that_goes_away() -> None:
    """What is told stays above it."""
    text = told([GOOD, FAILED], terminal=True)
    assert "c.log: failed: refused" in text
    assert "2/2" in text
    assert text.endswith("\x1b[1A\x1b[2K")


def test_sources_that_are_still_being_listed_have_no_total() -> None:
    """The bar says how many are done."""
    file = StringIO()
    console = Console(file=file, width=100, force_terminal=True)
    found = iter([Unread("x", "gone")])
    with summary.progress(console, found, quiet=False, bar=True) as tell:
        tell(Began("x"))
        tell(Ended(FAILED))
    assert "1 done" in file.getvalue()
    assert next(found).name == "x"
