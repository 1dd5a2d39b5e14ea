"""Logstash takes nothing: an object is tried again whatever the trigger, and kept when given up."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.aws.services import Aws
from infra.deploy.execution import Outputs
from infra.local import sample
from infra.local.differences import Address
from infra.local.emulator import Emulator
from infra.local.outcome import Summary
from infra.stacks import log_processor
from lambda_src.log_processor.delivery.receiver import ROUNDS
from tests.local.inventory import everything
from tests.local.stacks import Client
from tests.local.test_demo import CLASSIC
from tests.local.ways import KEY_PREFIX, TRIGGERS, Way, created, deleted, retained
from tests.unit.log_processor.receivers import Behaviour, StandIn, receiving, reset

FOLDER = sample.folder(KEY_PREFIX, Emulator.account, "eu-west-1")
LINES = 4000
"""Events of more than one batch."""
WITHIN = 60.0
HIDDEN_SECONDS = 8
"""A failed attempt is over sooner: it takes little more than its pauses between the rounds."""


@dataclass
class Moody:
    """Takes some batches, then breaks some off, and takes all that come after them.

    Over plain TCP a batch takes a connection; one that brings nothing only asks who listens.
    """

    coming: list[Behaviour] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, receiver: StandIn, connection: socket.socket) -> None:
        if not connection.recv(1, socket.MSG_PEEK):
            return
        with self._lock:
            act = self.coming.pop(0) if self.coming else StandIn.drain
        act(receiver, connection)

    def fail(self, *, after: int) -> None:
        """Take so many batches and refuse the next as often as one attempt offers it.

        Who has taken the batch before is asked once more than in all the rounds.
        """
        offers = ROUNDS + (after > 0)
        refused: list[Behaviour] = [lambda _, connection: reset(connection)] * offers
        self.coming = [StandIn.drain] * after + refused


@dataclass(frozen=True)
class Running:
    """A way that is set up, with a receiver."""

    way: Way
    receiver: StandIn
    mood: Moody
    outputs: dict[str, str]
    aws: Aws
    client: Client

    def put(self, name: str, lines: int = 2) -> str:
        """Put an object into the bucket; its key."""
        content = f"{CLASSIC}\n".encode() * lines
        self.aws.objects.put(self.outputs["BucketName"], FOLDER + name, content)
        return FOLDER + name

    def attempts(self, key: str, until: Callable[[list[Summary]], bool]) -> list[Summary]:
        """The function's summaries of an object, as soon as they are as wanted."""
        deadline = time.monotonic() + WITHIN
        while True:
            lines = self.aws.logs.lines(self.outputs["LogGroupName"])
            parsed = [Summary.parse(line.message) for line in lines]
            found = [each for each in parsed if each is not None and each.key == key]
            if until(found) or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def dead_letter(self) -> Any:
        """What the next dead letter says; it is taken out."""
        queue, url = self.client("sqs"), self.outputs["DeadLetterQueueUrl"]
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            for one in queue.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", ()):
                queue.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
                return json.loads(one["Body"])
        pytest.fail(f"no dead letter came within {WITHIN:.0f} s")

    def send_again(self, letter: Any) -> None:
        """As somebody does it who has mended what was wrong."""
        if self.way.trigger == "queue":
            url = self.outputs["QueueUrl"]
            self.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(letter))
        else:
            self.client("lambda").invoke(
                FunctionName=self.outputs["FunctionName"],
                InvocationType="Event",
                Payload=json.dumps(letter["requestPayload"]),
            )

    def try_once(self) -> None:
        """Give up after the first attempt from now on."""
        if self.way.trigger == "queue":
            url, queue = self.outputs["QueueUrl"], self.client("sqs")
            told = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
            policy = json.loads(told["Attributes"]["RedrivePolicy"]) | {"maxReceiveCount": 1}
            attributes = {"RedrivePolicy": json.dumps(policy)}
            queue.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        else:
            functions = self.client("lambda")
            which = {"FunctionName": self.outputs["FunctionName"], "Qualifier": "$LATEST"}
            destination = functions.get_function_event_invoke_config(**which)["DestinationConfig"]
            functions.put_function_event_invoke_config(
                **which, MaximumRetryAttempts=0, DestinationConfig=destination
            )


