"""Thresholds as parameters of a draft, in the units that CloudWatch counts in."""

from __future__ import annotations

from troposphere import Ref

from infra.stacks.draft import Draft

MINUTE = 60
FIVE_MINUTES = 300


def counted(draft: Draft, title: str, value: int, what: str) -> Ref:
    """A threshold for how often something happens."""
    return draft.number(
        f"{title}Threshold",
        value,
        f"{what}, in 5 minutes, from which on an alarm rings",
        minimum=1,
        maximum=1_000_000,
    )


def seconds(draft: Draft, title: str, value: int, what: str, *, maximum: int) -> Ref:
    """A threshold for how long something takes."""
    return draft.number(
        f"{title}Threshold",
        value,
        f"Seconds {what} before an alarm rings",
        minimum=MINUTE,
        maximum=maximum,
    )
