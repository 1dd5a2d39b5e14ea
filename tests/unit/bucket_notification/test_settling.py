"""Faults, late readings and others who write at the same time: ours stays, and so does theirs."""

from __future__ import annotations

import copy

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from tests.unit.custom_resource.cloudformation import PresignedUrl

from .s3 import (
    LOGS,
    S3,
    THEIR_TOPIC,
    THEIRS,
    entry,
    refusal,
)
from .stacks import OURS, Stack, foreign, wanted


@pytest.mark.parametrize("lag", [1, 2, 4])
def test_a_configuration_that_shows_late_is_waited_for(stack: Stack, s3: S3, lag: int) -> None:
    """S3 may give the old one for a while after a write."""
    s3.lag = lag
    assert stack.create(wanted()) is None
    assert foreign(s3.buckets[LOGS]) == THEIRS
    assert stack.update(wanted(Id="newer")) is None
    assert stack.delete() is None
    assert s3.buckets[LOGS] == THEIRS


def test_what_others_write_between_our_calls_survives(url: PresignedUrl) -> None:
    """At whichever call it comes, but for the moment between our last reading and our write."""
    newer = entry("TopicConfigurations", "newer", THEIR_TOPIC, "s3:ReducedRedundancyLostObject")
    for at in range(5):
        s3 = S3()

        def before(_call: str, number: int, s3: S3 = s3, at: int = at) -> None:
            if number == at:
                topics = [*s3.buckets[LOGS]["TopicConfigurations"], newer]
                s3.write(LOGS, s3.buckets[LOGS] | {"TopicConfigurations": topics})

        s3.before = before
        stack = Stack(s3, url)
        assert stack.create(wanted()) is None
        if s3.calls[at] != "put":
            expected = [*THEIRS["TopicConfigurations"], newer]
            assert s3.buckets[LOGS]["TopicConfigurations"] == expected
        assert OURS in s3.buckets[LOGS]["QueueConfigurations"]


def test_ours_is_put_again_when_somebody_overwrites_it(stack: Stack, s3: S3) -> None:
    """As another function like this one does that has read before our write."""

    def before(_call: str, number: int) -> None:
        if number in (4, 9):
            s3.write(LOGS, copy.deepcopy(THEIRS))

    s3.before = before
    assert stack.create(wanted()) is None
    assert OURS in s3.buckets[LOGS]["QueueConfigurations"]
    assert s3.calls.count("put") == 3


def test_who_overwrites_without_end_is_told_of_in_time(stack: Stack, s3: S3) -> None:
    """It is not our word against theirs for ever."""

    def before(_call: str, _number: int) -> None:
        s3.write(LOGS, copy.deepcopy(THEIRS))

    s3.before = before
    answer = stack.ask("Create", wanted())
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("the function's time was up after: ")
    assert s3.calls.count("put") < 20


PASSING = [
    refusal("OperationAborted", "A conflicting conditional operation is in progress", 409),
    refusal("SlowDown", "Please reduce your request rate.", 503),
    refusal("InternalError", "We encountered an internal error.", 500),
    refusal("AccessDenied", "Access Denied", 403),
    EndpointConnectionError(endpoint_url="https://s3"),
    ReadTimeoutError(endpoint_url="https://s3"),
]
LASTING = [refusal("MalformedXML", "Not well-formed"), ValueError("odd"), SystemExit(1)]


@pytest.mark.parametrize("fault", [*PASSING, *LASTING], ids=lambda fault: str(fault)[:40])
@pytest.mark.parametrize("type_", ["create", "update", "delete"])
@pytest.mark.parametrize("at", range(5))
def test_a_fault_at_any_call_is_survived_or_answered(
    s3: S3, stack: Stack, fault: BaseException, type_: str, at: int
) -> None:
    """Once; and theirs stays as it is."""
    if type_ != "create":
        stack.create(wanted())
    first = len(s3.calls) + at

    def before(_call: str, number: int) -> None:
        if number == first:
            raise fault

    s3.before = before
    reason = stack.delete() if type_ == "delete" else getattr(stack, type_)(wanted(Id="newer"))
    assert (reason is None) == (fault in PASSING)
    assert foreign(s3.buckets[LOGS]) == THEIRS


@pytest.mark.parametrize("fault", [*PASSING, *LASTING], ids=lambda fault: str(fault)[:40])
@pytest.mark.parametrize("call", ["get", "put"])
def test_a_fault_that_does_not_pass_is_answered_in_time(
    s3: S3, stack: Stack, fault: BaseException, call: str
) -> None:
    """With what it is."""

    def before(this: str, _number: int) -> None:
        if this == call:
            raise fault

    s3.before = before
    answer = stack.ask("Create", wanted())
    assert answer["Status"] == "FAILED"
    assert str(fault).rpartition(": ")[2] in answer["Reason"]
    assert stack.slept <= 160
    assert s3.buckets[LOGS] == THEIRS
