"""Whether each stack is there, and whole.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infra.aws.services import DeployedStack
from infra.deploy.checkup.check import Check, failed, not_checked, ok
from infra.deploy.deployed import Found
from infra.model import Assembly

_WHOLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
_NEVER_MADE = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
_COMMAND = "aws cloudformation"


def stack_checks(assembly: Assembly, found: Sequence[Found]) -> Iterator[Check]:
    """A check for each stack of the environment."""
    for each in found:
        name = f"stack {each.stack.name}"
        yield (
            not_checked(name, "not deployed")
            if each.deployed is None
            else _check(name, each.deployed)
        )
    for stack in assembly.elsewhere:
        where = stack.region or f"account {stack.account}"
        yield not_checked(f"stack {stack.name}", f"it is for {where}")


def _check(name: str, stack: DeployedStack) -> Check:
    status = stack.status
    if status in _WHOLE:
        return ok(name, status)
    if status.endswith("_IN_PROGRESS"):
        return not_checked(name, f"{status}: look again when that has ended")
    reason = f" ({stack.reason.rstrip('.')})" if stack.reason else ""
    return failed(name, f"{status}{reason}: {_advice(stack)}")


def _advice(stack: DeployedStack) -> str:
    of_it = f"--stack-name {stack.name}"
    if stack.status in _NEVER_MADE:
        return (
            f"it was never whole; remove it before it is deployed again: {_COMMAND} delete-stack "
            f"{of_it} (if it is protected, first: {_COMMAND} update-termination-protection {of_it} "
            "--no-enable-termination-protection)"
        )
    match stack.status:
        case "DELETE_FAILED":
            return f"something of it could not be deleted: {_COMMAND} describe-stack-events {of_it}"
        case "UPDATE_ROLLBACK_FAILED":
            return f"it is between two versions: {_COMMAND} continue-update-rollback {of_it}"
        case _:
            return (
                "the last change was taken back, and it is as it was before: "
                f"{_COMMAND} describe-stack-events {of_it} says why"
            )
