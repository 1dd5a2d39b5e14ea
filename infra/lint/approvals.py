"""Approvals that have come to their end, or soon will: nothing takes them back by itself.

Pure: settings and a date in, lines out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from infra.config import Approved, Environment
from infra.words import counted

SOON_DAYS = 14


def warnings(environment: Environment, today: date) -> list[str]:
    """A line for each approval that has expired by `today` or will within two weeks."""
    return [
        f"{place}: {said}" for place, each in _approvals(environment) for said in _said(each, today)
    ]


def _approvals(environment: Environment) -> Iterator[tuple[str, Approved]]:
    database = environment.database
    if database is None:
        return
    for number, each in enumerate(database.approved):
        yield f"database.approved[{number}]", each
    for index, replica in enumerate(database.replicas):
        for number, each in enumerate(replica.approved):
            yield f"database.replicas[{index}].approved[{number}]", each


def _said(approved: Approved, today: date) -> Iterator[str]:
    if approved.expires is None:
        return
    whom = f"{approved.cidr or approved.security_group_id} ({approved.description})"
    days = (approved.expires - today).days
    if days < 0:
        yield (
            f"the approval of {whom} has expired on {approved.expires} and still holds; take it "
            "out, or give it another date, and deploy"
        )
    elif days <= SOON_DAYS:
        when = "today" if days == 0 else f"in {counted(days, 'day')}"
        yield f"the approval of {whom} expires {when}, on {approved.expires}; take it out then"
