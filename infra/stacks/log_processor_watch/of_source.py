"""Alarms of what stands before the function: the queue, or the events that Lambda keeps itself."""

from __future__ import annotations

from collections.abc import Iterator

from troposphere import GetAtt, Ref, events, sqs

from infra.blocks.alarms import Alarm
from infra.blocks.references import embedded
from infra.config import LogProcessorThresholds
from infra.stacks.draft import Draft
from infra.stacks.log_processor_watch.handles import Watched, of_queue, of_rule
from infra.stacks.log_processor_watch.thresholds import FIVE_MINUTES, MINUTE, seconds

_TWO_WEEKS = 14 * 24 * 60 * MINUTE


def alarms(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Iterator[Alarm]:
    """The alarms over what waits for the function, and what was given up."""
    if watched.queue is not None:
        yield _queue_age(draft, thresholds, watched, watched.queue)
    if watched.dead_letters is not None:
        yield _dead_letters(watched, watched.dead_letters)
    if watched.queue is None:
        yield _event_age(draft, thresholds, watched)
        yield _events_dropped(watched)
        if watched.dead_letters is not None:
            yield _events_lost(watched, watched.dead_letters)
    if watched.rule is not None:
        yield _rule_failures(watched.rule)


def _queue_age(
    draft: Draft, thresholds: LogProcessorThresholds, watched: Watched, queue: sqs.Queue
) -> Alarm:
    hidden: int = queue.properties["VisibilityTimeout"]
    minutes = thresholds.queue_age_minutes
    return Alarm(
        title="QueueAge",
        description=f"A log waits too long in {embedded(GetAtt(queue, 'QueueName'))}: the "
        "function is not called, or fails, or more comes in than gets through. After four days the "
        "queue forgets it (the bucket does not). First see whether failed-attempts or "
        "concurrency-at-limit rings. If neither does: aws lambda list-event-source-mappings "
        f"--function-name {embedded(watched.function_name)} has to show the state Enabled.",
        metric=of_queue(queue, "ApproximateAgeOfOldestMessage"),
        statistic="Maximum",
        breach="at least",
        threshold=seconds(
            draft,
            "QueueAge",
            2 * hidden if minutes is None else MINUTE * minutes,
            "that a log may wait in the queue",
            maximum=_TWO_WEEKS,
        ),
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )


def _dead_letters(watched: Watched, dead_letters: sqs.Queue) -> Alarm:
    """By what is there: SQS does not count what it moves as sent.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    again = (
        "aws lambda invoke --invocation-type Event --function-name "
        f"{embedded(watched.function_name)} --payload takes the requestPayload of a message (or "
        "the whole message, where EventBridge put it there); then delete the message."
        if watched.queue is None
        else "aws sqs start-message-move-task --source-arn "
        f"{embedded(GetAtt(dead_letters, 'Arn'))} sends them through."
    )
    return Alarm(
        title="DeadLetters",
        description="Log objects were given up after several attempts. What names them waits in "
        f"{embedded(GetAtt(dead_letters, 'QueueName'))} until two weeks after they came; they "
        "themselves are in the bucket. First find out why: in the log group "
        f"{embedded(Ref(watched.log_group))} the outcome is failed, and error says what was "
        f"wrong. When that is mended, try them again: {again}",
        metric=of_queue(dead_letters, "ApproximateNumberOfMessagesVisible"),
        statistic="Maximum",
        breach="at least",
        threshold=1,
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )


def _event_age(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Alarm:
    """https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html."""
    return Alarm(
        title="EventAge",
        description="Lambda waits too long before it calls "
        f"{embedded(watched.function_name)} with an event: attempts fail, or are refused. When it "
        "is older than MaximumEventAge says, Lambda gives it up. First see whether "
        "failed-attempts, throttles or concurrency-at-limit rings: the cause is theirs.",
        metric=watched.of_lambda("AsyncEventAge"),
        statistic="Maximum",
        breach="at least",
        threshold=draft.number(
            "EventAgeThreshold",
            1000 * _event_seconds(thresholds, watched),
            "Milliseconds that an event may wait for the function before an alarm rings",
            minimum=1,
            maximum=6 * 60 * MINUTE * 1000,
        ),
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )


def _event_seconds(thresholds: LogProcessorThresholds, watched: Watched) -> int:
    if thresholds.event_age_minutes is not None:
        return MINUTE * thresholds.event_age_minutes
    return min(30 * MINUTE, watched.given_up_seconds // 2)


def _events_dropped(watched: Watched) -> Alarm:
    where = (
        "They are lost: the objects are in the bucket, send them with infra forward"
        if watched.dead_letters is None
        else "They are among the dead letters, unless events-lost rings as well"
    )
    return Alarm(
        title="EventsDropped",
        description=f"Lambda has given up events for {embedded(watched.function_name)}, after all "
        f"attempts or because they were too old. {where}. First find out why in the log group "
        f"{embedded(Ref(watched.log_group))}: the outcome is failed, and error says what was "
        "wrong.",
        metric=watched.of_lambda("AsyncEventsDropped"),
        statistic="Sum",
        breach="at least",
        threshold=1,
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )


def _events_lost(watched: Watched, dead_letters: sqs.Queue) -> Alarm:
    return Alarm(
        title="EventsLost",
        description="Lambda could not keep an event that it had given up: nobody will try that "
        f"object again. First see whether {embedded(GetAtt(dead_letters, 'QueueName'))} is "
        f"there, and whether the role of {embedded(watched.function_name)} may send to it. "
        f"The objects are in {embedded(watched.bucket)}: send those that came when the metric "
        "shows it with infra forward.",
        metric=watched.of_lambda("DestinationDeliveryFailures"),
        statistic="Sum",
        breach="at least",
        threshold=1,
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )


def _rule_failures(rule: events.Rule) -> Alarm:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html."""
    return Alarm(
        title="RuleFailures",
        description=f"EventBridge could not hand on what the rule {embedded(Ref(rule))} matched, "
        "so objects are not processed. First see whether the rule's target is there and still "
        "permits EventBridge to call it or to send to it. What was not handed on is among the dead "
        "letters, if dead-letters rings too; if not, send the objects that came when the metric "
        "shows it with infra forward: they are in the bucket.",
        metric=of_rule(rule, "FailedInvocations"),
        statistic="Sum",
        breach="at least",
        threshold=1,
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )
