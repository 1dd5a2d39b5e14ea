"""What of a log processor is watched, and the metrics of each part."""

from __future__ import annotations

from dataclasses import dataclass

from troposphere import AWSHelperFn, GetAtt, Ref, awslambda, events, logs, sqs

from infra.blocks.metrics import Metric


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The parts of a log processor; None is what its trigger does without."""

    function: awslambda.Function
    log_group: logs.LogGroup
    timeout_seconds: int
    namespace: AWSHelperFn
    """Of the function's own metrics."""
    bucket: AWSHelperFn
    """The name of the bucket that the logs are in."""
    key_prefix: AWSHelperFn
    """What stands before AWSLogs/ in their keys, with its slash."""
    queue: sqs.Queue | None
    """Between bucket and function; without it Lambda keeps the events itself."""
    dead_letters: sqs.Queue | None
    """What was given up: the queue's dead letters, or where Lambda puts events on failure."""
    concurrency: AWSHelperFn | None
    """The most invocations at once, where there is such a limit."""
    given_up_seconds: int = 6 * 60 * 60
    """After which Lambda gives up an event that it keeps itself."""
    rule: events.Rule | None = None
    """The rule of EventBridge that hands the bucket's events on."""

    @property
    def function_name(self) -> Ref:
        """The function's name."""
        return Ref(self.function)

    def of_lambda(self, name: str) -> Metric:
        """A metric that Lambda keeps of the function."""
        return self._of_function("AWS/Lambda", name)

    def own(self, name: str) -> Metric:
        """A metric that the function writes itself: see `lambda_src/log_processor/metrics.py`."""
        return self._of_function(self.namespace, name)

    def of_bucket(self, name: str) -> Metric:
        """A metric that S3 keeps of the bucket, once a day."""
        return Metric(
            namespace="AWS/S3",
            name=name,
            dimensions={"BucketName": self.bucket, "StorageType": "AllStorageTypes"},
        )

    def _of_function(self, namespace: str | AWSHelperFn, name: str) -> Metric:
        return Metric(
            namespace=namespace, name=name, dimensions={"FunctionName": self.function_name}
        )


def of_queue(queue: sqs.Queue, name: str) -> Metric:
    """A metric that SQS keeps of a queue."""
    return Metric(
        namespace="AWS/SQS", name=name, dimensions={"QueueName": GetAtt(queue, "QueueName")}
    )


def of_rule(rule: events.Rule, name: str) -> Metric:
    """A metric that EventBridge keeps of a rule of the default bus."""
    return Metric(namespace="AWS/Events", name=name, dimensions={"RuleName": Ref(rule)})
