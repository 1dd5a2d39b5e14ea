"""Alarms of what the function says itself of the logs: none came, or failed, or was late."""

from __future__ import annotations

from collections.abc import Iterator

from troposphere import Ref

from infra.blocks.alarms import Alarm
from infra.blocks.references import embedded
from infra.config import LogProcessorThresholds
from infra.rules import SILENT_MINUTES
from infra.stacks.draft import Draft
from infra.stacks.log_processor_watch.handles import Watched
from infra.stacks.log_processor_watch.thresholds import FIVE_MINUTES, MINUTE, counted, seconds


def alarms(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Iterator[Alarm]:
    """The alarms over the function's own metrics."""
    if thresholds.no_logs_minutes != "never":
        yield _no_logs(draft, thresholds.no_logs_minutes, watched)
    yield _failed_attempts(draft, thresholds, watched)
    yield _rejected_lines(draft, thresholds, watched)
    yield _log_lag(draft, thresholds, watched)


def _no_logs(draft: Draft, minutes: int, watched: Watched) -> Alarm:
    """Of all metrics the one at the way's end: whatever stops on the way, it stops as well."""
    period = draft.number(
        "NoLogsMinutes",
        minutes,
        "Minutes without any log that reached Logstash, after which an alarm rings",
        minimum=SILENT_MINUTES[0],
        maximum=SILENT_MINUTES[1],
    )
    return Alarm(
        title="NoLogs",
        description=f"No log has reached Logstash for {embedded(period)} minutes. Where other "
        "alarms of this stack ring too, begin with them. Where none does, nothing comes in. First "
        f"see when the last object came: aws s3 ls {_today(watched)} | sort | tail -1. Are logs "
        "still switched on at the load balancers (access_logs.s3.enabled), with this bucket and "
        "prefix? Is the bucket's policy still the template's? After the stack was made it rings "
        "until the first log.",
        metric=watched.own("ObjectsDelivered"),
        statistic="Sum",
        breach="below",
        threshold=1,
        period_seconds=MINUTE,
        periods=period,
        no_data="bad",
    )


def _today(watched: Watched) -> str:
    """Where load balancers write today: to list the whole bucket could take hours.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
    """
    bucket, prefix = embedded(watched.bucket), embedded(watched.key_prefix)
    logs = f"s3://{bucket}/{prefix}AWSLogs/${{AWS::AccountId}}/elasticloadbalancing"
    return f"{logs}/${{AWS::Region}}/$(date -u +%Y/%m/%d)/"


def _failed_attempts(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Alarm:
    return Alarm(
        title="FailedAttempts",
        description="Attempts at log objects fail again and again: most likely Logstash is out of "
        "reach, refuses, or does not confirm. The objects wait and are tried again. First read the "
        "error in the dashboard's table, or in the log group "
        f"{embedded(Ref(watched.log_group))}: it names the address and the reason. Then go "
        "outwards from Logstash: does its input listen, is its queue full, do routes and security "
        "groups still let the function's subnets through?",
        metric=watched.own("ObjectsFailed"),
        statistic="Sum",
        breach="at least",
        threshold=counted(
            draft, "FailedAttempts", thresholds.failed_attempts, "Attempts at objects that fail"
        ),
        period_seconds=FIVE_MINUTES,
        # One failure is mended by the next attempt; what stays is told.
        periods=3,
        breaching=2,
        no_data="good",
    )


def _rejected_lines(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Alarm:
    return Alarm(
        title="RejectedLines",
        description="Lines fit no known format and did not go to Logstash; the other lines did. "
        f"They are kept below state/rejected/ in {embedded(watched.bucket)}, with the reason. "
        "First look at the reasons in the dashboard's table. The same one for every line means "
        "that AWS has changed a format, or that something else writes into the bucket; a few odd "
        "ones are broken requests, for which the parameter RejectedLinesThreshold may be raised.",
        metric=watched.own("LinesRejected"),
        statistic="Sum",
        breach="at least",
        threshold=counted(
            draft, "RejectedLines", thresholds.rejected_lines, "Lines that fit no format"
        ),
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )


def _log_lag(draft: Draft, thresholds: LogProcessorThresholds, watched: Watched) -> Alarm:
    """The median: an old object that is sent through once more is not late."""
    return Alarm(
        title="LogLag",
        description="Logs reach Logstash late, counted from their youngest line. First see whether "
        "the other alarms of this stack ring too: then the cause is theirs. If none does, the load "
        "balancers deliver late (see AWS's health dashboard), or old logs are being sent through "
        "again, which is no fault.",
        metric=watched.own("LogLag"),
        statistic="p50",
        breach="at least",
        threshold=seconds(
            draft,
            "LogLag",
            MINUTE * thresholds.log_lag_minutes,
            "from a log's youngest line until Logstash has it",
            maximum=MINUTE * 100_000,
        ),
        period_seconds=3 * FIVE_MINUTES,
        periods=1,
        no_data="good",
    )
