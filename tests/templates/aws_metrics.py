"""The metrics that AWS keeps by itself, as its documentation names them, as far as we use them."""

from __future__ import annotations

from lambda_src.log_processor.metrics import UNITS

Key = tuple[str, str, tuple[str, ...]]
"""Namespace, name, and the names of the dimensions, sorted."""


def _of(namespace: str, dimensions: tuple[str, ...], names: str) -> set[Key]:
    return {(namespace, name, dimensions) for name in names.split()}


# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html (dimensions)
LAMBDA = _of(
    "AWS/Lambda",
    ("FunctionName",),
    "Invocations Errors DeadLetterErrors DestinationDeliveryFailures Throttles Duration "
    "ConcurrentExecutions AsyncEventsReceived AsyncEventAge AsyncEventsDropped",
)

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
SQS = _of(
    "AWS/SQS",
    ("QueueName",),
    "ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesDelayed "
    "ApproximateNumberOfMessagesNotVisible ApproximateNumberOfMessagesVisible "
    "NumberOfEmptyReceives NumberOfMessagesDeleted NumberOfMessagesReceived "
    "NumberOfMessagesSent SentMessageSize",
)

# Once a day: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
S3 = _of("AWS/S3", ("BucketName", "StorageType"), "NumberOfObjects BucketSizeBytes")

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
EVENTBRIDGE = _of(
    "AWS/Events",
    ("RuleName",),
    "MatchedEvents TriggeredRules Invocations FailedInvocations ThrottledRules "
    "InvocationsSentToDlq InvocationsFailedToBeSentToDlq",
)


def known(namespace: str) -> set[Key]:
    """All of them, and what the function writes into this namespace."""
    own = {(namespace, name, ("FunctionName",)) for name in UNITS}
    return LAMBDA | SQS | S3 | EVENTBRIDGE | own
