"""A queue that loses nothing: what fails too often waits in a dead-letter queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from awacs.aws import (
    Allow,
    ArnEquals,
    Condition,
    ConditionElement,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from awacs.sqs import SendMessage
from troposphere import AWSHelperFn, GetAtt, Ref, Template, sqs

from infra.blocks.reasons import reasons

_DAY = 24 * 60 * 60
_RETENTION = 4 * _DAY
_DEAD_LETTER_RETENTION = 14 * _DAY
"""The longest there is, counted from when the message was first sent: it has to exceed the other.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
"""

_ACCEPTED = {
    "CKV_AWS_27": "encrypted with SQS's own key, since messages name objects and hold nothing of "
    "them; S3 could use no key of AWS's, and one of the account's costs by the request"
}
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Handles to what `queue` made."""

    queue: sqs.Queue
    dead_letters: sqs.Queue


def queue(
    template: Template,
    title: str,
    *,
    visibility_seconds: int | AWSHelperFn,
    maximum_receives: int | AWSHelperFn,
) -> Queue:
    """A queue, encrypted, that hands a message out `maximum_receives` times before it gives up.

    Then the message waits in the dead-letter queue until two weeks after it was first sent.
    """
    dead_letters = dead_letter_queue(template, title)
    main = template.add_resource(
        sqs.Queue(
            f"{title}Queue",
            Metadata=reasons(accepted=_ACCEPTED),
            MessageRetentionPeriod=_RETENTION,
            SqsManagedSseEnabled=True,
            VisibilityTimeout=visibility_seconds,
            RedrivePolicy=sqs.RedrivePolicy(
                deadLetterTargetArn=GetAtt(dead_letters, "Arn"), maxReceiveCount=maximum_receives
            ),
        )
    )
    return Queue(queue=main, dead_letters=dead_letters)


def dead_letter_queue(template: Template, title: str) -> sqs.Queue:
    """A queue, encrypted, where what was given up waits for two weeks."""
    return template.add_resource(
        sqs.Queue(
            f"{title}DeadLetterQueue",
            Metadata=reasons(accepted=_ACCEPTED),
            MessageRetentionPeriod=_DEAD_LETTER_RETENTION,
            SqsManagedSseEnabled=True,
        )
    )


def admit_bucket(
    template: Template, target: sqs.Queue, *, bucket_arn: AWSHelperFn, owner: AWSHelperFn | str
) -> sqs.QueuePolicy:
    """S3 may send to the queue, for that bucket of that account and for no other.

    The ARN alone is not enough: a deleted bucket's name can come back in another account.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """
    return _admit(
        template,
        target,
        sid="BucketNotification",
        service="s3.amazonaws.com",
        where=[
            ArnEquals("aws:SourceArn", bucket_arn),
            StringEquals("aws:SourceAccount", owner),
        ],
    )


def admit_rule(template: Template, target: sqs.Queue, *, rule_arn: AWSHelperFn) -> sqs.QueuePolicy:
    """EventBridge may send to the queue what a rule could not hand over, and nothing else.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    return _admit(
        template,
        target,
        sid="NotHandedOver",
        service="events.amazonaws.com",
        where=[ArnEquals("aws:SourceArn", rule_arn)],
    )


def _admit(
    template: Template,
    target: sqs.Queue,
    *,
    sid: str,
    service: str,
    where: Sequence[ConditionElement],
) -> sqs.QueuePolicy:
    return template.add_resource(
        sqs.QueuePolicy(
            f"{target.title}Policy",
            Queues=[Ref(target)],
            PolicyDocument=PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    Statement(
                        Sid=sid,
                        Effect=Allow,
                        Principal=Principal("Service", service),
                        Action=[SendMessage],
                        Resource=[GetAtt(target, "Arn")],
                        Condition=Condition(list(where)),
                    )
                ],
            ),
        )
    )
