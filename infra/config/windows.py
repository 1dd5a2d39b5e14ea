"""The times in which RDS backs up and maintains a server, and whether two of them meet."""

from __future__ import annotations

from infra import rules

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_WEEK = 7 * _DAY

SHORTEST_MINUTES = 30
"""https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""

LONGEST_MAINTENANCE_MINUTES = _DAY - 1


def backup_minutes(window: str) -> int:
    """How long `02:00-02:30` takes; it may pass midnight."""
    begin, end = (_minutes(time) for time in window.split("-"))
    return (end - begin) % _DAY


def maintenance_minutes(window: str) -> int:
    """How long `sun:03:00-sun:04:00` takes; it may pass into the next day or week."""
    begin, end = _of_week(window)
    return (end - begin) % _WEEK


def overlap(backup: str, maintenance: str) -> bool:
    """Whether the daily window meets the weekly one: RDS refuses that."""
    assert rules.BACKUP_WINDOW.accepts(backup)
    assert rules.MAINTENANCE_WINDOW.accepts(maintenance)
    begin, length = _of_week(maintenance)[0], maintenance_minutes(maintenance)
    daily = _minutes(backup.split("-")[0])
    return any(
        _meet(begin, length, day * _DAY + daily, backup_minutes(backup))
        for day in range(len(_DAYS))
    )


def _meet(one: int, one_length: int, other: int, other_length: int) -> bool:
    """Whether two stretches of a week have a minute in common."""
    return (other - one) % _WEEK < one_length or (one - other) % _WEEK < other_length


def _of_week(window: str) -> tuple[int, int]:
    begin, end = window.split("-")
    return _minute_of_week(begin), _minute_of_week(end)


def _minute_of_week(text: str) -> int:
    day, _, time = text.partition(":")
    return _DAYS.index(day) * _DAY + _minutes(time)


def _minutes(time: str) -> int:
    hour, minute = time.split(":")
    return int(hour) * 60 + int(minute)
