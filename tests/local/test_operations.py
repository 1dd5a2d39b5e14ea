"""The log processor is watched and protected in the local AWS as its template says."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.assembly import assemble
from infra.config import Environment, load
from infra.local import demo
from infra.local.demo import Local
from infra.model import Assembly, Stack
from tests.local.stacks import Client, client_of

STACK = "dev-log-processor"


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    data = load("dev").model_dump(exclude_unset=True, by_alias=True)
    data["log_processor"]["operations"] = {"emails": ["on-call@example.net"]}
    return assemble(Environment.model_validate(data))


@pytest.fixture(scope="module")
def stack(assembly: Assembly) -> Stack:
    return assembly.stacks[1]


@pytest.fixture(scope="module")
def local(assembly: Assembly) -> Iterator[Local]:
    """The environment, created once; the last test deletes its stack."""
    with demo.environment(assembly, None, lambda _: None) as running:
        yield running


@pytest.fixture(scope="module")
def client(local: Local) -> Client:
    return client_of(local.emulator)


def alarms(client: Client) -> dict[str, Any]:
    found = client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {one["AlarmName"].removeprefix(f"{STACK}-"): one for one in found}


def test_every_alarm_is_there_and_rings_the_stacks_topic(
    client: Client, local: Local, stack: Stack
) -> None:
    """Thresholds have come through the parameters, dimensions through the references."""
    found = alarms(client)
    made = [one for one in stack.template["Resources"].values() if one["Type"].endswith("::Alarm")]
    topic = local.outputs["AlarmTopicArn"]
    assert len(found) == len(made)
    assert {tuple(one["AlarmActions"] + one["OKActions"]) for one in found.values()} == {
        (topic, topic)
    }
    assert found["duration"]["Threshold"] == 96_000
    assert found["no-logs"]["EvaluationPeriods"] == 120
    assert found["no-logs"]["TreatMissingData"] == "breaching"
    assert found["no-logs"]["Dimensions"] == [{"Name": "FunctionName", "Value": STACK}]
    queue = found["queue-age"]["Dimensions"][0]["Value"]
    assert local.outputs["QueueUrl"].endswith(f"/{queue}")
    assert f" {queue}: " in found["queue-age"]["AlarmDescription"]


def test_an_alarm_that_rings_tells_what_to_do(client: Client, local: Local) -> None:
    """From a metric over its threshold to whoever is subscribed to the topic."""
    url = pager(client, local.outputs["AlarmTopicArn"])
    client("cloudwatch").put_metric_data(
        Namespace="LogProcessor",
        MetricData=[
            {
                "MetricName": "LinesRejected",
                "Dimensions": [{"Name": "FunctionName", "Value": STACK}],
                "Value": 3,
            }
        ],
    )
    told = [json.loads(each["Message"]) for each in received(client, url)]
    (rung,) = (each for each in told if each["AlarmName"] == f"{STACK}-rejected-lines")
    assert rung["NewStateValue"] == "ALARM"
    assert "First look at the reasons" in rung["AlarmDescription"]


def pager(client: Client, topic: str) -> str:
    """A queue that is told of all alarms; its URL."""
    queues, name = client("sqs"), "pager"
    arn = ":".join([*topic.replace(":sns:", ":sqs:").split(":")[:-1], name])
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    answer = queues.create_queue(QueueName=name, Attributes={"Policy": policy})
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return str(answer["QueueUrl"])


def received(client: Client, url: str) -> list[dict[str, Any]]:
    """What is in the queue, as soon as there is something."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        answer = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        if messages := answer.get("Messages"):
            return [json.loads(each["Body"]) for each in messages]
        time.sleep(0.05)
    return []


def test_the_address_of_the_settings_is_subscribed(client: Client, local: Local) -> None:
    """Whoever reads that mail is told of everything."""
    subscriptions = client("sns").list_subscriptions_by_topic(
        TopicArn=local.outputs["AlarmTopicArn"]
    )["Subscriptions"]
    assert ("email", "on-call@example.net") in {
        (one["Protocol"], one["Endpoint"]) for one in subscriptions
    }


def test_the_dashboard_is_json_with_every_name_filled_in(client: Client) -> None:
    """Under the stack's and the region's name."""
    answer = client("cloudwatch").get_dashboard(DashboardName=f"{STACK}-eu-west-1")
    body = json.loads(answer["DashboardBody"])
    assert "${" not in answer["DashboardBody"]
    (states,) = (one for one in body["widgets"] if one["type"] == "alarm")
    assert sorted(states["properties"]["alarms"]) == sorted(
        one["AlarmArn"] for one in alarms(client).values()
    )


def test_the_stack_policy_is_the_one_that_synth_writes(client: Client, stack: Stack) -> None:
    """It is there from the stack's first moment."""
    policy = client("cloudformation").get_stack_policy(StackName=STACK)["StackPolicyBody"]
    assert json.loads(policy) == stack.stack_policy


def test_a_protected_stack_is_deleted_only_once_that_is_lifted(
    client: Client, local: Local
) -> None:
    """Then nothing of what watched it stays behind."""
    formation = client("cloudformation")
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        formation.delete_stack(StackName=STACK)
    formation.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    formation.delete_stack(StackName=STACK)
    formation.get_waiter("stack_delete_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 0.05}
    )
    topics = [one["TopicArn"] for one in client("sns").list_topics()["Topics"]]
    assert alarms(client) == {}
    assert client("cloudwatch").list_dashboards()["DashboardEntries"] == []
    assert local.outputs["AlarmTopicArn"] not in topics
