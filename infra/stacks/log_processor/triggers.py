"""What stands between the log bucket and the function: a queue, nothing, or EventBridge.

Each trigger adds what has to be there before the function, says what the function's code may do
with it, and joins the two when the function is there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from awacs.aws import Allow, Statement
from awacs.sqs import DeleteMessage, GetQueueAttributes, ReceiveMessage, SendMessage
from troposphere import AWSHelperFn, GetAtt, Ref, awslambda, events, sqs

from infra.blocks.function import Function
from infra.blocks.gaps import ScalingConfig
from infra.blocks.log_bucket import LogLocation
from infra.blocks.notification import EVENTBRIDGE, Told, permit_bucket, permit_rule
from infra.blocks.queue import admit_bucket, admit_rule, dead_letter_queue, queue
from infra.config import Asynchronous, LogProcessor
from infra.stacks.draft import Draft

BATCH_SIZE = 1
"""An object that is slow, or that ends the function, takes no other one with it."""


@dataclass
class Trigger(ABC):
    """What calls the function for each log object, and keeps what it could not deliver."""

    draft: Draft
    settings: LogProcessor
    location: LogLocation
    dead_letters: sqs.Queue
    queue: sqs.Queue | None = None
    rule: events.Rule | None = None
    concurrency: AWSHelperFn | None = None
    """The most invocations at once, where the trigger itself limits them."""

    @abstractmethod
    def permissions(self) -> list[Statement]:
        """What the function needs for it."""

    @abstractmethod
    def join(self, function: Function) -> Told | Literal["eventbridge"]:
        """Join it to the function, and say whom the bucket is to tell."""


def trigger(draft: Draft, settings: LogProcessor, location: LogLocation) -> Trigger:
    """Add what has to be there before the function."""
    if settings.trigger == "queue":
        return _queue(draft, settings, location)
    kind = {"direct": _Direct, "eventbridge": _EventBridge}[settings.trigger]
    return kind(draft, settings, location, dead_letter_queue(draft.template, "Log"))


def _queue(draft: Draft, settings: LogProcessor, location: LogLocation) -> Trigger:
    made = queue(
        draft.template,
        "Log",
        visibility_seconds=settings.visibility_seconds,
        maximum_receives=draft.number(
            "MaximumReceives",
            settings.maximum_receives,
            "Attempts at an object before it becomes a dead letter",
            minimum=1,
            maximum=1000,
        ),
    )
    return _Queue(draft, settings, location, made.dead_letters, made.queue)


class _Queue(Trigger):
    """Bucket, queue, function: objects wait while Logstash is down, and fail by themselves."""

    def permissions(self) -> list[Statement]:
        return [
            Statement(
                Sid="TakeMessages",
                Effect=Allow,
                Action=[DeleteMessage, GetQueueAttributes, ReceiveMessage],
                Resource=[GetAtt(self.queue, "Arn")],
            )
        ]

    def join(self, function: Function) -> Told:
        assert self.queue is not None
        self.concurrency = self.draft.number(
            "MaximumConcurrency",
            self.settings.function.maximum_concurrency,
            "Invocations at once, so that Logstash is not flooded",
            minimum=2,
            maximum=1000,
        )
        self.draft.template.add_resource(
            awslambda.EventSourceMapping(
                "ProcessorQueueMapping",
                FunctionName=Ref(function.function),
                EventSourceArn=GetAtt(self.queue, "Arn"),
                BatchSize=BATCH_SIZE,
                # Whatever the batch, only what failed comes back, and it is no error of the
                # function.
                FunctionResponseTypes=["ReportBatchItemFailures"],
                ScalingConfig=ScalingConfig(MaximumConcurrency=self.concurrency),
            )
        )
        return Told(
            type="queue",
            arn=GetAtt(self.queue, "Arn"),
            prefix=self.location.log_prefix,
            admission=admit_bucket(
                self.draft.template,
                self.queue,
                bucket_arn=self.location.bucket_arn,
                owner=self.location.owner,
            ),
        )


class _Asynchronous(Trigger):
    """Lambda itself keeps the events, and hands what it gives up to the dead-letter queue."""

    def permissions(self) -> list[Statement]:
        return [
            Statement(
                Sid="KeepWhatFailed",
                Effect=Allow,
                Action=[SendMessage],
                Resource=[GetAtt(self.dead_letters, "Arn")],
            )
        ]

    def _repeat(self, function: Function) -> None:
        settings = self.settings.asynchronous or Asynchronous()
        self.draft.template.add_resource(
            awslambda.EventInvokeConfig(
                "ProcessorInvocation",
                FunctionName=Ref(function.function),
                Qualifier="$LATEST",
                MaximumRetryAttempts=self.draft.number(
                    "MaximumRetries",
                    settings.maximum_retries,
                    "Attempts at an object after the first one",
                    minimum=0,
                    maximum=2,
                ),
                MaximumEventAgeInSeconds=self.draft.number(
                    "MaximumEventAge",
                    settings.maximum_age_seconds,
                    "Seconds until an object is given up",
                    minimum=60,
                    maximum=21600,
                ),
                DestinationConfig=awslambda.DestinationConfig(
                    OnFailure=awslambda.OnFailure(Destination=GetAtt(self.dead_letters, "Arn"))
                ),
            )
        )


class _Direct(_Asynchronous):
    """Bucket, function."""

    def join(self, function: Function) -> Told:
        self._repeat(function)
        return Told(
            type="function",
            arn=GetAtt(function.function, "Arn"),
            prefix=self.location.log_prefix,
            admission=permit_bucket(
                self.draft.template,
                function.function,
                bucket_arn=self.location.bucket_arn,
                owner=self.location.owner,
            ),
        )


class _EventBridge(_Asynchronous):
    """Bucket, EventBridge, function: others can have rules of their own about the same objects."""

    def join(self, function: Function) -> Literal["eventbridge"]:
        self._repeat(function)
        template = self.draft.template
        self.rule = template.add_resource(
            events.Rule(
                "LogRule",
                Description="Every log object that load balancers write",
                # https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
                EventPattern={
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {
                        "bucket": {"name": [self.location.bucket_name]},
                        "object": {"key": [{"prefix": self.location.log_prefix}]},
                    },
                },
                State="ENABLED",
                Targets=[
                    events.Target(
                        Id="Processor",
                        Arn=GetAtt(function.function, "Arn"),
                        # What cannot be handed over, as when the function is throttled for long.
                        DeadLetterConfig=events.DeadLetterConfig(
                            Arn=GetAtt(self.dead_letters, "Arn")
                        ),
                    )
                ],
            )
        )
        arn = GetAtt(self.rule, "Arn")
        permit_rule(template, function.function, rule_arn=arn)
        admit_rule(template, self.dead_letters, rule_arn=arn)
        return EVENTBRIDGE
