"""A stack of what is watched alone, for each trigger, and what to look up in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from troposphere import Ref, awslambda, events, logs, sqs

from infra import rules
from infra.config import LogProcessorOperations
from infra.model import Stack
from infra.naming import ENVIRONMENT_NAME_LIMIT
from infra.stacks.draft import Draft
from infra.stacks.log_processor_watch import Watched, watch
from tests.templates.dashboard_body import substituted
from tests.templates.test_rules import resources_of

PARTS = {
    "queue": {"queue", "dead letters", "limit"},
    "direct": {"dead letters"},
    "direct, with nothing around it": set[str](),
    "eventbridge to the queue": {"queue", "dead letters", "limit", "rule"},
    "eventbridge to the function": {"dead letters", "limit", "rule"},
}
"""What each trigger has."""


def watched_stack(trigger: str, timeout: int = 120, **operations: Any) -> Stack:
    """A stack of nothing but the parts that a trigger has, and what watches them."""
    draft, parts = Draft("log-processor", "What is watched"), PARTS[trigger]
    template = draft.template
    function = awslambda.Function(
        "ProcessorFunction",
        Code=awslambda.Code(ZipFile="handle = print"),
        Handler="index.handle",
        Runtime="python3.13",
        Role="arn:aws:iam::123456789012:role/function",
        Timeout=timeout,
    )
    queue = sqs.Queue("LogQueue", VisibilityTimeout=6 * timeout)
    letters = sqs.Queue("LogDeadLetterQueue")
    rule = events.Rule("LogRule", EventPattern={"source": ["aws.s3"]})
    watched = Watched(
        function=template.add_resource(function),
        log_group=template.add_resource(logs.LogGroup("ProcessorLogGroup", RetentionInDays=7)),
        timeout_seconds=timeout,
        namespace=draft.text("MetricsNamespace", "Logs", rules.METRICS_NAMESPACE, "Namespace"),
        bucket=draft.text("LogBucketName", "logs", rules.BUCKET_NAME, "Bucket"),
        key_prefix=draft.text("KeyPrefix", "elb/", rules.KEY_PREFIX_WITH_SLASH, "Prefix"),
        queue=template.add_resource(queue) if "queue" in parts else None,
        dead_letters=template.add_resource(letters) if "dead letters" in parts else None,
        concurrency=(
            draft.number("MaximumConcurrency", 5, "At once", minimum=2, maximum=1000)
            if "limit" in parts
            else None
        ),
        rule=template.add_resource(rule) if "rule" in parts else None,
    )
    watch(draft, LogProcessorOperations.model_validate(operations), watched)
    # What the stack itself does with these two is not looked at here.
    draft.output("Prefix", Ref("KeyPrefix"), "Prefix")
    draft.output("Bucket", Ref("LogBucketName"), "Bucket")
    return draft.finish("test")


def alarms_of(stack: Stack) -> dict[str, dict[str, Any]]:
    """Properties of each alarm, by the end of its name."""
    return {
        one["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-"): one
        for one in resources_of(stack, "AWS::CloudWatch::Alarm").values()
    }


def values_of(stack: Stack) -> dict[str, str]:
    """What every placeholder of the stack becomes, at its longest, with the settings' values."""
    name = f"{'e' * ENVIRONMENT_NAME_LIMIT}-{stack.id}"
    here = "eu-west-1:123456789012"
    found = {
        "AWS::StackName": name,
        "AWS::Region": "eu-west-1",
        "AWS::AccountId": "123456789012",
        **stack.parameters,
    }
    for title in stack.template["Resources"]:
        found |= {
            title: "p" * 64,
            f"{title}.Arn": f"arn:aws:sqs:{here}:{'q' * 80}",
            f"{title}.QueueName": "q" * 80,
        }
    for title in resources_of(stack, "AWS::CloudWatch::Alarm"):
        found[f"{title}.Arn"] = f"arn:aws:cloudwatch:{here}:alarm:{name}-{title}"
    return found


def text_of(value: Any, values: Mapping[str, str]) -> str:
    return value if isinstance(value, str) else substituted(value["Fn::Sub"], values)


def body_of(stack: Stack) -> str:
    """The dashboard's body as CloudWatch gets it."""
    (dashboard,) = resources_of(stack, "AWS::CloudWatch::Dashboard").values()
    return text_of(dashboard["DashboardBody"], values_of(stack))
