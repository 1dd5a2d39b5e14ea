"""A CloudWatch dashboard made of widgets, laid out by code.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from troposphere import AWSHelperFn, Ref, Sub, Template, cloudwatch

from infra.blocks.metrics import Metric
from infra.blocks.references import embedded

COLUMNS = 24

_HEIGHT = 6
_PERIOD_SECONDS = 300
_REGION = Ref("AWS::Region")


@dataclass(frozen=True, kw_only=True)
class Widget:
    """One tile of the dashboard. Its properties may hold references."""

    type: Literal["alarm", "log", "metric", "text"]
    properties: Mapping[str, Any]
    height: int = _HEIGHT
    width: int | None = None
    """In columns; None for a fair share of what the others of its row leave."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A metric as it is drawn."""

    metric: Metric
    label: str
    statistic: str
    right: bool = False
    """Whether the axis on the right is its own: for what has another unit."""


@dataclass(frozen=True, kw_only=True)
class Computed:
    """A line that is computed from the graph's metrics, which are m1, m2, … in their order."""

    expression: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A horizontal line at what must not be reached."""

    label: str
    value: float | AWSHelperFn
    right: bool = False


@dataclass(frozen=True)
class _Number:
    """A reference that stands in the JSON as a number."""

    value: AWSHelperFn


def dashboard(
    template: Template, title: str, *, rows: Sequence[Sequence[Widget]]
) -> cloudwatch.Dashboard:
    """A dashboard that shows the rows from top to bottom.

    It has the stack's name and region: an account has its dashboards in all regions together.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html

    Whatever the widgets refer to, the body is valid JSON as long as no value has a quotation mark
    or a backslash in it, which no name or ARN of AWS has.
    """
    return template.add_resource(
        cloudwatch.Dashboard(
            title,
            DashboardName=Sub("${AWS::StackName}-${AWS::Region}"),
            DashboardBody=Sub(_body(rows)),
        )
    )


def text(markdown: str, *, height: int) -> Widget:
    """A tile of Markdown."""
    return Widget(type="text", height=height, properties={"markdown": markdown})


def alarm_states(title: str, alarms: Sequence[AWSHelperFn], *, height: int) -> Widget:
    """The alarms of these ARNs, those that ring first."""
    properties = {"title": title, "alarms": list(alarms), "sortBy": "stateUpdatedTimestamp"}
    return Widget(type="alarm", height=height, properties=properties)


def graph(
    title: str,
    *lines: Line | Computed,
    limits: Sequence[Limit] = (),
    stacked: bool = False,
    period_seconds: int = _PERIOD_SECONDS,
) -> Widget:
    """Lines over time, none of them below zero."""
    # What is CloudWatch's default is left out: a template has 51,200 bytes for everything.
    properties: dict[str, Any] = {
        "title": title,
        "region": _REGION,
        "metrics": _abridged(_metrics(lines)),
        "period": period_seconds,
        "yAxis": {side: {"min": 0} for side in _sides([*lines, *limits])},
    }
    if stacked:
        properties["stacked"] = True
    if limits:
        properties["annotations"] = {"horizontal": [_annotation(limit) for limit in limits]}
    return Widget(type="metric", properties=properties)


def log_table(title: str, log_group: AWSHelperFn, query: str) -> Widget:
    """What a query of CloudWatch Logs Insights finds in the group, as a table."""
    properties = {
        "title": title,
        "region": _REGION,
        "query": Sub(f"SOURCE '{embedded(log_group)}' | {query}"),
        "view": "table",
    }
    return Widget(type="log", properties=properties)


def _metrics(lines: Sequence[Line | Computed]) -> Iterator[list[Any]]:
    for number, line in enumerate(lines, start=1):
        match line:
            case Computed(expression=expression, label=label):
                yield [{"expression": expression, "label": label, "id": f"e{number}"}]
            case Line(metric=metric, label=label, statistic=statistic):
                dimensions = [part for pair in metric.dimensions.items() for part in pair]
                drawn = {"label": label, "stat": statistic, "id": f"m{number}"} | _axis(line)
                yield [metric.namespace, metric.name, *dimensions, drawn]


def _abridged(metrics: Iterable[list[Any]]) -> list[list[Any]]:
    """The metrics with a dot for each name that is the same as in the one before."""
    short: list[list[Any]] = []
    before: list[str] = []
    for *names, drawn in metrics:
        texts = [embedded(name) for name in names]
        if len(texts) == len(before):
            pairs = zip(names, texts, before, strict=True)
            names = ["." if text == earlier else name for name, text, earlier in pairs]
        short.append([*names, drawn])
        before = texts
    return short


def _sides(drawn: Sequence[Line | Computed | Limit]) -> list[str]:
    right = any(not isinstance(each, Computed) and each.right for each in drawn)
    return ["left", "right"] if right else ["left"]


def _axis(drawn: Line | Limit) -> dict[str, str]:
    return {"yAxis": "right"} if drawn.right else {}


def _annotation(limit: Limit) -> dict[str, Any]:
    value = _Number(limit.value) if isinstance(limit.value, AWSHelperFn) else limit.value
    return {"label": limit.label, "value": value} | _axis(limit)


def _body(rows: Sequence[Sequence[Widget]]) -> str:
    """A line for each widget, so that a change of one is a change of one line."""
    widgets = ",\n".join(_json(each) for each in _laid_out(rows))
    return f'{{"start":"-PT12H","widgets":[\n{widgets}\n]}}'


def _laid_out(rows: Sequence[Sequence[Widget]]) -> Iterator[dict[str, Any]]:
    """Every widget with its place: rows do not overlap, and none is wider than the grid."""
    y = 0
    for row in rows:
        x = 0
        for widget, width in zip(row, _widths(row), strict=True):
            yield {
                "type": widget.type,
                "x": x,
                "y": y,
                "width": width,
                "height": widget.height,
                "properties": widget.properties,
            }
            x += width
        y += max(widget.height for widget in row)


def _widths(row: Sequence[Widget]) -> list[int]:
    given = sum(widget.width for widget in row if widget.width is not None)
    sharing = sum(widget.width is None for widget in row)
    left = COLUMNS - given
    if left < sharing:
        raise ValueError(f"a row of {len(row)} widgets does not fit into {COLUMNS} columns")
    return [left // sharing if each.width is None else each.width for each in row]


def _json(value: Any) -> str:
    data = json.dumps(_plain(value), separators=(",", ":"))
    return re.sub(r'"\\u0000(.*?)\\u0000"', r"\1", data)


def _plain(value: Any) -> Any:
    """The value with its references as they stand inside an Fn::Sub."""
    match value:
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case _Number(value=reference):
            return f"\0{embedded(reference)}\0"
        case str() | AWSHelperFn():
            return embedded(value)
        case _:
            return value
