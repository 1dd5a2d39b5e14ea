"""What is said of findings and reasons, without checkov itself."""

from __future__ import annotations

import pytest

from .judgement import Judgement, Spot, State, is_well, judged, reasons, table, without_reasons

QUEUE = Spot("dev/logs", "AWS::SQS::Queue.Queue", "CKV_AWS_27")
BUCKET = Spot("dev/logs", "AWS::S3::Bucket.Bucket", "CKV_AWS_18")
ABOUT = "Ensure that it is encrypted"
WHY = "encrypted with SQS's own key"


@pytest.mark.parametrize(
    ("found", "reported", "accepted", "state"),
    [
        ({QUEUE: ABOUT}, {QUEUE}, {}, State.OPEN),
        ({QUEUE: ABOUT}, set(), {QUEUE: WHY}, State.ACCEPTED),
        ({}, set(), {QUEUE: WHY}, State.IN_VAIN),
        ({QUEUE: ABOUT}, {QUEUE}, {QUEUE: WHY}, State.UNREAD),
    ],
)
def test_only_what_is_found_and_accepted_is_well(
    found: dict[Spot, str], reported: set[Spot], accepted: dict[Spot, str], state: State
) -> None:
    """A finding needs a reason, a reason needs a finding, and checkov has to see it."""
    says = WHY if accepted else ABOUT
    (judgement,) = judgements = judged(found, reported, accepted)
    assert judgement == Judgement("logs", QUEUE.resource, QUEUE.check, state, ("dev",), says)
    assert is_well(judgements) is (state is State.ACCEPTED)


def test_the_same_in_several_environments_is_one_line_and_the_worst_comes_first() -> None:
    """Whoever reads the table reads each reason once."""
    there = Spot("prod/logs", QUEUE.resource, QUEUE.check)
    found = {QUEUE: ABOUT, there: ABOUT, BUCKET: "Ensure that it logs"}
    lines = list(table(judged(found, {BUCKET}, {QUEUE: WHY, there: WHY})))
    assert [line.rstrip() for line in lines] == [
        f"CKV_AWS_18    {'logs: AWS::S3::Bucket.Bucket':<60} NEITHER MENDED NOR ACCEPTED (dev)",
        "              Ensure that it logs",
        f"CKV_AWS_27    {'logs: AWS::SQS::Queue.Queue':<60} accepted (dev, prod)",
        f"              {WHY}",
    ]


def test_reasons_are_read_from_a_template_and_taken_out_of_it() -> None:
    """Everything else of the metadata stays."""
    skip = {"checkov": {"skip": [{"id": "CKV_AWS_27", "comment": WHY}]}}
    body = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Metadata": {**skip, "Other": 1}}}}
    bare = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Metadata": {"Other": 1}}}}
    assert reasons("dev/logs", body) == {QUEUE: WHY}
    assert without_reasons(body) == bare
    assert reasons("dev/logs", bare) == {}
