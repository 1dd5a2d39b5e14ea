"""A stack that puts its notification on somebody else's bucket, in the local AWS.

CloudFormation drives the packaged function, which runs under its own role.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator

import pytest
from troposphere import GetAtt, Output, Parameter, Ref, Template, sqs

from infra.aws.services import Aws
from infra.blocks.bucket_notification import (
    ForeignBucket,
    bucket_notification,
)
from infra.blocks.function import StoredCode
from infra.blocks.notification import EVENTBRIDGE, Told
from infra.blocks.queue import admit_bucket
from infra.blocks.role import RoleOptions
from infra.local.emulator import Emulator
from infra.packaging import SOURCES
from tests.local.stacks import Client, Stack
from tests.local.theirs import Configuration, configuration_of, notified, prefix

ACCOUNT = Emulator.account
CODE_BUCKET, CODE_KEY = "notification-artifacts", "bucket_notification.zip"
PREFIX = "AWSLogs/"


@pytest.fixture(name="code", scope="module", autouse=True)
def _code(aws: Aws) -> None:
    """The function and what it shares, in the layout of `lambda_src`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for folder in (".", "custom_resource", "bucket_notification"):
            for file in sorted((SOURCES / folder).glob("*.py")):
                archive.writestr(file.relative_to(SOURCES.parent).as_posix(), file.read_bytes())
    aws.objects.create_bucket(CODE_BUCKET)
    aws.objects.put(CODE_BUCKET, CODE_KEY, buffer.getvalue())


@pytest.fixture(name="theirs")
def _theirs(client: Client, request: pytest.FixtureRequest) -> Iterator[tuple[str, Configuration]]:
    """Somebody's bucket, and one notification of each kind that is on it."""
    bucket = f"theirs-{abs(hash(request.node.name)) % 10**8}"
    with notified(client, bucket) as configuration:
        yield bucket, configuration


def composed(*, eventbridge: bool = False) -> Template:
    """A stack with a queue of its own that is told of somebody's bucket."""
    template = Template(Description="told of somebody's bucket")
    name = template.add_parameter(Parameter("Bucket", Type="String"))
    below = template.add_parameter(Parameter("Prefix", Type="String", Default=PREFIX))
    artifacts = template.add_parameter(Parameter("Code", Type="String", Default=CODE_BUCKET))
    key = template.add_parameter(Parameter("Key", Type="String", Default=CODE_KEY))
    bucket = ForeignBucket(name=Ref(name), owner=Ref("AWS::AccountId"))
    queue = template.add_resource(sqs.Queue("Queue"))
    policy = admit_bucket(template, queue, bucket_arn=bucket.arn, owner=bucket.owner)
    told = Told(type="queue", arn=GetAtt(queue, "Arn"), prefix=Ref(below), admission=policy)
    made = bucket_notification(
        template,
        "Notification",
        bucket=bucket,
        told=EVENTBRIDGE if eventbridge else told,
        code=StoredCode(
            bucket=Ref(artifacts),
            key=Ref(key),
            handler="lambda_src.bucket_notification.handler.handle",
        ),
        architecture="arm64",
        log_retention_days=1,
        role_options=RoleOptions(),
    )
    template.add_output(Output("QueueUrl", Value=Ref(queue)))
    template.add_output(Output("LogGroup", Value=Ref(made.log_group)))
    return template


def ours(stack: Stack, queue_url: str, below: str = PREFIX) -> Configuration:
    return {
        "Id": f"{stack.name}-Notification",
        "QueueArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{queue_url.rpartition('/')[2]}",
        "Events": ["s3:ObjectCreated:*"],
        "Filter": prefix(below),
    }


def keys_told(client: Client, queue_url: str) -> set[str]:
    """The keys of the objects that the queue was told of, until none has come for a while."""
    found: set[str] = set()
    while (
        messages := client("sqs")
        .receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=2)
        .get("Messages")
    ):
        for message in messages:
            records = json.loads(message["Body"]).get("Records", ())
            found |= {record["s3"]["object"]["key"] for record in records}
            client("sqs").delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return found


