"""Deploying to the local AWS through CloudFormation's own API."""

from __future__ import annotations

import pytest

from infra.aws.connection import Credentials, connect
from infra.aws.services import Aws, QueueCounts
from infra.deploy.execution import Watcher, carry_out
from infra.deploy.plan import creation
from infra.errors import AwsError
from infra.local.emulator import Emulator
from infra.model import Assembly, Asset, Output, Stack

FAST = Watcher(interval=0.02)
PRODUCER = Stack(
    "producer",
    "deploy-producer",
    {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
    },
    {},
    (Asset("code", b"zip", "ab12", "deploy-artifacts", "code/ab12.zip"),),
)
CONSUMER = Stack(
    "consumer",
    "deploy-consumer",
    {
        "Parameters": {"QueueUrl": {"Type": "String"}, "Name": {"Type": "String"}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Said": {"Value": {"Fn::Sub": "${Name} ${QueueUrl}"}}},
    },
    {"QueueUrl": Output("producer", "Url"), "Name": "settings"},
)
BROKEN = Stack(
    "broken",
    "deploy-broken",
    {
        "Resources": {
            "Good": {"Type": "AWS::SQS::Queue"},
            "Bad": {"Type": "AWS::Nobody::Knows", "DependsOn": "Good"},
        }
    },
    {},
)


def environment(aws: Aws, *stacks: Stack) -> Assembly:
    return Assembly("test", aws.region, {"Team": "web"}, stacks)


def test_stacks_are_created_in_order_and_wired(aws: Aws) -> None:
    """One stack's output becomes the next one's parameter, and an override its value."""
    aws.objects.create_bucket("deploy-artifacts")
    plan = creation(environment(aws, PRODUCER, CONSUMER), {"Name": "override"})
    outputs = carry_out(plan, aws, FAST)
    assert outputs["consumer"] == {"Said": f"override {outputs['producer']['Url']}"}
    assert aws.queues.counts(outputs["producer"]["Url"]) == QueueCounts(0, 0)


def test_a_failing_stack_says_which_resource_failed_and_why(aws: Aws) -> None:
    """Not that others were cancelled after it."""
    with pytest.raises(AwsError) as caught:
        carry_out(creation(environment(aws, BROKEN)), aws, FAST)
    assert "AWS::Nobody::Knows" in str(caught.value)


def test_wrong_credentials_are_refused_in_one_sentence(here: Emulator) -> None:
    """The local AWS checks who asks, as the real one does."""
    stranger = connect(here.region, here.endpoint_url, Credentials("AKIASTRANGER", "wrong"))
    with pytest.raises(AwsError, match=r"^PutObject on s3://some/key was refused: ") as caught:
        stranger.objects.put("some", "key", b"")
    assert str(caught.value).endswith("Sign in again, or name another profile.")
