"""What the synthesised policies allow and deny, asked of a simulator of AWS's evaluation."""

from __future__ import annotations

import pytest

from infra.config import load

from .environments import environments
from .mutants import mutants
from .scene import Scene, scene
from .simulator import answers
from .table import rows


@pytest.fixture(name="scene", params=environments())
def _scene(request: pytest.FixtureRequest) -> Scene:
    return scene(environments()[request.param])


def wrong(scene: Scene) -> list[str]:
    """The rows that are answered otherwise than the table says, with who decided."""
    table = rows(scene)
    found = answers([row.simulation(scene.policies) for row in table])
    return [
        f"{row}: {answer}"
        for row, answer in zip(table, found, strict=True)
        if answer.allowed != row.allowed
    ]


def test_every_request_is_answered_as_the_table_says(scene: Scene) -> None:
    """Whoever should may, and nobody else: a failure names the row and the statements."""
    assert wrong(scene) == []


def test_a_wrong_answer_says_who_could_do_what_and_by_which_statement() -> None:
    """Here the function could read whatever there is, and could write no log."""
    found = scene(load("dev"))
    (policy,) = found.policies.identity[found.processor.role.arn].values()
    by_sid = {statement["Sid"]: statement for statement in policy["Statement"]}
    by_sid["GoOnAtCheckpoints"]["Resource"] = [f"{found.state_bucket}/state/*"]
    by_sid["OwnLog"]["Action"] = ["logs:CreateLogStream"]
    folder, log_group = f"{found.state_bucket}/state", found.processor.log_group
    code = "the code of ProcessorFunction may not go on at a checkpoint or read"
    assert wrong(found) == [
        f"{code} rejected lines (s3:GetObject on {folder}/rejected/a.ndjson): "
        "Allowed by function: GoOnAtCheckpoints",
        f"{code} other state (s3:GetObject on {folder}/other.json): "
        "Allowed by function: GoOnAtCheckpoints",
        "the code of ProcessorFunction may write its log (logs:PutLogEvents on "
        f"{log_group}:log-stream:2026/10/14/[$LATEST]0a1b2c3d): "
        "ImplicitlyDenied by no statement",
    ]


def test_the_table_is_about_more_that_is_denied_than_allowed(scene: Scene) -> None:
    """No row stands there twice, and far more than twenty are denied."""
    table = rows(scene)
    asked = [str(row.simulation(scene.policies)) for row in table]
    assert len(set(asked)) == len(asked)
    assert sum(not row.allowed for row in table) > 100


def test_no_policy_could_be_wider_or_narrower_unnoticed(scene: Scene) -> None:
    """Each action, resource, principal and condition of each statement decides some row.

    What nothing decides is a right that nobody needs: take it away. Or it is one whose use, or
    whose abuse, the table lacks: add the row, in a module that table.py collects.
    """
    table = rows(scene)
    changed = [
        (mutant, row) for mutant in mutants(scene.policies) for row in table if mutant.concerns(row)
    ]
    found = answers([row.simulation(mutant.policies) for mutant, row in changed])
    noticed = {
        mutant.what
        for (mutant, row), answer in zip(changed, found, strict=True)
        if answer.allowed != row.allowed
    }
    assert [each.what for each in mutants(scene.policies) if each.what not in noticed] == []
