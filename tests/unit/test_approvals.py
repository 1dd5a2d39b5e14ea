"""Approvals that come to their end are told in time, and for as long as they are there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from infra.config import Environment
from infra.lint.approvals import warnings
from tests.unit.commands import in_process
from tests.unit.test_database_settings import REPLICA, environment

APPROVED = [
    {"cidr": "203.0.113.0/24", "description": "Office"},
    {"cidr": "198.51.100.17/32", "description": "A consultant", "expires": date(2027, 3, 31)},
]
DATABASE = {
    "approved": [{"security_group_id": "sg-0a1b2c3d", "description": "A", "expires": "2027-04-01"}],
    "replicas": [REPLICA | {"approved": APPROVED}],
}
WHOM = "database.replicas[0].approved[1]: the approval of 198.51.100.17/32 (A consultant)"


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2027, 3, 16), []),
        (
            date(2027, 3, 17),
            [f"{WHOM} expires in 14 days, on 2027-03-31; take it out then"],
        ),
        (
            date(2027, 3, 31),
            [
                "database.approved[0]: the approval of sg-0a1b2c3d (A) expires in 1 day, on "
                "2027-04-01; take it out then",
                f"{WHOM} expires today, on 2027-03-31; take it out then",
            ],
        ),
        (
            date(2028, 1, 1),
            [
                "database.approved[0]: the approval of sg-0a1b2c3d (A) has expired on 2027-04-01 "
                "and still holds; take it out, or give it another date, and deploy",
                f"{WHOM} has expired on 2027-03-31 and still holds; take it out, or give it "
                "another date, and deploy",
            ],
        ),
    ],
)
def test_an_approval_is_told_two_weeks_before_its_end_and_ever_after(
    today: date, said: list[str]
) -> None:
    """Each with its place in the file, and who it is."""
    assert warnings(Environment.model_validate(environment(DATABASE)), today) == said


def test_without_a_database_nothing_is_approved() -> None:
    """Nor can it expire."""
    data = environment({}) | {"database": None}
    assert warnings(Environment.model_validate(data), date(2028, 1, 1)) == []


@pytest.mark.parametrize("verb", ["lint", "synth"])
def test_lint_and_synth_say_so_and_go_on(
    verb: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """It is no fault of the templates."""
    old = {"cidr": "203.0.113.0/24", "description": "Office", "expires": date(2026, 1, 1)}
    database = {"replicas": [REPLICA | {"approved": [old]}], "reporting_user": None}
    file = tmp_path / "shop.yaml"
    file.write_text(yaml.safe_dump(environment(database)), encoding="utf-8")
    done = in_process(tmp_path, monkeypatch, capfdbinary)(verb, file)
    assert done.code == 0
    assert [line for line in done.talk if line.startswith("warning: ")] == [
        "warning: database.replicas[0].approved[0]: the approval of 203.0.113.0/24 (Office) has "
        "expired on 2026-01-01 and still holds; take it out, or give it another date, and deploy"
    ]
