"""Alarms, topic, dashboard and protection of the log processor, looked up in its template."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.config import LogProcessorOperations
from infra.lint.cfn_lint import findings
from infra.lint.references import undefined
from infra.model import Assembly, Output, Stack
from infra.stacks.draft import Draft
from infra.stacks.ringing import topic_of
from tests.templates.aws_metrics import known
from tests.templates.dashboard_body import metrics_of, problems
from tests.templates.test_rules import resources_of, stack_of, with_settings
from tests.templates.watching import PARTS, alarms_of, body_of, text_of, values_of, watched_stack

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"


def number_of(value: Any, stack: Stack) -> int:
    return int(stack.parameters[value["Ref"]]) if isinstance(value, dict) else int(value)


@pytest.fixture(name="stack", params=sorted(PARTS))
def _stack(request: pytest.FixtureRequest) -> Stack:
    return watched_stack(request.param)


EVERYWHERE = {"no-logs", "failed-attempts", "rejected-lines", "log-lag", "errors", "throttles"}
EVERYWHERE |= {"duration"}


@pytest.mark.parametrize(
    ("trigger", "others"),
    [
        ("queue", {"queue-age", "dead-letters", "concurrency-at-limit"}),
        ("direct", {"event-age", "events-dropped", "events-lost", "dead-letters"}),
        ("direct, with nothing around it", {"event-age", "events-dropped"}),
        (
            "eventbridge to the queue",
            {"queue-age", "dead-letters", "concurrency-at-limit", "rule-failures"},
        ),
        (
            "eventbridge to the function",
            {"event-age", "events-dropped", "events-lost", "dead-letters", "rule-failures"}
            | {"concurrency-at-limit"},
        ),
    ],
)
def test_each_trigger_has_the_alarms_of_its_parts(trigger: str, others: set[str]) -> None:
    """What a trigger does without is not watched, and nothing else is left out."""
    assert alarms_of(watched_stack(trigger)).keys() == EVERYWHERE | others


def test_every_metric_that_is_watched_exists(stack: Stack) -> None:
    """A misspelt metric has no data, and an alarm without data is silent for ever."""
    namespace = stack.parameters["MetricsNamespace"]
    alarmed = {
        (
            namespace if one["Namespace"] == {"Ref": "MetricsNamespace"} else one["Namespace"],
            one["MetricName"],
            tuple(sorted(each["Name"] for each in one["Dimensions"])),
        )
        for one in alarms_of(stack).values()
    }
    assert alarmed - known(namespace) == set()
    assert metrics_of(body_of(stack)) - known(namespace) == set()


def test_every_alarm_rings_the_topic_when_it_begins_and_when_it_is_over(stack: Stack) -> None:
    """Nobody has to ask whether it still goes on."""
    topic = [{"Ref": "AlarmTopic"}]
    assert {
        json.dumps([one["AlarmActions"], one["OKActions"]]) for one in alarms_of(stack).values()
    } == {json.dumps([topic, topic])}


def test_only_silence_rings_for_want_of_data(stack: Stack) -> None:
    """Where nothing happens, nothing fails; that nothing happens is the matter of one alarm."""
    bad = [n for n, one in alarms_of(stack).items() if one["TreatMissingData"] != "notBreaching"]
    assert bad == ["no-logs"]


def test_every_alarm_says_what_to_do_first_in_what_cloudwatch_keeps(stack: Stack) -> None:
    """1,024 characters, also with the longest names there are; plain ASCII for every mail."""
    texts = {n: one["AlarmDescription"] for n, one in alarms_of(stack).items()}
    shown = {name: text_of(text, values_of(stack)) for name, text in texts.items()}
    assert [name for name, text in shown.items() if len(text) > 1024] == []
    assert [name for name, text in shown.items() if "First " not in text] == []
    assert [name for name, text in shown.items() if not text.isascii()] == []


def test_no_alarm_looks_back_further_than_cloudwatch_does(stack: Stack) -> None:
    """A day, for periods below an hour, whatever a parameter allows.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    for one in alarms_of(stack).values():
        periods = one["EvaluationPeriods"]
        if isinstance(periods, dict):
            periods = stack.template["Parameters"][periods["Ref"]]["MaxValue"]
        assert one["Period"] in {60, 300, 900}
        assert one["Period"] * periods <= 86_400
        assert one.get("DatapointsToAlarm", 1) <= periods


