"""A queue that loses nothing: what fails too often waits in a dead-letter queue."""

from __future__ import annotations

from dataclasses import dataclass

from awacs.aws import (
    Allow,
    ArnEquals,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from awacs.sqs import SendMessage
from troposphere import AWSHelperFn, GetAtt, Ref, Template, sqs

_DAY = 24 * 60 * 60
_RETENTION = 4 * _DAY
_DEAD_LETTER_RETENTION = 14 * _DAY
"""The longest there is, counted from when the message was first sent: it has to exceed the other.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
"""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Handles to what `queue` made."""

    queue: sqs.Queue
    dead_letters: sqs.Queue


def queue(
    template: Template, title: str, *, visibility_seconds: int, maximum_receives: int
) -> Queue:
    """A queue, encrypted, that hands a message out `maximum_receives` times before it gives up.

    Then the message waits in the dead-letter queue until two weeks after it was first sent.
    """
    dead_letters = template.add_resource(
        sqs.Queue(
            f"{title}DeadLetterQueue",
            MessageRetentionPeriod=_DEAD_LETTER_RETENTION,
            SqsManagedSseEnabled=True,
        )
    )
    main = template.add_resource(
        sqs.Queue(
            f"{title}Queue",
            MessageRetentionPeriod=_RETENTION,
            SqsManagedSseEnabled=True,
            VisibilityTimeout=visibility_seconds,
            RedrivePolicy=sqs.RedrivePolicy(
                deadLetterTargetArn=GetAtt(dead_letters, "Arn"), maxReceiveCount=maximum_receives
            ),
        )
    )
    return Queue(queue=main, dead_letters=dead_letters)


def admit_bucket(
    template: Template,
    target: sqs.Queue,
    *,
    bucket_arn: AWSHelperFn,
    owner: AWSHelperFn | str | None = None,
) -> sqs.QueuePolicy:
    """S3 may send to the queue, for that bucket of that account (or this) and for no other.

    The ARN alone is not enough: a deleted bucket's name can come back in another account.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """
    return template.add_resource(
        sqs.QueuePolicy(
            f"{target.title}Policy",
            Queues=[Ref(target)],
            PolicyDocument=PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    Statement(
                        Sid="BucketNotification",
                        Effect=Allow,
                        Principal=Principal("Service", "s3.amazonaws.com"),
                        Action=[SendMessage],
                        Resource=[GetAtt(target, "Arn")],
                        Condition=Condition(
                            [
                                ArnEquals("aws:SourceArn", bucket_arn),
                                StringEquals("aws:SourceAccount", owner or Ref("AWS::AccountId")),
                            ]
                        ),
                    )
                ],
            ),
        )
    )
