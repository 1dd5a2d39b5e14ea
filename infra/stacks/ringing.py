"""The topic that a stack's alarms ring: somebody else's, another stack's, or one of its own."""

from __future__ import annotations

from troposphere import AWSHelperFn, Ref

from infra import rules
from infra.blocks.topic import alarm_topic
from infra.config import Operations
from infra.model import Value
from infra.stacks.draft import Draft

OUTPUT = "AlarmTopicArn"


def topic_of(draft: Draft, settings: Operations, shared: Value | None = None) -> AWSHelperFn:
    """The ARN of the topic, which an output tells as well.

    `shared` is what another stack of the environment tells; what the settings say stands above
    it: a topic, or addresses, which need a topic of the stack's own.
    """
    given = settings.topic_arn or (None if settings.emails else shared)
    if given is None:
        emails = [
            draft.text(
                f"AlarmEmail{number}",
                email,
                rules.EMAIL,
                "Address that is told of alarms, once its owner has agreed by mail",
            )
            for number, email in enumerate(settings.emails, start=1)
        ]
        topic = Ref(
            alarm_topic(draft.template, "AlarmTopic", shown_as=Ref("AWS::StackName"), emails=emails)
        )
    else:
        topic = draft.text(OUTPUT, given, rules.TOPIC_ARN, "SNS topic that alarms ring")
    draft.output(OUTPUT, topic, "SNS topic that alarms ring; subscribe whoever is to be told")
    return topic