@pytest.mark.parametrize("timeout", [10, 120, 300, 301, 900])
def test_an_error_is_seen_although_lambda_tells_of_it_late(timeout: int) -> None:
    """It is counted in the minute in which the invocation began, a whole timeout before."""
    alarms = alarms_of(watched_stack("queue", timeout))
    errors, duration = alarms["errors"], alarms["duration"]
    assert errors["Period"] * (errors["EvaluationPeriods"] - 1) >= timeout
    assert errors["DatapointsToAlarm"] == 1
    assert duration["Period"] * (duration["EvaluationPeriods"] - 3) >= timeout


def test_thresholds_are_parameters_in_cloudwatchs_units() -> None:
    """Percent of a timeout in milliseconds, minutes in seconds; by default twice the retry."""
    stack = watched_stack(
        "queue", 300, thresholds={"duration_percent": 90, "log_lag_minutes": 30, "errors": 7}
    )
    alarms = alarms_of(stack)
    assert {
        name: number_of(alarms[name]["Threshold"], stack)
        for name in ("duration", "log-lag", "errors", "queue-age", "concurrency-at-limit")
    } == {
        "duration": 270_000,
        "log-lag": 1_800,
        "errors": 7,
        "queue-age": 2 * 6 * 300,
        "concurrency-at-limit": 5,
    }
    direct = watched_stack("direct", thresholds={"event_age_minutes": 10})
    assert number_of(alarms_of(direct)["event-age"]["Threshold"], direct) == 600_000
    usual = watched_stack("direct")
    assert number_of(alarms_of(usual)["event-age"]["Threshold"], usual) == 1_800_000
    later = watched_stack("queue", thresholds={"queue_age_minutes": 60, "no_logs_minutes": 1440})
    assert number_of(alarms_of(later)["queue-age"]["Threshold"], later) == 3_600
    assert number_of(alarms_of(later)["no-logs"]["EvaluationPeriods"], later) == 1440


def test_an_event_rings_before_it_is_given_up() -> None:
    """By default at half of its time, where that is short."""
    stack = stack_of(
        with_settings(
            log_processor__trigger="direct",
            log_processor__asynchronous={"maximum_age_seconds": 300},
        ),
        "log-processor",
    )
    assert number_of(alarms_of(stack)["event-age"]["Threshold"], stack) == 150_000


def test_every_threshold_lies_within_what_its_parameter_allows() -> None:
    """Also at the bounds that the settings allow."""
    least = {"duration_percent": 10, "event_age_minutes": 1, "log_lag_minutes": 10}
    most = {"duration_percent": 99, "event_age_minutes": 359, "log_lag_minutes": 100_000}
    for trigger in ("queue", "direct"):
        for timeout, thresholds in ((10, least), (900, most)):
            stack = watched_stack(trigger, timeout, thresholds=thresholds)
            for name, one in stack.template["Parameters"].items():
                if one["Type"] == "Number":
                    assert one["MinValue"] <= int(stack.parameters[name]) <= one["MaxValue"], name


def test_silence_is_not_rung_for_where_it_is_usual() -> None:
    """There is no such alarm then, and no parameter of it."""
    stack = watched_stack("queue", thresholds={"no_logs_minutes": "never"})
    assert "no-logs" not in alarms_of(stack)
    assert "NoLogsMinutes" not in stack.parameters


