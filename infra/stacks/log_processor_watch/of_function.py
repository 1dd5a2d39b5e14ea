"""Alarms of how Lambda runs the function: errors, throttles, time, concurrency."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from troposphere import AWSHelperFn, Ref

from infra.blocks.alarms import Alarm
from infra.blocks.references import embedded
from infra.config import LogProcessorThresholds
from infra.stacks.draft import Draft
from infra.stacks.log_processor_watch.handles import Watched
from infra.stacks.log_processor_watch.thresholds import FIVE_MINUTES, MINUTE, counted


def alarms(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Iterator[Alarm]:
    """The alarms over what Lambda measures of every function."""
    yield _errors(draft, thresholds, watched)
    yield _throttles(draft, thresholds, watched)
    yield _duration(draft, thresholds, watched)
    if watched.concurrency is not None:
        yield _concurrency(draft, thresholds, watched, watched.concurrency)


def _errors(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Alarm:
    return Alarm(
        title="Errors",
        description=f"Invocations of {embedded(watched.function_name)} ended in an error: it "
        "crashed, ran out of time or memory, or lacks a permission"
        f"{', or could not deliver' if watched.queue is None else ''}. The objects are tried "
        "again, so nothing is lost yet. First look into the log group "
        f"{embedded(Ref(watched.log_group))} for the level ERROR and for reports whose status is "
        "error or timeout (the dashboard lists them). If the function or its role has just been "
        "changed, go back to the version before.",
        metric=watched.of_lambda("Errors"),
        statistic="Sum",
        breach="at least",
        threshold=counted(draft, "Errors", thresholds.errors, "Invocations that end in an error"),
        period_seconds=FIVE_MINUTES,
        # Lambda counts an invocation in the minute in which it began, and only when it has ended.
        # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
        periods=1 + _periods_of_an_invocation(watched),
        breaching=1,
        no_data="good",
    )


def _throttles(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Alarm:
    return Alarm(
        title="Throttles",
        description="For a quarter of an hour Lambda has refused to start "
        f"{embedded(watched.function_name)}: the concurrency of the function, or of all "
        "functions of this account and region, is used up. Logs wait meanwhile. First compare aws "
        "lambda get-account-settings with the metric ConcurrentExecutions of all functions; then "
        "have the quota raised, or stop what uses it up.",
        metric=watched.of_lambda("Throttles"),
        statistic="Sum",
        breach="at least",
        threshold=counted(draft, "Throttles", thresholds.throttles, "Invocations refused"),
        period_seconds=FIVE_MINUTES,
        periods=3,
        no_data="good",
    )


def _duration(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Alarm:
    return Alarm(
        title="Duration",
        description="For a quarter of an hour the slowest invocations of "
        f"{embedded(watched.function_name)} have taken nearly all of the {watched.timeout_seconds} "
        "seconds that they have. What does not fit goes on in a later attempt, so it comes late. "
        "First see in the dashboard what the time is spent on: if delivering, Logstash or the way "
        "to it is slow; if parsing, more memory helps, as it brings processor time.",
        metric=watched.of_lambda("Duration"),
        statistic="p99",
        breach="at least",
        threshold=draft.number(
            "DurationThreshold",
            # Percent of seconds, in milliseconds.
            thresholds.duration_percent * watched.timeout_seconds * 10,
            "Milliseconds that the slowest invocations may take before an alarm rings",
            minimum=1,
            maximum=900_000,
        ),
        period_seconds=FIVE_MINUTES,
        periods=3 + _periods_of_an_invocation(watched),
        breaching=3,
        no_data="good",
    )


def _concurrency(
    draft: Draft, thresholds: LogProcessorThresholds, watched: Watched, limit: AWSHelperFn
) -> Alarm:
    """By the minute: load balancers write together, so the limit is reached often, and briefly."""
    minutes = draft.number(
        "ConcurrencyMinutes",
        thresholds.concurrency_minutes,
        "Minutes without a pause at the most invocations at once, after which an alarm rings",
        minimum=5,
        maximum=1440,
    )
    return Alarm(
        title="ConcurrencyAtLimit",
        description=f"For {embedded(minutes)} minutes {embedded(watched.function_name)} has run "
        f"at its limit of {embedded(limit)} invocations at once without a pause: more comes in "
        "than gets through. First see in the dashboard what the time is spent on. If delivering, "
        "Logstash is the bottleneck, and more invocations make it worse; otherwise raise the "
        "limit.",
        metric=watched.of_lambda("ConcurrentExecutions"),
        statistic="Maximum",
        breach="at least",
        threshold=limit,
        period_seconds=MINUTE,
        periods=minutes,
        no_data="good",
    )


def _periods_of_an_invocation(watched: Watched) -> int:
    return ceil(watched.timeout_seconds / FIVE_MINUTES)
