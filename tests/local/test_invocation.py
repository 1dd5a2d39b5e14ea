"""How functions are invoked in the local AWS: as Lambda does it, and only by whom they admit."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.emulator import Emulator
from tests.local.stacks import Client, Stack
from tests.local.theirs import admit, configuration_of, function

FAILING = """
def handle(event, context):
    print("asked", context.aws_request_id, event.get("number"), flush=True)
    raise ValueError("no")
"""
SLOW = """
import time
def handle(event, context):
    time.sleep(1)
    print("done", context.aws_request_id, event["number"], flush=True)
"""
SENDING = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
QUEUE_ARN = f"arn:aws:sqs:eu-west-1:{Emulator.account}:"


def queue(client: Client, name: str, **policy: Any) -> str:
    """A queue's URL."""
    attributes = {"Policy": json.dumps({"Statement": [policy]})} if policy else {}
    return str(client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


def failing(client: Client, name: str, *rights: dict[str, str], retries: int = 1) -> str:
    """A function's ARN; what it is given up on shall come into the queue of its name."""
    arn = function(client, name, FAILING)
    if rights:
        document = json.dumps({"Version": "2012-10-17", "Statement": rights})
        client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    client("lambda").put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=retries,
        DestinationConfig={"OnFailure": {"Destination": QUEUE_ARN + name}},
    )
    return arn


def message(client: Client, url: str, within: float = 20) -> Any:
    """What the next message in the queue says; None if none comes."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")
        if found:
            return json.loads(found[0]["Body"])
    return None


def said(client: Client, name: str, word: str, lines: int) -> list[list[str]]:
    """The rest of each line of a function's log that begins so, once there are so many."""
    deadline = time.monotonic() + 20
    while True:
        found: list[list[str]] = []
        groups = client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")
        if groups["logGroups"]:
            events = client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
            split = [event["message"].split() for event in events]
            found = [words[1:] for words in split if words and words[0] == word]
        if len(found) >= lines or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def test_an_event_is_repeated_under_its_own_id_and_kept_when_given_up(client: Client) -> None:
    """With what the last attempt said, and how many there were."""
    name = "invoked-failing"
    url, arn = queue(client, name), failing(client, name, SENDING)
    client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"number": 7}')
    record = message(client, url)
    asked = said(client, name, "asked", 2)
    id_ = record["requestContext"]["requestId"]
    assert asked == [[id_, "7"], [id_, "7"]]
    assert record["requestContext"] == {
        "requestId": id_,
        "functionArn": f"{arn}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 2,
    }
    assert record["requestPayload"] == {"number": 7}
    assert record["responsePayload"]["errorMessage"] == "no"


def test_nothing_is_kept_where_the_role_may_not_send(client: Client) -> None:
    """The right is the function's, not Lambda's."""
    name = "invoked-lost"
    url, _ = queue(client, name), failing(client, name, retries=0)
    client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
    assert len(said(client, name, "asked", 1)) == 1
    assert message(client, url, within=1) is None


def test_an_event_that_is_throttled_was_not_tried(client: Client) -> None:
    """It waits for its turn, however few attempts it has."""
    name = "invoked-throttled"
    function(client, name, SLOW)
    functions = client("lambda")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    functions.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    for number in range(2):
        payload = json.dumps({"number": number})
        functions.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    done = said(client, name, "done", 2)
    assert sorted(number for _, number in done) == ["0", "1"]
    assert len({id_ for id_, _ in done}) == 2


def test_s3_tells_a_function_only_where_its_policy_admits_the_bucket(client: Client) -> None:
    """It refuses the notification, and later each event once the permission is gone."""
    name, bucket, s3 = "invoked-by-bucket", "invoked-by-bucket", client("s3")
    arn = function(client, name, FAILING)
    s3.create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
    )
    told = {"Id": "told", "LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}

    def put() -> None:
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [told]}
        )

    admit(client, arn, "another-bucket")
    with pytest.raises(ClientError, match="Unable to validate the following destination"):
        put()
    admit(client, arn, bucket)
    client("lambda").put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    put()
    assert configuration_of(client, bucket) == {"LambdaFunctionConfigurations": [told]}
    s3.put_object(Bucket=bucket, Key="first", Body=b"")
    assert len(said(client, name, "asked", 1)) == 1
    client("lambda").remove_permission(FunctionName=name, StatementId=bucket)
    s3.put_object(Bucket=bucket, Key="second", Body=b"")
    time.sleep(1)
    assert len(said(client, name, "asked", 1)) == 1


def test_a_rule_invokes_a_function_that_admits_it_and_lambda_repeats_what_fails(
    client: Client,
) -> None:
    """What the function does not admit comes into the target's dead-letter queue."""
    name, events = "invoked-by-rule", client("events")
    rule = events.put_rule(Name=name, EventPattern='{"source": ["test"]}')["RuleArn"]
    arn, kept = failing(client, name, SENDING), queue(client, name)
    admitting = {**SENDING, "Principal": {"Service": "events.amazonaws.com"}}
    admitting["Condition"] = {"ArnEquals": {"aws:SourceArn": rule}}
    refused = queue(client, f"{name}-refused", **admitting)
    target = {"Id": "one", "Arn": arn, "DeadLetterConfig": {"Arn": f"{QUEUE_ARN}{name}-refused"}}
    events.put_targets(Rule=name, Targets=[target])

    def put() -> None:
        entry = {"Source": "test", "DetailType": "it happened", "Detail": '{"a": 1}'}
        events.put_events(Entries=[entry])

    put()
    assert message(client, refused)["detail"] == {"a": 1}
    client("lambda").add_permission(
        FunctionName=name,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    put()
    assert message(client, kept)["requestPayload"]["detail"] == {"a": 1}
    assert len(said(client, name, "asked", 2)) == 2
    events.remove_targets(Rule=name, Ids=["one"])


@pytest.mark.parametrize(
    ("type_", "properties", "reason"),
    [
        (
            "EventSourceMapping",
            {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}},
            "The provided execution role does not have permissions to call ReceiveMessage on SQS",
        ),
        (
            "EventInvokeConfig",
            {
                "Qualifier": "$LATEST",
                "DestinationConfig": {
                    "OnFailure": {"Destination": {"Fn::GetAtt": ["Queue", "Arn"]}}
                },
            },
            "The function's execution role does not have permissions to call SendMessage on arn:",
        ),
    ],
)
def test_a_queue_is_joined_to_a_function_only_where_its_role_may(
    type_: str, properties: dict[str, Any], reason: str, client: Client
) -> None:
    """A stack that leaves out the right is not made, as in AWS."""
    name = f"invoked-{type_}"
    function(client, name, FAILING)
    join = {"Type": f"AWS::Lambda::{type_}", "Properties": {"FunctionName": name, **properties}}
    stack = Stack(client, name)
    resources = {"Queue": {"Type": "AWS::SQS::Queue"}, "Join": join}
    assert stack.create({"Resources": resources}) == "ROLLBACK_COMPLETE"
    assert reason in stack.reason("Join")