@pytest.fixture(scope="module", params=TRIGGERS)
def running(request: pytest.FixtureRequest, aws: Aws, client: Client) -> Iterator[Running]:
    way, mood = Way(request.param, "ours", "zip"), Moody()
    assembly = way.assembly(name=f"failing-{way.trigger}")
    before = everything(client)
    with receiving(mood) as receiver:
        to = Address("127.0.0.1", receiver.port)
        outputs: Outputs = created(assembly, aws, to)
        made = dict(outputs[log_processor.ID])
        if way.trigger == "queue":
            # The least that the settings take is a minute.
            hidden = {"VisibilityTimeout": str(HIDDEN_SECONDS)}
            client("sqs").set_queue_attributes(QueueUrl=made["QueueUrl"], Attributes=hidden)
        yield Running(way, receiver, mood, made, aws, client)
    left = retained(assembly, client)
    deleted(assembly, client)
    assert everything(client) - before == left | {("bucket", assembly.artifact_bucket)}


def is_delivered(attempts: list[Summary]) -> bool:
    return any(each.outcome == "delivered" for each in attempts)


def test_an_object_that_failed_goes_on_until_it_is_delivered(running: Running) -> None:
    """Nobody has to do anything, no line is sent twice, and nothing is given up."""
    running.mood.fail(after=1)
    key = running.put("tried again.log", LINES)
    first, last = running.attempts(key, is_delivered)
    assert f"gave up after {ROUNDS} rounds" in first.why
    assert (first.outcome, last.outcome) == ("failed", "delivered")
    assert 0 < first.delivered < last.delivered == last.read == LINES
    assert first.sent + last.sent == len(running.receiver.lines) == LINES
    assert not running.aws.queues.counts(running.outputs["DeadLetterQueueUrl"])


def test_an_object_that_is_given_up_waits_as_a_dead_letter(running: Running) -> None:
    """It holds all that is needed to send the object through once the receiver takes it."""
    running.try_once()
    running.mood.fail(after=0)
    key = running.put("given up.log")
    letter = running.dead_letter()
    assert [each.outcome for each in running.attempts(key, bool)] == ["failed"]
    running.send_again(letter)
    _, last = running.attempts(key, is_delivered)
    assert (last.outcome, last.read, last.delivered) == ("delivered", 2, 2)
    assert not running.aws.queues.counts(running.outputs["DeadLetterQueueUrl"])


eventbridge_alone = pytest.mark.parametrize("running", ["eventbridge"], indirect=True)


@eventbridge_alone
def test_the_rule_matches_new_logs_of_its_bucket_and_nothing_else(running: Running) -> None:
    """Not what the function itself keeps there, nor what is deleted, nor any other bucket."""
    events, bucket = running.client("events"), running.outputs["BucketName"]
    [rule] = events.list_rules(NamePrefix=running.outputs["FunctionName"])["Rules"]

    def matches(key: str, name: str = bucket, kind: str = "Object Created") -> bool:
        event = json.dumps(bucket_event(name, key, kind))
        answer = events.test_event_pattern(EventPattern=rule["EventPattern"], Event=event)
        return bool(answer["Result"])

    assert matches(f"{FOLDER}1.log.gz")
    assert matches(f"{KEY_PREFIX}/AWSLogs/1/ELBAccessLogTestFile")
    assert not matches(f"x/{FOLDER}1.log.gz")
    assert not matches("state/rejected/1.jsonl")
    assert not matches(f"{KEY_PREFIX}/other/1.log")
    assert not matches(f"{FOLDER}1.log.gz", name=f"{bucket}-other")
    assert not matches(f"{FOLDER}1.log.gz", kind="Object Deleted")


def bucket_event(bucket: str, key: str, kind: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": "aws.s3",
        "account": Emulator.account,
        "time": "2026-10-14T10:00:00Z",
        "region": "eu-west-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": 5, "etag": "b1946ac9", "sequencer": "0061"},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": Emulator.account,
            "source-ip-address": "192.0.2.1",
            "reason": "PutObject",
        },
    }


@eventbridge_alone
def test_an_object_that_the_rule_cannot_hand_over_waits_as_a_dead_letter(running: Running) -> None:
    """As when somebody has taken the permission away; the event itself waits there."""
    functions, name = running.client("lambda"), running.outputs["FunctionName"]
    [statement] = json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"]
    functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    key = running.put("not handed over.log")
    letter = running.dead_letter()
    assert (letter["source"], letter["detail"]["object"]["key"]) == ("aws.s3", key)
    assert running.attempts(key, lambda _: True) == []
