"""Our notification comes, changes and goes; what others have on the bucket stays as it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.unit.custom_resource.cloudformation import logged

from .s3 import (
    ARNS,
    EVENTBRIDGE,
    LOGS,
    OTHER,
    S3,
    THEIR_QUEUE,
    THEIRS,
    Configuration,
    arn,
    entry,
)
from .stacks import FUNCTION, OURS, QUEUE, Stack, eventbridge, foreign, wanted


def test_ours_is_added_to_theirs(stack: Stack, s3: S3) -> None:
    """After theirs, in its list, in one write."""
    assert stack.create(wanted()) is None
    queues = [*THEIRS["QueueConfigurations"], OURS]
    assert s3.buckets == {LOGS: THEIRS | {"QueueConfigurations": queues}, OTHER: {}}
    assert (stack.physical_id, s3.calls.count("put")) == (f"{LOGS}/ours", 1)


@pytest.mark.parametrize("properties", [wanted(), wanted(Type="function", Arn=FUNCTION)])
def test_a_bucket_without_any_gets_the_one(stack: Stack, s3: S3, properties: Any) -> None:
    """And is as before when it goes."""
    s3.buckets[LOGS] = {}
    assert stack.create(properties) is None
    assert [name for name in s3.buckets[LOGS] if s3.buckets[LOGS][name]] == [
        "QueueConfigurations" if properties["Type"] == "queue" else "LambdaFunctionConfigurations"
    ]
    assert stack.delete() is None
    assert s3.buckets[LOGS] == {}


def test_a_notification_of_all_keys_has_no_filter(stack: Stack, s3: S3) -> None:
    """An empty prefix would be one."""
    s3.buckets[LOGS] = {}
    assert stack.create(wanted(Prefix="")) is None
    [ours] = s3.buckets[LOGS]["QueueConfigurations"]
    assert ours == {"Id": "ours", "QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"]}
    assert stack.update(wanted(Prefix=None)) is None
    assert s3.calls.count("put") == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Arn": arn("sqs", "ours-2")}, "ours"),
        ({"Prefix": "logs/"}, "ours"),
        ({"Events": "s3:ObjectCreated:Put"}, "ours"),
        ({"Id": "renamed"}, "renamed"),
        ({"Type": "function", "Arn": FUNCTION}, "ours"),
        ({"Type": "function", "Arn": FUNCTION, "Id": "renamed"}, "renamed"),
    ],
    ids=str,
)
def test_an_update_replaces_ours_alone(
    stack: Stack, s3: S3, changes: dict[str, Any], expected: str
) -> None:
    """In one write, as S3 refuses the old beside the new; taking it back is the same."""
    stack.create(wanted())
    before = copy.deepcopy(s3.buckets[LOGS])
    assert stack.update(wanted(**changes)) is None
    assert foreign(s3.buckets[LOGS]) == THEIRS
    assert len(_all(s3.buckets[LOGS])) == 4
    assert (stack.physical_id, s3.calls.count("put")) == (f"{LOGS}/{expected}", 2)
    assert stack.update(wanted()) is None
    assert s3.buckets[LOGS] == before
    assert stack.delete() is None
    assert s3.buckets[LOGS] == THEIRS


def _all(configuration: Configuration) -> list[Any]:
    return [raw for name in ARNS for raw in configuration.get(name, ())]


def test_another_bucket_gets_it_before_the_old_one_loses_it(stack: Stack, s3: S3) -> None:
    """By another id, whose predecessor CloudFormation deletes."""
    stack.create(wanted())
    assert stack.update(wanted(Bucket=OTHER)) is None
    assert s3.buckets == {LOGS: THEIRS, OTHER: {"QueueConfigurations": [OURS]}}
    assert [answer["PhysicalResourceId"] for answer in stack.answers] == [
        f"{LOGS}/ours",
        f"{OTHER}/ours",
        f"{LOGS}/ours",
    ]
    stack.delete()
    assert s3.buckets == {LOGS: THEIRS, OTHER: {}}


def test_eventbridge_is_switched_on_and_stays_on(stack: Stack, s3: S3) -> None:
    """Nobody can tell who relies on it when we go."""
    assert stack.create(eventbridge(Bucket=OTHER)) is None
    assert s3.buckets[OTHER] == {EVENTBRIDGE: {}}
    assert stack.physical_id == OTHER
    assert stack.delete() is None
    assert s3.buckets == {LOGS: THEIRS, OTHER: {EVENTBRIDGE: {}}}


def test_eventbridge_that_is_on_needs_no_write(stack: Stack, s3: S3) -> None:
    """A write would send everybody a test message."""
    assert stack.create(eventbridge()) is None
    assert (s3.buckets[LOGS], s3.calls.count("put")) == (THEIRS, 0)


def test_one_can_become_the_other(stack: Stack, s3: S3) -> None:
    """From queue to EventBridge and back."""
    s3.buckets[LOGS] = {}
    stack.create(wanted())
    assert stack.update(eventbridge()) is None
    assert s3.buckets[LOGS] == {EVENTBRIDGE: {}}
    assert stack.update(wanted()) is None
    assert s3.buckets[LOGS] == {EVENTBRIDGE: {}, "QueueConfigurations": [OURS]}
    stack.delete()
    assert s3.buckets[LOGS] == {EVENTBRIDGE: {}}


def test_a_second_delivery_changes_nothing(stack: Stack, s3: S3) -> None:
    """Nor does it write, whatever it is about."""
    stack.create(wanted())
    stack.create(wanted())
    newer = wanted(Id="newer")
    for _ in range(2):
        stack.ask("Update", newer, PhysicalResourceId=stack.physical_id, old=wanted())
    for _ in range(2):
        stack.ask("Delete", newer, PhysicalResourceId=f"{LOGS}/newer")
    assert {answer["Status"] for answer in stack.answers} == {"SUCCESS"}
    assert (s3.buckets[LOGS], s3.calls.count("put")) == (THEIRS, 3)


def test_what_an_earlier_stack_left_for_the_same_queue_is_taken_over(stack: Stack, s3: S3) -> None:
    """It goes to nobody but us."""
    s3.buckets[LOGS] = THEIRS | {
        "QueueConfigurations": [
            entry("QueueConfigurations", "ours", QUEUE, "s3:ObjectCreated:*", prefix="old/")
        ]
    }
    assert stack.create(wanted()) is None
    assert s3.buckets[LOGS]["QueueConfigurations"] == [OURS]


def test_what_somebody_has_put_under_our_id_is_not_deleted(stack: Stack, s3: S3) -> None:
    """It goes to somebody else now."""
    stack.create(wanted())
    theirs = entry("QueueConfigurations", "ours", THEIR_QUEUE, "s3:ObjectRemoved:Delete")
    s3.buckets[LOGS] = {"QueueConfigurations": [theirs]}
    assert stack.delete() is None
    assert s3.buckets[LOGS] == {"QueueConfigurations": [theirs]}


def test_nothing_is_left_to_delete_where_the_bucket_or_ours_is_gone(stack: Stack, s3: S3) -> None:
    """The stack goes all the same."""
    stack.create(wanted())
    s3.buckets[LOGS] = copy.deepcopy(THEIRS)
    assert stack.delete() is None
    del s3.buckets[LOGS]
    assert stack.delete() is None
    assert s3.calls.count("put") == 1


@pytest.mark.parametrize(
    "properties",
    [{}, {"Bucket": ["x"]}, {"Bucket": LOGS}, {"Bucket": "No Bucket", "Id": "ours"}, None],
    ids=str,
)
def test_nothing_is_left_to_delete_where_nothing_can_have_been_made(
    stack: Stack, s3: S3, properties: object
) -> None:
    """The id is CloudFormation's own where nobody has answered the Create."""
    answer = stack.ask("Delete", properties, PhysicalResourceId="dev-Notification-1ABC")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "dev-Notification-1ABC")


def test_what_a_create_made_that_never_answered_is_deleted(stack: Stack, s3: S3) -> None:
    """By what the properties say."""
    stack.create(wanted())
    stack.ask("Delete", wanted(), PhysicalResourceId="dev-Notification-1ABC")
    assert s3.buckets[LOGS] == THEIRS


def test_the_log_tells_the_steps(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """For whoever looks at three in the morning."""
    stack.create(wanted())
    assert [line.get("step") or line["message"] for line in logged(capsys)] == [
        f"reading the notifications of bucket {LOGS}",
        f"writing the notifications of bucket {LOGS}",
        f"reading back the notifications of bucket {LOGS}",
        "answered",
    ]
