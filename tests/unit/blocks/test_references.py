"""References inside text."""

from __future__ import annotations

import pytest
from troposphere import AWSHelperFn, GetAtt, Join, Ref, Sub

from infra.blocks.references import embedded


@pytest.mark.parametrize(
    ("value", "inside"),
    [
        ("plain", "plain"),
        ("costs ${5}", "costs ${!5}"),
        (Ref("AWS::Region"), "${AWS::Region}"),
        (GetAtt("Queue", "QueueName"), "${Queue.QueueName}"),
        (Sub("${AWS::StackName}-errors"), "${AWS::StackName}-errors"),
    ],
)
def test_a_value_stands_inside_a_substitution(value: str | AWSHelperFn, inside: str) -> None:
    """Text stays what it is, also where it looks like a reference."""
    assert embedded(value) == inside


@pytest.mark.parametrize("value", [Join(",", ["a", "b"]), Sub("${A}", A="a")])
def test_what_cannot_stand_there_is_refused(value: AWSHelperFn) -> None:
    """A template with it would be deployed, and wrong."""
    with pytest.raises(TypeError, match="cannot stand inside an Fn::Sub"):
        embedded(value)
