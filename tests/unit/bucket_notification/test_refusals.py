"""What cannot be had is said: which thing, whose it is, and what to do."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.unit.custom_resource.cloudformation import WHERE

from .s3 import (
    EVENTBRIDGE,
    LOGS,
    OTHER,
    S3,
    THEIR_QUEUE,
    THEIR_TOPIC,
    THEIRS,
    entry,
    refusal,
)
from .stacks import FUNCTION, OURS, QUEUE, Stack, eventbridge, wanted


def test_an_id_that_somebody_else_has_is_refused_and_stays(stack: Stack, s3: S3) -> None:
    """Also when CloudFormation then deletes what it takes for ours."""
    reason = stack.create(wanted(Id="inventory"))
    assert reason == (
        f'bucket {LOGS} has a notification "inventory" (to {THEIR_QUEUE}) already: choose another '
        f"Id, or remove that one if nobody needs it{WHERE}"
    )
    assert stack.create(wanted()) is None
    reason = stack.update(wanted(Id="thumbnails"))
    assert reason is not None
    assert "choose another Id" in reason
    stack.delete()
    assert s3.buckets[LOGS] == THEIRS


def test_a_bucket_that_is_not_there_is_named(stack: Stack, s3: S3) -> None:
    """At once: no waiting makes it."""
    assert stack.create(wanted(Bucket="no-such-logs")) == f"there is no bucket no-such-logs{WHERE}"
    assert stack.slept < 10


@pytest.mark.parametrize(
    ("call", "permission"),
    [("get", "s3:GetBucketNotification"), ("put", "s3:PutBucketNotification")],
)
def test_a_denied_call_names_permission_and_bucket(
    stack: Stack, s3: S3, call: str, permission: str
) -> None:
    """After a while, as a role's policy is not known everywhere at once."""

    def before(this: str, _number: int) -> None:
        if this == call:
            raise refusal("AccessDenied", "User: arn:… is not authorized", 403)

    s3.before = before
    reason = stack.ask("Create", wanted(Bucket=OTHER))["Reason"]
    assert f"{permission} on bucket {OTHER} is denied to this function's role" in reason
    assert "or that bucket is not one of account 123456789012" in reason
    assert "S3 says: User: arn:… is not authorized" in reason
    assert 30 < stack.slept < 60


def test_a_bucket_of_that_name_in_another_account_is_left_alone(stack: Stack, s3: S3) -> None:
    """A name can come back in another account."""
    s3.owner = "999999999999"
    answer = stack.ask("Create", wanted())
    assert answer["Status"] == "FAILED"
    assert "or that bucket is not one of account 123456789012" in answer["Reason"]
    assert s3.buckets[LOGS] == THEIRS


@pytest.mark.parametrize(
    ("theirs", "changes", "name"),
    [
        (entry("QueueConfigurations", "all", THEIR_QUEUE, "s3:ObjectCreated:*"), {}, "all"),
        (
            entry(
                "QueueConfigurations", "x", THEIR_QUEUE, "s3:ObjectCreated:Put", prefix="AWSLogs/"
            ),
            {},
            "x",
        ),
        (
            entry(
                "QueueConfigurations",
                "gz",
                THEIR_QUEUE,
                "s3:ObjectCreated:Put",
                prefix="AWSLogs/123456789012/x",
                suffix=".gz",
            ),
            {"Events": ["s3:ObjectRemoved:*", "s3:ObjectCreated:Put"]},
            "gz",
        ),
    ],
    ids=["all keys", "a shorter prefix", "a longer prefix with a suffix"],
)
def test_an_overlap_names_whose_it_is(
    stack: Stack, s3: S3, theirs: Any, changes: dict[str, Any], name: str
) -> None:
    """S3 says that something is ambiguous, not what."""
    s3.buckets[LOGS] = THEIRS | {"QueueConfigurations": [theirs]}
    before = copy.deepcopy(s3.buckets[LOGS])
    reason = stack.create(wanted(**changes))
    assert reason is not None
    assert f'others have on bucket {LOGS}: "{name}" (to {THEIR_QUEUE}). S3 allows one' in reason
    assert '"ours" of ' in reason
    assert "thumbnails" not in reason
    assert s3.buckets[LOGS] == before
    assert stack.slept < 10


