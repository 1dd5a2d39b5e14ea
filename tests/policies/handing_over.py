"""Who hands what to whom, as buckets, rules and alarms are set up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .scene import Scene


@dataclass(frozen=True)
class Sender:
    """A service that hands something over: to a queue, a topic or a function."""

    service: str
    target: str
    """The ARN of what it is handed to."""
    source: str
    """The ARN of what it acts for."""
    account: str | None
    """The source's account, where the service tells policies that too."""
    alone: bool = True
    """Whether that source alone may; else every one of its kind in the account."""

    @property
    def action(self) -> str:
        """What handing over to that target is called."""
        service = self.target.split(":")[2]
        return {
            "sqs": "sqs:SendMessage",
            "sns": "sns:Publish",
            "lambda": "lambda:InvokeFunction",
        }[service]


def senders(scene: Scene) -> Iterator[Sender]:
    """All of them."""
    yield from _notifications(scene)
    yield from _foreign_notifications(scene)
    yield from _rules(scene)
    yield from _alarms(scene)


def _notifications(scene: Scene) -> Iterator[Sender]:
    kinds = {
        "QueueConfigurations": "Queue",
        "TopicConfigurations": "Topic",
        "LambdaConfigurations": "Function",
    }
    for bucket in scene.of_type("AWS::S3::Bucket"):
        notification = bucket.properties.get("NotificationConfiguration", {})
        for kind, key in kinds.items():
            for each in notification.get(kind, ()):
                yield Sender("s3.amazonaws.com", each[key], bucket.arn, scene.place.account)


def _foreign_notifications(scene: Scene) -> Iterator[Sender]:
    for each in scene.of_type("Custom::BucketNotification"):
        if "Arn" in each.properties:
            bucket = scene.place.global_arn("s3", each.properties["Bucket"])
            owner = each.properties["ExpectedBucketOwner"]
            yield Sender("s3.amazonaws.com", each.properties["Arn"], bucket, owner)


def _rules(scene: Scene) -> Iterator[Sender]:
    """EventBridge tells the rule, whose ARN has the account in it."""
    for rule in scene.of_type("AWS::Events::Rule"):
        for target in rule.properties["Targets"]:
            dead = target.get("DeadLetterConfig", {}).get("Arn")
            for arn in (target["Arn"], *([dead] if dead else [])):
                yield Sender("events.amazonaws.com", arn, rule.arn, None)


def _alarms(scene: Scene) -> Iterator[Sender]:
    """A topic without a policy of its own takes what its account's alarms say."""
    rung = {
        arn: alarm
        for alarm in scene.of_type("AWS::CloudWatch::Alarm")
        for kind in ("AlarmActions", "OKActions")
        for arn in alarm.properties.get(kind, ())
        if arn in scene.policies.resource
    }
    for arn, alarm in rung.items():
        yield Sender("cloudwatch.amazonaws.com", arn, alarm.arn, scene.place.account, alone=False)
