"""Carry a plan out, step by step, telling every change of every resource as it happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from infra.aws.services import Aws, NewStack, StackEvent, StackState
from infra.deploy.plan import CreateStack, Step, UploadAsset, UploadTemplate
from infra.deploy.prefix_list import refuse_another
from infra.deploy.root_cause import root_cause
from infra.deploy.template import text
from infra.deploy.wiring import resolve
from infra.errors import AwsError
from infra.model import Stack

Outputs = dict[str, Mapping[str, str]]
"""The outputs of each created stack, by the stack's id."""


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True)
class Watcher:
    """Who is told what happens, and how long to wait between looks."""

    event: Callable[[StackEvent], None] = _ignore
    """For each change of a resource."""
    sleep: Callable[[float], None] = time.sleep
    interval: float = field(default=5.0)
    """Seconds; AWS throttles those who ask more often."""


def carry_out(
    plan: Iterable[Step], aws: Aws, watcher: Watcher, earlier: Outputs | None = None
) -> Outputs:
    """Do every step; raises AwsError at the first that fails, and does no further one.

    `earlier` holds the outputs of stacks that exist already; those created are added to them.
    """
    outputs: Outputs = dict(earlier or {})
    for step in plan:
        match step:
            case UploadAsset(asset):
                aws.objects.put(asset.bucket, asset.key, asset.content)
            case UploadTemplate(template=stored):
                aws.objects.put(stored.bucket, stored.key, stored.content)
            case CreateStack(stack):
                outputs[stack.id] = _created(step, outputs, aws, watcher)
    return outputs


def _created(step: CreateStack, outputs: Outputs, aws: Aws, watcher: Watcher) -> Mapping[str, str]:
    stack, stored = step.stack, step.template
    parameters = resolve(step.values, outputs)
    refuse_another(parameters, aws)
    arn = aws.stacks.create(
        NewStack(
            name=stack.name,
            template=text(stack.template) if stored is None else stored.text,
            template_url=aws.objects.url(stored.bucket, stored.key) if stored else None,
            parameters=parameters,
            tags=step.tags,
            capabilities=stack.capabilities,
            termination_protection=stack.termination_protection,
            stack_policy=None if stack.stack_policy is None else text(stack.stack_policy),
        )
    )
    state = _finished(arn, aws, watcher)
    if state.status != "CREATE_COMPLETE":
        raise AwsError(_failure(stack, state, aws.stacks.events(arn)))
    return state.outputs


def _finished(arn: str, aws: Aws, watcher: Watcher) -> StackState:
    told: set[str] = set()
    while True:
        # The state is read before the events, so that the last look misses none.
        state = aws.stacks.state(arn)
        for event in aws.stacks.events(arn):
            if event.id not in told:
                told.add(event.id)
                watcher.event(event)
        if not state.status.endswith("_IN_PROGRESS"):
            return state
        watcher.sleep(watcher.interval)


def _failure(stack: Stack, state: StackState, events: list[StackEvent]) -> str:
    cause = root_cause(events)
    if cause is None:
        reason = state.reason or "no reason was given"
        return f"Stack {stack.name} ended as {state.status}: {reason}."
    return (
        f"Stack {stack.name} was not created: {cause.logical_id} ({cause.type}) failed: "
        f"{cause.reason or 'no reason was given'}\n"
        f"The stack is {state.status}; remove it before you create it again."
        f"{_unprotecting(stack)}"
    )


def _unprotecting(stack: Stack) -> str:
    """What has to come before: a stack that was never created is protected all the same."""
    if not stack.termination_protection:
        return ""
    return (
        "\nIt is protected; first: aws cloudformation update-termination-protection "
        f"--stack-name {stack.name} --no-enable-termination-protection"
    )
