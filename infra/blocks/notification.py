"""Who is told of the objects in a bucket, and the right to be told: S3 tries it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from troposphere import AWSHelperFn, AWSObject, GetAtt, Template, awslambda, s3

EVENTBRIDGE: Literal["eventbridge"] = "eventbridge"

CREATED = "s3:ObjectCreated:*"
"""Load balancers write with PutObject, POST and multipart upload."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A queue or a function that is told of objects."""

    type: Literal["queue", "function"]
    arn: AWSHelperFn
    prefix: AWSHelperFn | str
    """Of the keys of the objects; all if empty."""
    admission: AWSObject
    """Lets S3 send to it: the queue's policy or the function's permission. S3 tries it at once."""


def configuration(told: Told | Literal["eventbridge"]) -> s3.NotificationConfiguration:
    """The same as the property of a bucket that the template makes."""
    if told == EVENTBRIDGE:
        return s3.NotificationConfiguration(
            EventBridgeConfiguration=s3.EventBridgeConfiguration(EventBridgeEnabled=True)
        )
    key = s3.S3Key(Rules=[s3.Rules(Name="prefix", Value=told.prefix)])
    common: dict[str, Any] = {"Event": CREATED, "Filter": s3.Filter(S3Key=key)}
    if told.type == "queue":
        queues = [s3.QueueConfigurations(Queue=told.arn, **common)]
        return s3.NotificationConfiguration(QueueConfigurations=queues)
    functions = [s3.LambdaConfigurations(Function=told.arn, **common)]
    return s3.NotificationConfiguration(LambdaConfigurations=functions)


def permit_bucket(
    template: Template,
    function: awslambda.Function,
    *,
    bucket_arn: AWSHelperFn,
    owner: AWSHelperFn | str,
) -> awslambda.Permission:
    """S3 may invoke the function, for that bucket of that account and for no other.

    The ARN alone is not enough: a deleted bucket's name can come back in another account.
    https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html
    """
    return _permission(
        template,
        f"{function.title}BucketPermission",
        function,
        {"Principal": "s3.amazonaws.com", "SourceArn": bucket_arn, "SourceAccount": owner},
    )


def permit_rule(
    template: Template, function: awslambda.Function, *, rule_arn: AWSHelperFn
) -> awslambda.Permission:
    """EventBridge may invoke the function, for that rule and for no other.

    A rule's ARN names its account.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """
    return _permission(
        template,
        f"{function.title}RulePermission",
        function,
        {"Principal": "events.amazonaws.com", "SourceArn": rule_arn},
    )


def _permission(
    template: Template,
    title: str,
    function: awslambda.Function,
    source: Mapping[str, Any],
) -> awslambda.Permission:
    return template.add_resource(
        awslambda.Permission(
            title,
            Action="lambda:InvokeFunction",
            FunctionName=GetAtt(function, "Arn"),
            **source,
        )
    )
