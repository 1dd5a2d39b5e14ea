"""Whatever we ask for, in whatever order: theirs is as it was."""

from __future__ import annotations

import copy
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.unit.custom_resource.cloudformation import PresignedUrl

from .s3 import (
    EVENTBRIDGE,
    LOGS,
    OTHER,
    S3,
    THEIR_FUNCTION,
    THEIR_QUEUE,
    THEIR_TOPIC,
    THEIRS,
    Configuration,
    arn,
    entry,
)
from .stacks import FUNCTION, QUEUE, Stack, eventbridge, foreign, wanted

PREFIXES = st.sampled_from(["", "a", "a/", "a/b", "b/", "AWSLogs/"])
EVENTS = st.lists(
    st.sampled_from(
        [
            "s3:ObjectCreated:*",
            "s3:ObjectCreated:Put",
            "s3:ObjectRemoved:*",
            "s3:ObjectRestore:Post",
        ]
    ),
    min_size=1,
    max_size=2,
    unique=True,
)


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    """What others may have, as far as S3 allows it."""
    found: Configuration = {EVENTBRIDGE: {}} if draw(st.booleans()) else {}
    names = draw(st.lists(st.text("xyz", min_size=1, max_size=3), unique=True, max_size=4))
    for name in names:
        list_, target = draw(
            st.sampled_from(
                [
                    ("QueueConfigurations", THEIR_QUEUE),
                    ("TopicConfigurations", THEIR_TOPIC),
                    ("LambdaFunctionConfigurations", THEIR_FUNCTION),
                ]
            )
        )
        rules = {} if draw(st.booleans()) else {"prefix": draw(PREFIXES) or "c/"}
        if draw(st.booleans()):
            rules["suffix"] = draw(st.sampled_from([".gz", ".log"]))
        found.setdefault(list_, []).append(entry(list_, name, target, *draw(EVENTS), **rules))
    return found


@st.composite
def properties_of_ours(draw: st.DrawFn) -> dict[str, Any]:
    bucket = draw(st.sampled_from([LOGS, OTHER]))
    if draw(st.integers(0, 4)) == 0:
        return eventbridge(Bucket=bucket)
    type_, target = draw(
        st.sampled_from([("queue", QUEUE), ("queue", arn("sqs", "ours-2")), ("function", FUNCTION)])
    )
    return wanted(
        Bucket=bucket,
        Type=type_,
        Arn=target,
        Id=draw(st.sampled_from(["ours", "renamed", "x"])),
        Events=draw(EVENTS),
        Prefix=draw(PREFIXES),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(
    theirs=configurations(),
    course=st.lists(properties_of_ours(), min_size=1, max_size=4),
    lag=st.integers(0, 2),
)
def test_after_whatever_we_asked_for_theirs_is_as_it_was(
    url: PresignedUrl, theirs: Configuration, course: list[dict[str, Any]], lag: int
) -> None:
    """Created, updated, rolled back and deleted in any way: all but EventBridge is as before."""
    s3 = S3({LOGS: {}, OTHER: {}})
    try:
        s3.write(LOGS, theirs)
    except ClientError:
        assume(False)
    s3.lag = lag
    original = copy.deepcopy(s3.buckets)
    on: Configuration = {EVENTBRIDGE: {}}
    stack = Stack(s3, url)
    for properties in course:
        if stack.properties is None:
            stack.create(properties)
        else:
            stack.update(properties)
        for bucket, theirs in original.items():
            assert foreign(s3.buckets[bucket]) | on == theirs | on
    if stack.properties is not None:
        assert stack.delete() is None
    for bucket, theirs in original.items():
        assert s3.buckets[bucket].keys() >= theirs.keys()
        assert s3.buckets[bucket] | on == theirs | on


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
NAMES = st.sampled_from(
    ["Bucket", "ExpectedBucketOwner", "Type", "Id", "Arn", "Events", "Prefix", "Odd"]
)
IDS = st.sampled_from([LOGS, f"{LOGS}/ours", "dev-Notification-1ABC", "/", f"{OTHER}/a/b"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    type_=st.sampled_from(["Create", "Update", "Delete"]),
    wrong=st.dictionaries(NAMES, JSON, max_size=3),
    old=JSON | st.dictionaries(NAMES, JSON, max_size=3),
    physical_id=IDS,
)
def test_any_properties_are_answered_once_and_leave_theirs_as_it_is(
    url: PresignedUrl, type_: str, wrong: dict[str, Any], old: Any, physical_id: str
) -> None:
    """That there is one answer the stack looks at."""
    s3 = S3()
    ids = {} if type_ == "Create" else {"PhysicalResourceId": physical_id}
    Stack(s3, url).ask(type_, wanted() | wrong, old=old, **ids)
    assert foreign(s3.buckets[LOGS]) == THEIRS