def test_a_queue_policy_that_is_not_known_yet_is_waited_for(stack: Stack, s3: S3) -> None:
    """With the configuration read anew each time, as others may have changed it meanwhile."""
    s3.unreachable.add(QUEUE)
    newer = entry("TopicConfigurations", "newer", THEIR_TOPIC, "s3:ReducedRedundancyLostObject")

    def before(call: str, _number: int) -> None:
        if call == "put" and s3.calls.count("put") == 3:
            s3.unreachable.clear()
        elif call == "put" and s3.calls.count("put") == 2:
            s3.buckets[LOGS]["TopicConfigurations"].append(newer)

    s3.before = before
    assert stack.create(wanted()) is None
    assert newer in s3.buckets[LOGS]["TopicConfigurations"]
    assert OURS in s3.buckets[LOGS]["QueueConfigurations"]


def test_a_queue_that_s3_cannot_send_to_is_given_up_in_time(stack: Stack, s3: S3) -> None:
    """With all that S3 says."""
    s3.unreachable.add(QUEUE)
    reason = stack.create(wanted())
    assert reason is not None
    assert f"{QUEUE}, null; The destination does not exist, or S3 may not send to it" in reason
    assert 90 < stack.slept < 150
    assert s3.buckets[LOGS] == THEIRS


@pytest.mark.parametrize("type_", ["Create", "EventBridge", "Delete"])
def test_somebody_elses_destination_that_is_gone_is_named(stack: Stack, s3: S3, type_: str) -> None:
    """It stands in the way of every change, and only its owner can mend it."""
    del s3.buckets[LOGS][EVENTBRIDGE]
    if type_ == "Delete":
        stack.create(wanted())
    s3.unreachable.add(THEIR_TOPIC)
    asked = eventbridge() if type_ == "EventBridge" else wanted()
    reason = stack.delete() if type_ == "Delete" else stack.create(asked)
    assert reason is not None
    assert f'somebody else\'s: "MTBhYmNkZWY" (to {THEIR_TOPIC}). Mend or remove that' in reason
    assert stack.slept < 20


def test_a_destination_whose_arn_begins_like_another_is_not_taken_for_it(
    stack: Stack, s3: S3
) -> None:
    """Only ours is named, and waited for."""
    theirs = entry("QueueConfigurations", "short", QUEUE[:-1], "s3:ObjectRemoved:*")
    s3.buckets[LOGS] = {"QueueConfigurations": [theirs]}
    s3.unreachable.add(QUEUE)
    reason = stack.create(wanted())
    assert reason is not None
    assert "somebody else" not in reason
    assert stack.slept > 90


@pytest.mark.parametrize(
    ("properties", "problems"),
    [
        (
            {},
            [
                *("Bucket is missing", "ExpectedBucketOwner is missing", "Type is missing"),
                *("Id is missing", "Arn is missing", "Events is missing"),
            ],
        ),
        (
            wanted(Bucket="Logs", ExpectedBucketOwner="1", Id="a/b", Events=[], Prefix=["x"]),
            [
                "Bucket is 'Logs'; allowed: a bucket's name",
                "ExpectedBucketOwner is '1'; allowed: an account's 12 digits",
                "Id is 'a/b'; allowed: 1 to 255 letters, digits and . _ -",
                "Events is []; allowed: a list of event types such as s3:ObjectCreated:*",
                "Prefix is ['x']; allowed: at most 1,024 characters",
            ],
        ),
        (
            wanted(Type="sqs", Events=["ObjectCreated"], Arn="queue"),
            [
                "Type is 'sqs'; allowed: one of queue, function, eventbridge",
                "Events is ['ObjectCreated']; "
                "allowed: a list of event types such as s3:ObjectCreated:*",
            ],
        ),
        (wanted(Arn=FUNCTION), [f"Arn is '{FUNCTION}'; allowed: a queue's ARN"]),
        (wanted(Type="function"), [f"Arn is '{QUEUE}'; allowed: a function's ARN"]),
        (
            wanted(Sufix=".gz"),
            [
                "Sufix is not known; known here: "
                "Bucket, ExpectedBucketOwner, Type, Id, Arn, Events, Prefix"
            ],
        ),
        (
            eventbridge(Prefix="x/"),
            [
                "Prefix is not known with the Type eventbridge; known here: "
                "Bucket, ExpectedBucketOwner, Type"
            ],
        ),
    ],
    ids=lambda value: "",
)
def test_wrong_properties_are_named_all_at_once(
    stack: Stack, s3: S3, properties: dict[str, Any], problems: list[str]
) -> None:
    """Before anything is read."""
    assert stack.create(properties) == "; ".join(problems) + WHERE
    assert s3.calls == []
