"""A draft's protection: which resources an update may not take away."""

from __future__ import annotations

import pytest
from troposphere import sns, sqs

from infra.model import Stack
from infra.stacks.draft import Draft


def finished(*, held: bool, protected: bool) -> Stack:
    draft = Draft("logs", "A queue that holds something, and a topic")
    queue = draft.template.add_resource(sqs.Queue("Queue"))
    draft.template.add_resource(sns.Topic("Topic"))
    if held:
        draft.hold(queue)
    return draft.finish("test", protected=protected)


def test_an_update_may_do_all_but_delete_or_replace_what_holds_data() -> None:
    """Without the Allow, CloudFormation would deny every update."""
    stack = finished(held=True, protected=True)
    assert stack.termination_protection
    assert stack.stack_policy == {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["Update:Replace", "Update:Delete"],
                "Resource": ["LogicalResourceId/Queue"],
            },
        ]
    }


@pytest.mark.parametrize(
    ("held", "protected", "expected"),
    [(False, True, (True, None)), (True, False, (False, None)), (False, False, (False, None))],
)
def test_a_policy_is_there_only_where_it_protects_something(
    held: bool, protected: bool, expected: tuple[bool, None]
) -> None:
    """A stack without data needs none, and one that is not protected gets none."""
    stack = finished(held=held, protected=protected)
    assert (stack.termination_protection, stack.stack_policy) == expected