@pytest.mark.slow
def test_ours_comes_changes_moves_and_goes_and_theirs_stays(
    client: Client, theirs: tuple[str, Configuration]
) -> None:
    """As the packaged function does it, under a role that may do nothing else."""
    bucket, before = theirs
    other = f"{bucket}-other"
    place = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    client("s3").create_bucket(Bucket=other, **place)
    stack = Stack(client, "notification-life")

    assert stack.create(composed(), Bucket=bucket) == "CREATE_COMPLETE"
    queue = stack.outputs()["QueueUrl"]
    queues = before["QueueConfigurations"]
    expected = before | {"QueueConfigurations": [*queues, ours(stack, queue)]}
    assert configuration_of(client, bucket) == expected
    for key in ("AWSLogs/1.log", "elsewhere/2.log"):
        client("s3").put_object(Bucket=bucket, Key=key, Body=b"")
    assert keys_told(client, queue) == {"AWSLogs/1.log"}

    changed = stack.update(composed(), Bucket=bucket, Prefix="elsewhere/")
    assert changed == "UPDATE_COMPLETE"
    expected = before | {"QueueConfigurations": [*queues, ours(stack, queue, "elsewhere/")]}
    assert configuration_of(client, bucket) == expected

    assert stack.update(composed(), Bucket=other) == "UPDATE_COMPLETE"
    assert configuration_of(client, bucket) == before
    assert configuration_of(client, other) == {"QueueConfigurations": [ours(stack, queue)]}

    stack.delete()
    assert configuration_of(client, bucket) == before
    assert configuration_of(client, other) == {}


def test_an_overlap_fails_the_stack_with_whose_it_is_and_leaves_nothing(
    client: Client, theirs: tuple[str, Configuration]
) -> None:
    """Neither on create, whose rollback deletes what may be there, nor on update."""
    bucket, before = theirs
    stack = Stack(client, "notification-overlap")
    overlapping = stack.create(composed(), Bucket=bucket, Prefix="images/small/")
    assert overlapping == "ROLLBACK_COMPLETE"
    reason = stack.reason("Notification")
    assert f'others have on bucket {bucket}: "thumbnails" (to ' in reason
    assert "log group" in reason
    assert configuration_of(client, bucket) == before
    stack.delete()

    stack = Stack(client, "notification-overlap-later")
    assert stack.create(composed(), Bucket=bucket) == "CREATE_COMPLETE"
    made = configuration_of(client, bucket)
    changed = stack.update(composed(), Bucket=bucket, Prefix="inventory/2026/")
    assert changed == "UPDATE_ROLLBACK_COMPLETE"
    assert '"inventory" (to ' in stack.reason("Notification")
    assert configuration_of(client, bucket) == made
    stack.delete()
    assert configuration_of(client, bucket) == before


def test_an_answer_that_failed_is_followed_by_a_delete_as_in_aws(
    client: Client, theirs: tuple[str, Configuration]
) -> None:
    """The plug-in's doing: MiniStack alone would leave behind what may have been made."""
    bucket, _ = theirs
    stack = Stack(client, "notification-refused")
    template = composed()
    template.resources["NotificationLogGroup"].DeletionPolicy = "Retain"
    assert stack.create(template, Bucket=f"{bucket}-gone") == "ROLLBACK_COMPLETE"
    assert f"there is no bucket {bucket}-gone" in stack.reason("Notification")
    groups = client("logs").describe_log_groups()["logGroups"]
    [group] = [one for one in groups if "notification-refused" in one["logGroupName"]]
    events = client("logs").filter_log_events(logGroupName=group["logGroupName"])["events"]
    lines = [json.loads(event["message"]) for event in events if '"answered"' in event["message"]]
    assert [(line["requestType"], line["status"]) for line in lines] == [
        ("Create", "FAILED"),
        ("Delete", "SUCCESS"),
    ]
    stack.delete()


def test_eventbridge_is_switched_on_and_stays_on(client: Client) -> None:
    """Others may have come to rely on it."""
    bucket = "theirs-eventbridge"
    place = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    client("s3").create_bucket(Bucket=bucket, **place)
    stack = Stack(client, "notification-eventbridge")
    assert stack.create(composed(eventbridge=True), Bucket=bucket) == "CREATE_COMPLETE"
    assert configuration_of(client, bucket) == {"EventBridgeConfiguration": {}}
    stack.delete()
    assert configuration_of(client, bucket) == {"EventBridgeConfiguration": {}}


@pytest.mark.slow
def test_a_role_without_the_right_is_told_which_it_lacks(
    client: Client, theirs: tuple[str, Configuration]
) -> None:
    """As a boundary, or the bucket's own policy, may take it away. It is tried for a while."""
    bucket, before = theirs
    template = composed()
    [statement] = template.resources["NotificationRights"].PolicyDocument.Statement
    statement.Action = statement.Action[:1]
    stack = Stack(client, "notification-denied")
    assert stack.create(template, Bucket=bucket) == "ROLLBACK_COMPLETE"
    assert f"s3:PutBucketNotification on bucket {bucket} is denied" in stack.reason("Notification")
    assert configuration_of(client, bucket) == before
    stack.delete()