def test_cfn_lint_and_the_references_are_content(stack: Stack) -> None:
    """With every trigger."""
    assert undefined(stack.template) == []
    assert findings(Assembly("test", "eu-west-1", {}, (stack,))) == []


def test_the_dashboards_body_is_what_cloudwatch_takes(stack: Stack) -> None:
    """JSON after every substitution, laid out on its grid, nothing undefined in it."""
    body = body_of(stack)
    assert problems(body) == []
    widgets = json.loads(body)["widgets"]
    (states,) = (one for one in widgets if one["type"] == "alarm")
    assert len(states["properties"]["alarms"]) == len(alarms_of(stack))


def test_the_dashboard_shows_every_metric_that_an_alarm_watches(stack: Stack) -> None:
    """Whoever is woken sees the figure that woke them."""
    shown = {name for _, name, _ in metrics_of(body_of(stack))}
    watched = {one["MetricName"] for one in alarms_of(stack).values()}
    assert watched - shown == set()


def test_nothing_in_it_is_a_variable_of_octopus(stack: Stack) -> None:
    """One that it cannot read would leave the whole template unsubstituted, without a word."""
    assert "#{" not in json.dumps(stack.template)


@pytest.mark.parametrize(
    ("operations", "kinds", "words"),
    [
        (
            {"alarms": False},
            {"AWS::CloudWatch::Dashboard"},
            {"log", "metric", "text"},
        ),
        (
            {"dashboard": False},
            {"AWS::CloudWatch::Alarm", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy"},
            set(),
        ),
        ({"alarms": False, "dashboard": False}, set(), set()),
    ],
)
def test_alarms_and_dashboard_are_switched_off_each(
    operations: dict[str, bool], kinds: set[str], words: set[str]
) -> None:
    """The one does without the other, and leaves nothing of itself, no parameter either."""
    stack = watched_stack("queue", **operations)
    resources = stack.template["Resources"].values()
    assert {
        one["Type"] for one in resources if re.match("AWS::(CloudWatch|SNS)", one["Type"])
    } == kinds
    if words:
        assert problems(body_of(stack)) == []
        assert {one["type"] for one in json.loads(body_of(stack))["widgets"]} == words
    thresholds = [name for name in stack.values if re.search("Threshold|Minutes", name)]
    assert bool(thresholds) == operations.get("alarms", True)


def test_a_topic_of_somebody_elses_is_a_parameter() -> None:
    """No topic is made then, and its policy is its owner's."""
    stack = watched_stack("queue", topic_arn=TOPIC)
    assert resources_of(stack, "AWS::SNS::Topic") == {}
    assert resources_of(stack, "AWS::SNS::TopicPolicy") == {}
    assert stack.parameters["AlarmTopicArn"] == TOPIC
    assert alarms_of(stack)["errors"]["AlarmActions"] == [{"Ref": "AlarmTopicArn"}]
    assert stack.template["Outputs"]["AlarmTopicArn"]["Value"] == {"Ref": "AlarmTopicArn"}


def test_each_address_is_a_parameter_and_a_subscription() -> None:
    """Taking one out changes no other."""
    stack = watched_stack("queue", emails=["a@example.net", "b@example.net"])
    assert {
        title: one["Endpoint"]["Ref"]
        for title, one in resources_of(stack, "AWS::SNS::Subscription").items()
    } == {"AlarmTopicEmail1": "AlarmEmail1", "AlarmTopicEmail2": "AlarmEmail2"}
    assert stack.parameters["AlarmEmail2"] == "b@example.net"


@pytest.mark.parametrize(
    ("operations", "value", "made"),
    [
        ({}, Output("log-processor", "AlarmTopicArn"), 0),
        ({"topic_arn": TOPIC}, TOPIC, 0),
        ({"emails": ["a@example.net"]}, None, 1),
    ],
)
def test_another_stacks_topic_is_rung_unless_the_settings_say_otherwise(
    operations: dict[str, Any], value: Output | str | None, made: int
) -> None:
    """A later stack of the environment tells the same people."""
    draft = Draft("database", "Another stack")
    shared = Output("log-processor", "AlarmTopicArn")
    topic_of(draft, LogProcessorOperations.model_validate(operations), shared)
    stack = draft.finish("test")
    assert stack.values.get("AlarmTopicArn") == value
    assert len(resources_of(stack, "AWS::SNS::Topic")) == made


def test_what_holds_data_is_protected_by_default() -> None:
    """The bucket and both queues: what is in them is nowhere else, or nobody would look for it."""
    stack = stack_of(with_settings(), "log-processor")
    assert stack.termination_protection
    assert stack.stack_policy is not None
    held = stack.stack_policy["Statement"][1]["Resource"]
    kept = [
        f"LogicalResourceId/{title}"
        for title, one in stack.template["Resources"].items()
        if one["Type"] in {"AWS::S3::Bucket", "AWS::SQS::Queue"}
    ]
    assert sorted(held) == sorted(kept)


def test_protection_can_be_left_out() -> None:
    """An environment for an afternoon is deleted without further ado; its template is the same."""
    kept = stack_of(with_settings(), "log-processor")
    free = stack_of(with_settings(log_processor__operations={"protected": False}), "log-processor")
    assert (free.termination_protection, free.stack_policy) == (False, None)
    assert free.template["Resources"]["LogBucket"] == kept.template["Resources"]["LogBucket"]


def test_the_days_that_alarms_speak_of_are_the_queues() -> None:
    """Four days and two weeks: what an operator plans by."""
    stack = stack_of(with_settings(), "log-processor")
    queues = resources_of(stack, "AWS::SQS::Queue")
    alarms = alarms_of(stack)
    assert queues["LogQueue"]["MessageRetentionPeriod"] == 4 * 24 * 60 * 60
    assert "After four days" in alarms["queue-age"]["AlarmDescription"]["Fn::Sub"]
    assert queues["LogDeadLetterQueue"]["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
    assert "two weeks after" in alarms["dead-letters"]["AlarmDescription"]["Fn::Sub"]


THRESHOLDS = st.fixed_dictionaries(
    {},
    optional={
        "no_logs_minutes": st.integers(10, 1440) | st.just("never"),
        "errors": st.integers(1, 1_000_000),
        "throttles": st.integers(1, 1_000_000),
        "failed_attempts": st.integers(1, 1_000_000),
        "rejected_lines": st.integers(1, 1_000_000),
        "duration_percent": st.integers(10, 99),
        "concurrency_minutes": st.integers(5, 1440),
        "log_lag_minutes": st.integers(10, 100_000),
        "queue_age_minutes": st.integers(5, 5759) | st.none(),
    },
)
GROUPS = st.one_of(
    st.fixed_dictionaries({"alarms": st.just(False)}, optional={"dashboard": st.booleans()}),
    st.fixed_dictionaries(
        {"thresholds": THRESHOLDS},
        optional={
            "emails": st.lists(
                st.from_regex(r"[a-z]{1,9}@[a-z]{1,9}\.net", fullmatch=True),
                max_size=3,
                unique=True,
            ),
            "dashboard": st.booleans(),
            "protected": st.booleans(),
        },
    ),
    st.fixed_dictionaries({"topic_arn": st.just(TOPIC)}, optional={"protected": st.booleans()}),
)


@pytest.mark.slow
@settings(max_examples=3)
@given(GROUPS)
def test_whatever_can_be_set_gives_a_template_without_findings(operations: dict[str, Any]) -> None:
    """No combination of what is allowed is refused further down."""
    assembly = with_settings(log_processor__operations=operations)
    assert [undefined(stack.template) for stack in assembly.stacks] == [[], []]
    assert findings(assembly) == []
    stack = stack_of(assembly, "log-processor")
    if operations.get("dashboard", True):
        assert problems(body_of(stack)) == []
