"""The log processor's dashboard: the whole way, from the bucket at the top to Logstash below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from troposphere import AWSHelperFn, GetAtt, Ref, cloudwatch

from infra.blocks.dashboard import (
    Computed,
    Limit,
    Line,
    Widget,
    alarm_states,
    graph,
    log_table,
    text,
)
from infra.blocks.metrics import Metric
from infra.stacks.log_processor_watch.handles import Watched, of_queue, of_rule

Alarms = Mapping[str, cloudwatch.Alarm]
"""Those that were made, by title."""

_DAY_SECONDS = 24 * 60 * 60

# Summary lines: lambda_src/log_processor/summaries.py. Lambda's own reports of an invocation:
# https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
_LAST = "sort @timestamp desc | limit 20"
_REJECTIONS = (
    "fields @timestamp, key, rejected, rejections.0.offset as offset, rejections.0.reason as reason"
    f" | filter rejected > 0 | {_LAST}"
)
_ERRORS = (
    "fields @timestamp, coalesce(key, messageId, record.requestId) as what, attempt, "
    "coalesce(error, record.errorType, record.status) as why"
    ' | filter level = "ERROR" or record.status in ["error", "failure", "timeout"]'
    f" | {_LAST}"
)


def rows(watched: Watched, alarms: Alarms) -> list[list[Widget]]:
    """What is shown, row by row."""
    states = [GetAtt(each, "Arn") for each in alarms.values()]
    return [
        [text(_introduction(watched), height=2)],
        *([[alarm_states("Alarms", states, height=4)]] if states else []),
        _arriving(watched, alarms),
        _function(watched, alarms),
        _lines(watched, alarms),
        _logstash(watched, alarms),
        [
            log_table("Lines rejected last, the first of each object", _log(watched), _REJECTIONS),
            log_table("What failed last", _log(watched), _ERRORS),
        ],
    ]


def _introduction(watched: Watched) -> str:
    middle = "Lambda's own queue" if watched.queue is None else "queue"
    return (
        f"Load balancers > bucket > {middle} > function > Logstash, from top to bottom. "
        "Made by CloudFormation: what is changed here is lost with the stack's next update."
    )


def _arriving(watched: Watched, alarms: Alarms) -> list[Widget]:
    before = _events(watched, alarms) if watched.queue is None else _messages(watched, alarms)
    if watched.dead_letters is not None:
        visible = of_queue(watched.dead_letters, "ApproximateNumberOfMessagesVisible")
        before.append(graph("Given up", _line(visible, "dead letters", "Maximum")))
    stored = _line(watched.of_bucket("NumberOfObjects"), "objects, counted once a day", "Average")
    return [*before, graph("Bucket", stored, period_seconds=_DAY_SECONDS)]


def _messages(watched: Watched, alarms: Alarms) -> list[Widget]:
    assert watched.queue is not None
    sent, deleted, visible, hidden, age = (
        of_queue(watched.queue, name)
        for name in (
            "NumberOfMessagesSent",
            "NumberOfMessagesDeleted",
            "ApproximateNumberOfMessagesVisible",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateAgeOfOldestMessage",
        )
    )
    return [
        graph(
            "Objects arriving",
            *_rule_lines(watched),
            _line(sent, "announced by S3", "Sum"),
            _line(deleted, "done with", "Sum"),
        ),
        graph(
            "Waiting",
            _line(visible, "waiting", "Maximum"),
            _line(hidden, "being worked on, or to be tried again", "Maximum"),
            _line(age, "age of the oldest (s, right)", "Maximum", right=True),
            limits=_limit(alarms, "QueueAge", "alarm: age", right=True),
        ),
    ]


def _events(watched: Watched, alarms: Alarms) -> list[Widget]:
    return [
        graph(
            "Objects arriving",
            *_rule_lines(watched),
            _line(watched.of_lambda("AsyncEventsReceived"), "announced", "Sum"),
            _line(watched.of_lambda("AsyncEventsDropped"), "given up", "Sum"),
            _line(watched.of_lambda("DestinationDeliveryFailures"), "lost", "Sum"),
        ),
        graph(
            "Waiting",
            _line(watched.of_lambda("AsyncEventAge"), "age of events (ms)", "Maximum"),
            limits=_limit(alarms, "EventAge", "alarm"),
        ),
    ]


def _rule_lines(watched: Watched) -> list[Line]:
    if watched.rule is None:
        return []
    return [
        _line(of_rule(watched.rule, "MatchedEvents"), "matched by EventBridge", "Sum"),
        _line(of_rule(watched.rule, "FailedInvocations"), "not handed on", "Sum"),
    ]


def _function(watched: Watched, alarms: Alarms) -> list[Widget]:
    calls = (("Invocations", "invocations"), ("Errors", "errors"), ("Throttles", "throttled"))
    duration = watched.of_lambda("Duration")
    timeout = Limit(label="timeout", value=1000 * watched.timeout_seconds)
    running = _line(watched.of_lambda("ConcurrentExecutions"), "invocations at once", "Maximum")
    limits = (
        [] if watched.concurrency is None else [Limit(label="limit", value=watched.concurrency)]
    )
    return [
        graph("Function", *(_line(watched.of_lambda(name), label, "Sum") for name, label in calls)),
        graph(
            "Duration (ms)",
            _line(duration, "half of them", "p50"),
            _line(duration, "99 % of them", "p99"),
            _line(duration, "the slowest", "Maximum"),
            limits=[timeout, *_limit(alarms, "Duration", "alarm: 99 %")],
        ),
        graph("Concurrency", running, limits=limits),
    ]


def _lines(watched: Watched, alarms: Alarms) -> list[Widget]:
    """`unaccounted` is what the books would lack; it is zero unless they are wrong."""
    lines = ("Read", "Delivered", "Filtered", "Rejected", "Unconfirmed")
    objects = ("Delivered", "Unfinished", "Failed", "Skipped")
    return [
        graph(
            "Lines",
            *(_line(watched.own(f"Lines{each}"), each.lower(), "Sum") for each in lines),
            Computed(expression="m1-m2-m3-m4-m5", label="unaccounted"),
        ),
        graph(
            "Objects",
            *(_line(watched.own(f"Objects{each}"), each.lower(), "Sum") for each in objects),
        ),
        graph(
            "Lines rejected",
            _line(watched.own("LinesRejected"), "rejected", "Sum"),
            _line(watched.own("ExtraFields"), "fields beyond the known columns", "Sum"),
            limits=_limit(alarms, "RejectedLines", "alarm: rejected"),
        ),
    ]


def _logstash(watched: Watched, alarms: Alarms) -> list[Widget]:
    lag, phases = watched.own("LogLag"), ("Reading", "Parsing", "Delivering", "Keeping")
    return [
        graph(
            "To Logstash",
            _line(watched.own("Batches"), "batches", "Sum"),
            _line(watched.own("Retries"), "sent once more", "Sum"),
            _line(watched.own("BytesDelivered"), "bytes (right)", "Sum", right=True),
        ),
        graph(
            "Behind (s)",
            _line(lag, "since the youngest line, half of the objects", "p50"),
            _line(lag, "since the youngest line, the latest object", "Maximum"),
            _line(watched.own("EventLag"), "since S3 announced it, the latest", "Maximum"),
            limits=_limit(alarms, "LogLag", "alarm: half"),
        ),
        graph(
            "What the time is spent on (s)",
            *(_line(watched.own(f"Duration{each}"), each.lower(), "Sum") for each in phases),
            stacked=True,
        ),
    ]


def _line(metric: Metric, label: str, statistic: str, *, right: bool = False) -> Line:
    return Line(metric=metric, label=label, statistic=statistic, right=right)


def _limit(alarms: Alarms, title: str, label: str, *, right: bool = False) -> Sequence[Limit]:
    """Where the alarm of this title rings, if there is one."""
    if title not in alarms:
        return ()
    threshold: float | AWSHelperFn = alarms[title].properties["Threshold"]
    return [Limit(label=label, value=threshold, right=right)]


def _log(watched: Watched) -> Ref:
    return Ref(watched.log_group)
