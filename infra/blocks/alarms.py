"""Alarms that say what they mean and what to do first, to whoever is woken by one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from troposphere import AWSHelperFn, Sub, Template, cloudwatch

from infra.blocks.metrics import Metric

Breach = Literal["at least", "above", "below"]

_OPERATORS: dict[Breach, str] = {
    "at least": "GreaterThanOrEqualToThreshold",
    "above": "GreaterThanThreshold",
    "below": "LessThanThreshold",
}
_STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A metric, when it is bad, and what somebody who knows nothing of it has to know."""

    title: str
    """Such as `DeadLetters`: the resource is `DeadLettersAlarm`, the alarm
    `<stack>-dead-letters`."""
    description: str
    """What it means and what to do first, up to 1,024 characters. `${Resource}` and
    `${Resource.Attribute}` become what they name."""
    metric: Metric
    statistic: str
    """`Sum`, `Maximum`, …, or a percentile such as `p99`."""
    breach: Breach
    threshold: float | AWSHelperFn
    period_seconds: int
    periods: int | AWSHelperFn
    """How many periods are looked at."""
    breaching: int | None = None
    """How many of them have to be bad; None for all."""
    no_data: Literal["good", "bad"]
    """What a period is in which nothing was measured."""


def alarm(template: Template, wanted: Alarm, *, topic: AWSHelperFn) -> cloudwatch.Alarm:
    """An alarm that rings the topic when it begins and when it is over.

    Never for want of data: a period without any is good or bad, as `wanted` says.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    name = re.sub("(?<=.)([A-Z])", r"-\1", wanted.title).lower()
    return template.add_resource(
        cloudwatch.Alarm(
            f"{wanted.title}Alarm",
            AlarmName=Sub(f"${{AWS::StackName}}-{name}"),
            AlarmDescription=_text(wanted.description),
            Namespace=wanted.metric.namespace,
            MetricName=wanted.metric.name,
            Dimensions=[
                cloudwatch.MetricDimension(Name=name, Value=value)
                for name, value in wanted.metric.dimensions.items()
            ],
            **_statistic(wanted.statistic),
            ComparisonOperator=_OPERATORS[wanted.breach],
            Threshold=wanted.threshold,
            Period=wanted.period_seconds,
            EvaluationPeriods=wanted.periods,
            **_datapoints(wanted.breaching),
            TreatMissingData={"good": "notBreaching", "bad": "breaching"}[wanted.no_data],
            AlarmActions=[topic],
            OKActions=[topic],
        )
    )


def _text(description: str) -> Any:
    return Sub(description) if "${" in description else description


def _datapoints(breaching: int | None) -> dict[str, Any]:
    return {} if breaching is None else {"DatapointsToAlarm": breaching}


def _statistic(name: str) -> dict[str, Any]:
    return {"Statistic": name} if name in _STATISTICS else {"ExtendedStatistic": name}
