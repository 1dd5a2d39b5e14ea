"""The books of one object."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.accounting import Account, Phases
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.parsing import Parsed, Rejection, parse
from lambda_src.log_processor.reading import Block
from lambda_src.log_processor.redaction import redactor
from lambda_src.log_processor.state import Checkpoint

from .samples import ALB_34, CLASSIC_15, line

CHECKPOINT = Checkpoint(offset=1234, read=10, delivered=5, filtered=3, rejected=2)


def parsed(*lines: str) -> Parsed:
    return parse(Block(0, "\n".join(lines).encode()), Kind.UNKNOWN)


def rejections(count: int, reason: str = "because") -> list[Rejection]:
    return [Rejection(at, f"{reason} {at}", b"x", 1) for at in range(count)]


def test_a_block_is_read_and_not_yet_confirmed() -> None:
    """It tells the kinds of its lines, the latest of them, and fields that nobody knows."""
    account = Account()
    early = line(Kind.ALB, time="2026-08-01T00:00:00.000001Z")
    account.note(parsed(ALB_34, f"{early} x y", CLASSIC_15, "nonsense"), 1000)
    account.note(parsed(early), 500)
    assert account == Account(
        read=5,
        bytes=1500,
        extra_fields=2,
        kinds={Kind.ALB, Kind.CLASSIC},
        latest="2026-08-01T23:39:43.945958Z",
    )
    assert account.unconfirmed == 5


def test_only_the_first_rejections_are_shown() -> None:
    """Whoever sends nonsense must not decide how long log lines are."""
    account = Account()
    account.show(rejections(2), None)
    account.show(rejections(5), None)
    account.show(rejections(5), None)
    assert account.rejections == [(0, "because 0"), (1, "because 1"), (0, "because 0")]


def test_reasons_are_redacted_as_events_are() -> None:
    """They can quote a part of a line."""
    account = Account()
    account.show(rejections(1, "field 1 is /?token=hush&page="), redactor(["token"]))
    assert account.rejections == [(0, "field 1 is /?token=REDACTED&page= 0")]


def test_books_go_on_where_the_attempt_before_left_them() -> None:
    """What it had read and not confirmed is read again."""
    account = Account.resumed(CHECKPOINT)
    assert account == Account(
        carried=CHECKPOINT, read=10, delivered=5, filtered=3, rejected=2, offset=1234
    )
    assert (account.unconfirmed, account.checkpoint()) == (0, CHECKPOINT)
    account.note(parsed(ALB_34), 1)
    assert (account.unconfirmed, account.checkpoint()) == (1, CHECKPOINT)


def test_a_fresh_account_shares_nothing() -> None:
    """One object's books say nothing of another's."""
    one, other = Account(), Account()
    one.rule_counts["x"] += 1
    one.phases.reading += 1
    one.note(parsed(ALB_34), 1)
    one.show(rejections(1), None)
    assert other == Account(phases=Phases(), rule_counts=Counter())


@given(*[st.integers(0, 10**9)] * 5)
def test_the_counts_always_add_up(
    unconfirmed: int, delivered: int, filtered: int, rejected: int, offset: int
) -> None:
    """What is kept for the next attempt has nothing unconfirmed."""
    account = Account(
        read=unconfirmed + delivered + filtered + rejected,
        delivered=delivered,
        filtered=filtered,
        rejected=rejected,
        offset=offset,
    )
    assert account.unconfirmed == unconfirmed
    resumed = Account.resumed(account.checkpoint())
    assert resumed.unconfirmed == 0
    assert resumed.read == delivered + filtered + rejected
    assert resumed.offset == offset
