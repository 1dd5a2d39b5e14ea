"""Why a stack failed: the resource that failed first, not those that were cancelled after it."""

from __future__ import annotations

from collections.abc import Sequence

from infra.aws.services import StackEvent

# CloudFormation's words for a resource that failed only because another one did.
_CONSEQUENCES = ("resource creation cancelled", "the following resource(s) failed")


def root_cause(events: Sequence[StackEvent]) -> StackEvent | None:
    """The first failure, in the order of the events, that is nobody else's consequence."""
    failures = [event for event in events if event.failed]
    causes = [event for event in failures if not _is_consequence(event)]
    return next(iter(causes or failures), None)


def _is_consequence(event: StackEvent) -> bool:
    reason = event.reason.lower()
    stack_itself = event.type == "AWS::CloudFormation::Stack" and not reason
    return stack_itself or any(words in reason for words in _CONSEQUENCES)
