"""The settings of how a stack is watched and protected: alarms, who is told, dashboard."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, Strict, ValidationInfo, field_validator

from infra.config.values import Emails, MinutesOrNever, Settings, TopicArn, refusal

Count = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]


class Operations(Settings):
    """What is the same for every stack that is watched."""

    alarms: bool = Field(default=True, description="whether there are alarms: true or false")
    topic_arn: TopicArn | None = Field(
        default=None,
        description="the ARN of a standard SNS topic of this region that alarms may publish to; "
        "without it the stack makes one",
    )
    emails: Emails = Field(
        default=(),
        description="up to 10 addresses that the topic which the stack makes sends mail to, each "
        "once its owner has followed the link in the first one",
    )
    dashboard: bool = Field(
        default=True, description="whether there is a CloudWatch dashboard: true or false"
    )
    protected: bool = Field(
        default=True,
        description="whether CloudFormation refuses to delete the stack, and updates that would "
        "delete or replace what holds data: true or false",
    )

    @field_validator("topic_arn", "emails", "thresholds", check_fields=False)
    @classmethod
    def _goes_with_alarms(cls, value: Any, info: ValidationInfo) -> Any:
        if value and not info.data.get("alarms", True):
            raise refusal("only with alarms: true")
        return value

    @field_validator("emails")
    @classmethod
    def _goes_with_a_topic_of_ours(
        cls, value: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        if value and info.data.get("topic_arn") is not None:
            raise refusal("none with topic_arn: whoever has that topic subscribes to it")
        return value


class LogProcessorThresholds(Settings):
    """From when on the log processor's alarms ring."""

    no_logs_minutes: MinutesOrNever = Field(
        # Classic load balancers write once in 60 minutes by default; two of them must have passed.
        # https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_AccessLog.html
        default=120,
        description="minutes without any log that reached Logstash, 10 to 1440, or never",
    )
    errors: Count = Field(
        default=1, description="invocations that end in an error, in 5 minutes, 1 or more"
    )
    throttles: Count = Field(
        default=1, description="invocations refused, in each 5 of 15 minutes, 1 or more"
    )
    failed_attempts: Count = Field(
        default=1,
        description="attempts at an object that fail, in 5 minutes twice of 15, 1 or more",
    )
    rejected_lines: Count = Field(
        default=1, description="lines that fit no format, in 5 minutes, 1 or more"
    )
    duration_percent: Annotated[int, Strict(), Field(ge=10, le=99)] = Field(
        default=80, description="of the function's timeout that invocations take, 10 to 99"
    )
    concurrency_minutes: Annotated[int, Strict(), Field(ge=5, le=1440)] = Field(
        default=30, description="minutes without a pause at the most invocations at once, 5 to 1440"
    )
    log_lag_minutes: Annotated[int, Strict(), Field(ge=10, le=100_000)] = Field(
        default=120,
        description="minutes from a log's youngest line until it has reached Logstash, in half of "
        "all objects, 10 or more",
    )
    # A queue keeps a message for 4 days: none gets older.
    queue_age_minutes: Annotated[int, Strict(), Field(ge=5, le=5759)] | None = Field(
        default=None,
        description="minutes that a log waits in the queue, 5 to 5759; by default twice as long "
        "as one that failed waits for its next attempt",
    )
    event_age_minutes: Annotated[int, Strict(), Field(ge=1, le=359)] | None = Field(
        default=None,
        description="minutes that a log waits for the function where there is no queue, 1 to 359; "
        "by default 30, and no more than half of asynchronous.maximum_age_seconds",
    )

    def without_effect(self, *, queue: bool, given_up_seconds: int) -> str | None:
        """Why one of them could never ring, None if each can."""
        if queue and self.event_age_minutes is not None:
            return "no thresholds.event_age_minutes with the trigger queue: queue_age_minutes"
        if not queue and self.queue_age_minutes is not None:
            return "thresholds.queue_age_minutes only with the trigger queue: event_age_minutes"
        if not queue and 60 * (self.event_age_minutes or 0) >= given_up_seconds:
            return (
                f"thresholds.event_age_minutes of less than {given_up_seconds} seconds, after "
                "which an event is given up (asynchronous.maximum_age_seconds)"
            )
        return None


class LogProcessorOperations(Operations):
    """How the log processor is watched."""

    thresholds: LogProcessorThresholds = Field(
        default_factory=LogProcessorThresholds, description="from when on alarms ring"
    )
