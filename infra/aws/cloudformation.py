"""CloudFormation over boto3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.aws.refusal import refusals
from infra.aws.services import DeployedStack, NewStack, StackEvent, StackOutput, StackState
from infra.errors import AwsError

_NONE = "does not exist"
"""What CloudFormation says of a name that no stack has; the code is that of any bad request."""


class BotoStacks:
    """Stacks of one account and region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def create(self, stack: NewStack) -> str:
        """Begin to create a stack; gives its ARN and does not wait."""
        template = (
            {"TemplateBody": stack.template}
            if stack.template_url is None
            else {"TemplateURL": stack.template_url}
        )
        policy = {} if stack.stack_policy is None else {"StackPolicyBody": stack.stack_policy}
        with refusals("CreateStack", f"stack {stack.name}"):
            answer = self._client.create_stack(
                StackName=stack.name,
                Parameters=_pairs(stack.parameters, "ParameterKey", "ParameterValue"),
                Tags=_pairs(stack.tags, "Key", "Value"),
                Capabilities=list(stack.capabilities),
                EnableTerminationProtection=stack.termination_protection,
                **template,
                **policy,
            )
        return str(answer["StackId"])

    def state(self, name: str) -> StackState:
        """The stack of this name or ARN."""
        with refusals("DescribeStacks", f"stack {name}"):
            stacks = self._client.describe_stacks(StackName=name)["Stacks"]
        if not stacks:
            raise AwsError(f"There is no stack {name}: it was removed while it was watched.")
        stack = stacks[0]
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}
        return StackState(stack["StackStatus"], stack.get("StackStatusReason", ""), outputs)

    def deployed(self, name: str) -> DeployedStack | None:
        """The stack of this name; None where there is none."""
        try:
            with refusals("DescribeStacks", f"stack {name}"):
                stacks = self._client.describe_stacks(StackName=name)["Stacks"]
        except AwsError as error:
            if _is_absent(error):
                return None
            raise
        return _deployed(stacks[0]) if stacks else None

    def events(self, name: str) -> list[StackEvent]:
        """All its events, oldest first."""
        with refusals("DescribeStackEvents", f"stack {name}"):
            pages = self._client.get_paginator("describe_stack_events").paginate(StackName=name)
            found = [_event(raw) for page in pages for raw in page["StackEvents"]]
        return found[::-1]


def _is_absent(error: AwsError) -> bool:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html."""
    response = getattr(error.__cause__, "response", {}).get("Error", {})
    return response.get("Code") == "ValidationError" and _NONE in response.get("Message", "")


def _deployed(raw: Mapping[str, Any]) -> DeployedStack:
    outputs = (
        StackOutput(each["OutputKey"], each["OutputValue"], each.get("Description", ""))
        for each in raw.get("Outputs", ())
    )
    return DeployedStack(
        name=raw["StackName"],
        status=raw["StackStatus"],
        reason=raw.get("StackStatusReason", ""),
        outputs=tuple(outputs),
    )


def _pairs(values: Mapping[str, str], key: str, value: str) -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in values.items()]


def _event(raw: Mapping[str, Any]) -> StackEvent:
    return StackEvent(
        id=raw["EventId"],
        logical_id=raw.get("LogicalResourceId", ""),
        type=raw.get("ResourceType", ""),
        status=raw.get("ResourceStatus", ""),
        reason=raw.get("ResourceStatusReason", ""),
    )
