"""Following the function's log: each line once, and never for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from infra.aws.services import LogLine
from infra.local.following import LogReader, Patience, follow
from infra.local.outcome import Summary


def line(number: int, milliseconds: int, key: str, outcome: str = "delivered") -> LogLine:
    said = {"bucket": "b", "key": key, "outcome": outcome}
    return LogLine(str(number), milliseconds, json.dumps(said))


@dataclass
class Growing:
    """A log group that has more at each look."""

    looks: list[list[LogLine]]
    asked: list[int] = field(default_factory=list)

    def lines(self, group: str, since: int = 0) -> Iterator[LogLine]:
        self.asked.append(since)
        shown = self.looks[: len(self.asked)]
        return iter([each for look in shown for each in look if each.milliseconds >= since])


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def patience(self, seconds: float, hidden: float = 0.0) -> Patience:
        return Patience(seconds, self.clock, self.sleep, hidden)


def ignore(summary: Summary, done: int) -> None:
    """Tell nobody."""


def test_it_ends_when_every_key_has_an_outcome() -> None:
    """Attempts are kept in their order, strangers are left out, each is told with the count."""
    logs = Growing(
        [
            [line(1, 100_000, "a", "failed"), line(2, 100_001, "stranger")],
            [line(3, 200_000, "a"), line(4, 100_002, "b")],
        ]
    )
    told: list[tuple[str, int]] = []
    attempts = follow(
        LogReader(logs, "group"),
        ["a", "b"],
        lambda summary, done: told.append((summary.key, done)),
        lambda: 0,
        Time().patience(1),
    )
    assert {key: [one.outcome for one in each] for key, each in attempts.items()} == {
        "a": ["failed", "delivered"],
        "b": ["delivered"],
    }
    assert told == [("a", 1), ("a", 1), ("b", 2)]


def test_it_reads_again_from_a_minute_before_the_last_line() -> None:
    """Lines appear in another order than that of their times."""
    logs = Growing([[line(1, 100_000, "a")], [], [line(2, 100_000, "b")]])
    follow(LogReader(logs, "group"), ["a", "b"], ignore, lambda: 0, Time().patience(1))
    assert logs.asked == [0, 40_000, 40_000]


def test_it_gives_up_when_nothing_moves() -> None:
    """What has no outcome by then is simply not there."""
    time = Time()
    logs = Growing([[line(1, 100_000, "a")]])
    attempts = follow(LogReader(logs, "g"), ["a", "b"], ignore, lambda: 0, time.patience(5))
    assert (list(attempts), round(time.now)) == (["a"], 5)


def test_it_waits_as_long_as_events_arrive() -> None:
    """A long object is no standstill."""
    time = Time()
    logs = Growing([])
    follow(LogReader(logs, "g"), ["a"], ignore, lambda: int(min(time.now, 60)), time.patience(5))
    assert round(time.now) == 65


def test_an_unfinished_object_is_waited_for_until_the_queue_hands_it_out_again() -> None:
    """It is not done with, and the time that its message is hidden is no standstill."""
    time, told = Time(), []
    looks: list[list[LogLine]] = [[] for _ in range(80)]
    looks[0], looks[70] = [line(1, 1, "a", "unfinished")], [line(2, 2, "a")]
    attempts = follow(
        LogReader(Growing(looks), "g"),
        ["a"],
        lambda summary, done: told.append((summary.outcome, done)),
        lambda: 0,
        time.patience(1, hidden=10),
    )
    assert [one.outcome for one in attempts["a"]] == ["unfinished", "delivered"]
    assert told == [("unfinished", 0), ("delivered", 1)]


def test_an_unfinished_object_that_never_comes_back_is_given_up() -> None:
    """The wait ends a while after the message should have been there again."""
    time = Time()
    logs = Growing([[line(1, 1, "a", "unfinished")]])
    follow(LogReader(logs, "g"), ["a"], ignore, lambda: 0, time.patience(1, hidden=10))
    assert round(time.now) == 11
