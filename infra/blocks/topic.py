"""The topic that alarms ring, and who is told."""

from __future__ import annotations

from collections.abc import Sequence

from awacs.aws import (
    Allow,
    ArnLike,
    Bool,
    Condition,
    Deny,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from awacs.sns import Publish
from troposphere import AWSHelperFn, Ref, Template, sns

from infra.blocks.reasons import reasons
from infra.blocks.references import arn

# CloudWatch may not use the key alias/aws/sns, and nobody can change that key's policy: alarms
# would fail to ring and only their history would say so.
# https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
_NOT_ENCRYPTED = (
    "alarms cannot publish to a topic encrypted with AWS's own key; a message holds the alarm's "
    "name, threshold and description, and nothing of any log"
)


def alarm_topic(
    template: Template, title: str, *, shown_as: AWSHelperFn, emails: Sequence[AWSHelperFn]
) -> sns.Topic:
    """A topic that alarms of this account can ring, nobody can over plain HTTP.

    Each address gets a mail whose link has to be followed, within two days, before it is told of
    anything. Whoever needs encryption at rest uses a topic with a customer managed key instead.
    https://aws.amazon.com/about-aws/whats-new/2023/05/amazon-sns-automatic-deletion-unconfirmed-subscriptions/
    """
    topic = template.add_resource(
        sns.Topic(
            title,
            Metadata=reasons(accepted={"CKV_AWS_26": _NOT_ENCRYPTED}),
            # The sender of its mails.
            DisplayName=shown_as,
        )
    )
    for number, email in enumerate(emails, start=1):
        template.add_resource(
            sns.SubscriptionResource(
                f"{title}Email{number}", TopicArn=Ref(topic), Protocol="email", Endpoint=email
            )
        )
    _policy(template, topic)
    return topic


def _policy(template: Template, topic: sns.Topic) -> None:
    template.add_resource(
        sns.TopicPolicy(
            f"{topic.title}Policy",
            Topics=[Ref(topic)],
            PolicyDocument=PolicyDocument(
                Version="2012-10-17", Statement=[_alarms(topic), _encrypted_transport(topic)]
            ),
        )
    )


def _alarms(topic: sns.Topic) -> Statement:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html."""
    return Statement(
        Sid="Alarms",
        Effect=Allow,
        Principal=Principal("Service", "cloudwatch.amazonaws.com"),
        Action=[Publish],
        Resource=[Ref(topic)],
        Condition=Condition(
            [
                ArnLike("aws:SourceArn", arn("cloudwatch", "alarm:*")),
                StringEquals("aws:SourceAccount", Ref("AWS::AccountId")),
            ]
        ),
    )


def _encrypted_transport(topic: sns.Topic) -> Statement:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html."""
    return Statement(
        Sid="NoPlainHttp",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[Publish],
        Resource=[Ref(topic)],
        Condition=Condition(Bool("aws:SecureTransport", "false")),
    )
