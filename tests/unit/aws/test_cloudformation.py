"""What CloudFormation is asked for a stack, as boto3 has it."""

from __future__ import annotations

from typing import Any

import pytest

from infra.aws.cloudformation import BotoStacks
from infra.aws.services import NewStack

URL = "https://s3.eu-west-1.amazonaws.com/artifacts/templates/logs/1.json"


class Asked:
    """A client that remembers the request."""

    def __init__(self) -> None:
        self.request: dict[str, Any] = {}

    def create_stack(self, **request: Any) -> dict[str, str]:
        self.request = request
        return {"StackId": "arn"}


@pytest.mark.parametrize(
    ("url", "carried"), [(None, {"TemplateBody": "{}"}), (URL, {"TemplateURL": URL})]
)
def test_a_template_stands_in_the_request_or_is_named_there(
    url: str | None, carried: dict[str, str]
) -> None:
    """Never both: CloudFormation takes one of them."""
    client = Asked()
    stack = NewStack(
        name="logs",
        template="{}",
        parameters={"Host": "a"},
        tags={"Team": "web"},
        capabilities=("CAPABILITY_IAM",),
        stack_policy="{}",
        template_url=url,
    )
    assert BotoStacks(client).create(stack) == "arn"
    assert client.request == {
        "StackName": "logs",
        "Parameters": [{"ParameterKey": "Host", "ParameterValue": "a"}],
        "Tags": [{"Key": "Team", "Value": "web"}],
        "Capabilities": ["CAPABILITY_IAM"],
        "EnableTerminationProtection": False,
        "StackPolicyBody": "{}",
        **carried,
    }
