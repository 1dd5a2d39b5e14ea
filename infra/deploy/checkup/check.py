"""One thing that was looked at, and what it is like."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it is."""

    OK = "ok"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    """What was looked at, and what there is to say."""

    name: str
    state: State
    text: str
    """What was found; of what failed also what that means and what to do; else why not checked."""


def ok(name: str, text: str) -> Check:
    """As it should be."""
    return Check(name, State.OK, text)


def failed(name: str, text: str) -> Check:
    """Somebody has to do something."""
    return Check(name, State.FAILED, text)


def not_checked(name: str, why: str) -> Check:
    """Nobody knows."""
    return Check(name, State.NOT_CHECKED, why)
