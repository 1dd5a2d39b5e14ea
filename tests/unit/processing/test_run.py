"""Sources one after the other: what becomes of each, and what ends a run."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from infra.processing.content import Places
from infra.processing.outcome import KEPT, Counts, Outcome, Result, State
from infra.processing.progress import Began, Ended
from infra.processing.run import Job, run
from infra.processing.sources import LocalFile, Source, StoredLog, Stream, Unread
from infra.processing.transformation import Wishes, transformation
from lambda_src.log_processor.errors import DeliveryError
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin

from .fakes import CLASSIC, FakeS3, Told

LINE = f"{CLASSIC}\n".encode()
REFUSED = "refused"


@dataclass
class Receiver:
    """Takes everything, unless something else is to happen before."""

    before: Callable[[], None] = lambda: None
    batches: list[bytes] = field(default_factory=list)

    def deliver(self, batch: bytes) -> None:
        if batch:
            self.before()
            self.batches.append(batch)


def raising(error: BaseException) -> Callable[[], None]:
    def before() -> None:
        raise error

    return before


def result_of(
    sources: Iterable[Source],
    receiver: Receiver | None = None,
    s3: FakeS3 | None = None,
    kind: Kind | None = None,
) -> Result:
    ticks = iter(range(1_000_000))
    job = Job(
        transformation=transformation(Wishes()),
        receiver=receiver or Receiver(),
        places=Places(s3),
        kind=kind,
        clock=lambda: float(next(ticks)),
    )
    result = Result()
    run(job, sources, result, Told())
    return result


def logs(folder: Path, *contents: bytes) -> list[Source]:
    sources: list[Source] = []
    for number, content in enumerate(contents):
        path = folder / f"{number}.log"
        path.write_bytes(content)
        sources.append(LocalFile(path, len(content)))
    return sources


def states(result: Result) -> list[State]:
    return [each.state for each in result.outcomes]


def test_the_others_go_on_whatever_is_wrong_with_one(tmp_path: Path) -> None:
    """Each has its own outcome, and all of them are told."""
    cut_short = gzip.compress(LINE)[:-9]
    sources = [*logs(tmp_path, LINE, cut_short, LINE), Unread("x", "gone")]
    (tmp_path / "2.log").unlink()
    sources += [Unread("y", "no log", failed=False), Stream(tmp_path / "0.log")]
    receiver = Receiver()
    result = result_of(sources, receiver)
    assert [(each.state, each.said) for each in result.outcomes] == [
        (State.DONE, ""),
        (State.FAILED, "the gzip data ends before its end: the object is truncated"),
        (State.FAILED, "No such file or directory"),
        (State.FAILED, "gone"),
        (State.SKIPPED, "no log"),
        (State.DONE, ""),
    ]
    assert len(receiver.batches) == 3  # whole lines before the cut are delivered, too
    assert not result.accounted


def test_an_outcome_says_all_of_its_source(tmp_path: Path) -> None:
    """Counts, kinds, the first rejected lines, and what the ids are made of."""
    [source] = logs(tmp_path, LINE + b"\nx\n\n\n" + LINE)
    assert isinstance(source, LocalFile)
    [outcome] = result_of([source]).outcomes
    offset = len(LINE)
    assert outcome == Outcome(
        name=source.name,
        state=State.DONE,
        counts=Counts(read=6, delivered=2, rejected=4, bytes=2 * offset + 5),
        rejections=(
            (offset, "empty line"),
            (offset + 1, "1 field, expected at least 18"),
            (offset + 3, "empty line"),
        ),
        kind="classic",
        origin=outcome.origin,
        seconds=outcome.seconds,
    )
    assert outcome.origin is not None
    assert outcome.origin.key == source.key
    assert not outcome.is_clean


def test_a_kind_that_was_asked_for_comes_before_the_name() -> None:
    """And the name before the lines."""
    key = "1_elasticloadbalancing_eu-west-1_app.shop.50dc6c495c0c9188_x.log"
    s3 = FakeS3({key: LINE, f"123456789012{key[1:]}": LINE})
    by_lines = result_of([StoredLog("logs", key)], s3=s3)
    by_name = result_of([StoredLog("logs", f"123456789012{key[1:]}")], s3=s3)
    asked = result_of([StoredLog("logs", f"123456789012{key[1:]}")], s3=s3, kind=Kind.CLASSIC)
    found = [(each.outcomes[0].kind, each.counts.delivered) for each in (by_lines, by_name, asked)]
    assert found == [("classic", 1), ("alb", 0), ("classic", 1)]


def test_what_the_load_balancer_and_the_console_leave_is_skipped() -> None:
    """As in the function; it is not even opened."""
    keys = ["AWSLogs/123456789012/ELBAccessLogTestFile", "AWSLogs/"]
    s3 = FakeS3(dict.fromkeys(keys, b""))
    result = result_of([StoredLog("logs", key, 0) for key in keys], s3=s3)
    assert [(each.state, each.said) for each in result.outcomes] == [
        (State.SKIPPED, "the load balancer's test of the bucket, not a log"),
        (State.SKIPPED, "a folder's marker, not a log"),
    ]
    assert (s3.closed, result.accounted) == ([], True)


def test_an_object_s_origin_is_that_of_the_function() -> None:
    """So are its ids."""
    [outcome] = result_of([StoredLog("logs", "a")], s3=FakeS3({"a": LINE})).outcomes
    assert outcome.origin == Origin("logs", "a", "version")


def test_a_receiver_that_takes_nothing_ends_the_run(tmp_path: Path) -> None:
    """Nobody waits for a thousand files to fail in the same way."""
    sources = logs(tmp_path, *[LINE] * 5)
    result = result_of(sources, Receiver(raising(DeliveryError(REFUSED))))
    assert [each.said for each in result.outcomes] == [REFUSED] * 3
    assert (result.stopped, result.untried) == ("nothing was taken any more", 2)
    assert result.counts == Counts(read=3, unconfirmed=3, bytes=3 * len(LINE))
    assert not result.accounted
    assert result_of(iter(sources), Receiver(raising(DeliveryError(REFUSED)))).untried is None


def test_a_receiver_that_takes_the_next_source_has_not_taken_nothing(tmp_path: Path) -> None:
    """What it refuses may be due to the one source."""
    calls = iter([True, True, False, True, True, False])

    def before() -> None:
        if next(calls):
            raise DeliveryError(REFUSED)

    result = result_of(logs(tmp_path, *[LINE] * 6), Receiver(before))
    failed, done = State.FAILED, State.DONE
    assert states(result) == [failed, failed, done, failed, failed, done]
    assert result.stopped is None


def test_whoever_interrupts_learns_how_far_it_came(tmp_path: Path) -> None:
    """What was on its way is unconfirmed."""
    calls = iter([False, True])

    def before() -> None:
        if next(calls):
            raise KeyboardInterrupt

    result = result_of(logs(tmp_path, *[LINE] * 4), Receiver(before))
    assert states(result) == [State.DONE, State.INTERRUPTED]
    assert (result.interrupted, result.untried, result.accounted) == (True, 2, False)
    assert result.counts == Counts(read=2, delivered=1, unconfirmed=1, bytes=2 * len(LINE))


def test_an_interruption_while_sources_are_listed_is_the_same() -> None:
    """It can take long, too."""

    def listed() -> Iterable[Source]:
        yield Unread("a", "no log", failed=False)
        raise KeyboardInterrupt

    result = result_of(listed())
    assert (result.interrupted, result.untried, states(result)) == (True, None, [State.SKIPPED])


def test_nobody_left_who_reads_ends_everything(tmp_path: Path) -> None:
    """That is no failure of the source."""
    with pytest.raises(BrokenPipeError):
        result_of(logs(tmp_path, LINE), Receiver(raising(BrokenPipeError())))


def test_what_nobody_foresaw_fails_one_source(tmp_path: Path) -> None:
    """As in the function."""
    error = ZeroDivisionError("division by zero")
    [outcome] = result_of(logs(tmp_path, LINE), Receiver(raising(error))).outcomes
    assert (outcome.state, outcome.said) == (
        State.FAILED,
        "ZeroDivisionError: division by zero",
    )


def test_progress_is_told_around_each_source(tmp_path: Path) -> None:
    """Whatever becomes of it."""
    told = Told()
    job = Job(transformation(Wishes()), Receiver(), Places())
    result = Result()
    run(job, [*logs(tmp_path, LINE), Unread("x", "gone")], result, told)
    around = [each for each in told.values if isinstance(each, Began | Ended)]
    assert around == [
        Began(f"{tmp_path}/0.log"),
        Ended(result.outcomes[0]),
        Began("x"),
        Ended(result.outcomes[1]),
    ]


def test_memory_does_not_grow_with_clean_outcomes() -> None:
    """Of a bucket of millions of objects only what has a problem is kept whole."""
    result = Result()
    clean = Outcome("a", State.DONE, counts=Counts(read=2, delivered=2))
    bad = Outcome("b", State.FAILED)
    for outcome in [*[clean] * (KEPT + 5), bad]:
        result.add(outcome)
    assert (len(result.outcomes), result.outcomes[-1], result.left_out) == (KEPT + 1, bad, 5)
    assert (result.sources, result.counts.read) == (KEPT + 6, 2 * (KEPT + 5))
