"""What is said of a template's size."""

from __future__ import annotations

import pytest

from infra.weight import Weight


@pytest.mark.parametrize(
    ("size", "compact", "embedded", "said"),
    [
        (51_200, 40_000, True, "t.yaml: 51,200 of 51,200 bytes"),
        (
            51_201,
            51_201,
            True,
            "t.yaml: 51,201 bytes, more than the 51,200 that a request may carry: deploy it "
            "through S3 (aws cloudformation deploy --s3-bucket BUCKET), or leave the code out of "
            "it, without --embed",
        ),
        (
            51_201,
            51_200,
            True,
            "t.yaml: 51,201 bytes, more than the 51,200 that a request may carry: deploy it "
            "through S3 (aws cloudformation deploy --s3-bucket BUCKET), or write it with "
            "--format json (51,200 bytes), or leave the code out of it, without --embed",
        ),
        (
            1_000_000,
            51_200,
            False,
            "t.yaml: 1,000,000 bytes, more than the 51,200 that a request may carry: deploy it "
            "through S3 (aws cloudformation deploy --s3-bucket BUCKET)",
        ),
        (
            1_000_001,
            900_000,
            False,
            "t.yaml: 1,000,001 bytes, more than the 1,000,000 that CloudFormation takes: "
            "divide the stack",
        ),
    ],
)
def test_a_template_that_is_too_long_comes_with_what_helps(
    size: int, compact: int, embedded: bool, said: str
) -> None:
    """The least change first; at the limit all is well."""
    assert str(Weight("t.yaml", size, compact, embedded)) == said
