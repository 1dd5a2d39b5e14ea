"""A stack with one Custom::BucketNotification, as CloudFormation drives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambda_src.bucket_notification.provider import Notifications
from lambda_src.custom_resource import Surroundings, serve
from tests.unit.custom_resource.cloudformation import Invocation, PresignedUrl, event

from .s3 import ARNS, LOGS, OWNER, S3, arn, entry

QUEUE, FUNCTION = arn("sqs", "ours"), arn("lambda", "function:ours")


OURS = entry(
    "QueueConfigurations", "ours", QUEUE, "s3:ObjectCreated:*", prefix="AWSLogs/123456789012/"
)


def wanted(**changes: Any) -> dict[str, Any]:
    """Return the properties of our notification; None leaves one out."""
    usual = {
        "ServiceToken": arn("lambda", "function:notifier"),
        "ServiceTimeout": "300",
        "Bucket": LOGS,
        "ExpectedBucketOwner": OWNER,
        "Type": "queue",
        "Id": "ours",
        "Arn": QUEUE,
        "Events": ["s3:ObjectCreated:*"],
        "Prefix": "AWSLogs/123456789012/",
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def eventbridge(**changes: Any) -> dict[str, Any]:
    """Return the properties of EventBridge being on."""
    none = dict.fromkeys(("Id", "Arn", "Events", "Prefix"))
    return wanted(**{"Type": "eventbridge", **none, **changes})


@dataclass
class Stack:
    """Keeps what CloudFormation keeps, and fails unless each request is answered exactly once."""

    s3: S3
    url: PresignedUrl
    seconds: float = 180.0
    properties: dict[str, Any] | None = None
    physical_id: str | None = None
    slept: float = 0.0
    """Seconds, of which none passes."""
    answers: list[dict[str, Any]] = field(default_factory=list)

    def create(self, properties: dict[str, Any]) -> str | None:
        """Return why it failed; after a failure it has been rolled back."""
        answer = self.ask("Create", properties)
        if answer["Status"] == "FAILED":
            self.ask("Delete", properties, PhysicalResourceId=answer["PhysicalResourceId"])
            assert self.answers[-1]["Status"] == "SUCCESS"
            return str(answer["Reason"])
        self.properties, self.physical_id = properties, answer["PhysicalResourceId"]
        return None

    def update(self, properties: dict[str, Any]) -> str | None:
        """Return why it failed; after a failure it has been rolled back."""
        before, before_id = self.properties, self.physical_id
        assert before is not None
        answer = self.ask("Update", properties, PhysicalResourceId=before_id, old=before)
        new_id = answer["PhysicalResourceId"]
        if answer["Status"] == "FAILED":
            back = self.ask("Update", before, PhysicalResourceId=new_id, old=properties)
            assert (back["Status"], back["PhysicalResourceId"]) == ("SUCCESS", before_id)
            if new_id != before_id:
                self.ask("Delete", properties, PhysicalResourceId=new_id)
                assert self.answers[-1]["Status"] == "SUCCESS"
            return str(answer["Reason"])
        self.properties, self.physical_id = properties, new_id
        if new_id != before_id:
            self.ask("Delete", before, PhysicalResourceId=before_id)
            assert self.answers[-1]["Status"] == "SUCCESS"
        return None

    def delete(self) -> str | None:
        """Return why it failed."""
        assert self.properties is not None
        answer = self.ask("Delete", self.properties, PhysicalResourceId=self.physical_id)
        return answer.get("Reason")

    def ask(
        self,
        type_: str,
        properties: object,
        *,
        old: object = None,
        **members: Any,
    ) -> dict[str, Any]:
        """Return the one answer to one request."""
        self.url.taken.clear()
        self.url.received.clear()
        given = event(type_, self.url.url, properties) | members
        if old is not None:
            given["OldResourceProperties"] = old
        around = Surroundings(clock=lambda: self.slept, sleep=self._sleep)
        start, self.slept = self.slept, 0.0
        serve(given, Invocation(seconds=self.seconds), lambda: Notifications(self.s3), around)
        self.slept += start
        assert len(self.url.received) == 1
        [answer] = self.url.taken
        self.answers.append(answer)
        return answer

    def _sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept += seconds


def foreign(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration without the notifications that go to us."""
    rest = {
        name: [raw for raw in value if ":ours" not in raw[ARNS[name]]] if name in ARNS else value
        for name, value in configuration.items()
    }
    return {name: value for name, value in rest.items() if value != []}
