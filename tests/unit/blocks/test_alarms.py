"""Alarms as resources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from troposphere import GetAtt, Ref, Template

from infra.blocks.alarms import Alarm, alarm
from infra.blocks.metrics import Metric
from infra.render import to_plain

DEAD_LETTERS = Alarm(
    title="DeadLetters",
    description="Look into ${Queue.QueueName}.",
    metric=Metric(
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": GetAtt("Queue", "QueueName")},
    ),
    statistic="Maximum",
    breach="at least",
    threshold=Ref("DeadLettersThreshold"),
    period_seconds=300,
    periods=3,
    breaching=1,
    no_data="good",
)


def made(wanted: Alarm) -> dict[str, Any]:
    template = Template()
    alarm(template, wanted, topic=Ref("Topic"))
    (resource,) = to_plain(template)["Resources"].values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


def test_an_alarm_rings_when_it_begins_and_when_it_is_over() -> None:
    """Everything that CloudWatch wants is said, and nothing left to a default."""
    assert made(DEAD_LETTERS) == {
        "AlarmName": {"Fn::Sub": "${AWS::StackName}-dead-letters"},
        "AlarmDescription": {"Fn::Sub": "Look into ${Queue.QueueName}."},
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}],
        "Statistic": "Maximum",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": {"Ref": "DeadLettersThreshold"},
        "Period": 300,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 1,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [{"Ref": "Topic"}],
        "OKActions": [{"Ref": "Topic"}],
    }


def test_a_percentile_is_no_plain_statistic() -> None:
    """CloudWatch takes either, in a property of its own."""
    properties = made(replace(DEAD_LETTERS, statistic="p99"))
    assert "Statistic" not in properties
    assert properties["ExtendedStatistic"] == "p99"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"breach": "above"}, {"ComparisonOperator": "GreaterThanThreshold"}),
        ({"breach": "below"}, {"ComparisonOperator": "LessThanThreshold"}),
        ({"no_data": "bad"}, {"TreatMissingData": "breaching"}),
        ({"description": "Plain."}, {"AlarmDescription": "Plain."}),
    ],
)
def test_each_choice_becomes_cloudwatchs_word_for_it(
    change: dict[str, Any], expected: dict[str, str]
) -> None:
    """And text that refers to nothing stays text."""
    properties = made(replace(DEAD_LETTERS, **change))
    assert expected.items() <= properties.items()


def test_without_a_number_all_periods_have_to_be_bad() -> None:
    """CloudWatch's own default, left to it."""
    assert "DatapointsToAlarm" not in made(replace(DEAD_LETTERS, breaching=None))
