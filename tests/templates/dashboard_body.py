"""What CloudWatch asks of a dashboard's body, as far as our widgets go.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

MOST_WIDGETS, COLUMNS, MOST_METRICS, MOST_ALARMS = 500, 24, 500, 100
_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")
_STATISTIC = re.compile(r"Average|Maximum|Minimum|SampleCount|Sum|p\d{1,2}(\.\d+)?")
_DRAWN = {"color", "expression", "id", "label", "period", "region", "stat", "visible", "yAxis"}


def substituted(text: str, values: Mapping[str, str]) -> str:
    """An Fn::Sub's text with every placeholder's value; a KeyError names one that has none."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text).replace("${!", "${")


def problems(text: str) -> list[str]:
    """A line for each thing that CloudWatch would not take."""
    try:
        body = json.loads(text)
    except ValueError as error:
        return [f"no JSON: {error}"]
    found = [f"unknown: {key}" for key in body.keys() - {"start", "end", "widgets"}]
    widgets = body.get("widgets")
    if not isinstance(widgets, list) or len(widgets) > MOST_WIDGETS:
        return [*found, "widgets: has to be a list of at most 500"]
    for number, widget in enumerate(widgets):
        found += [f"widget {number}: {problem}" for problem in _widget(widget)]
    return found


def metrics_of(text: str) -> set[tuple[str, str, tuple[str, ...]]]:
    """Every metric of every widget: namespace, name, names of its dimensions, dots written out."""
    found = set()
    for widget in json.loads(text)["widgets"]:
        before: list[str] = []
        for metric in widget["properties"].get("metrics", ()):
            names = [each for each in metric if isinstance(each, str)]
            if names:
                before = [
                    each if each != "." else before[index] for index, each in enumerate(names)
                ]
                found.add((before[0], before[1], tuple(sorted(before[2::2]))))
    return found


def _widget(widget: Mapping[str, Any]) -> Iterator[str]:
    if widget.keys() != {"type", "x", "y", "width", "height", "properties"}:
        yield f"has {sorted(widget)}"
        return
    place = {key: widget[key] for key in ("x", "y", "width", "height")}
    least = {"x": 0, "y": 0, "width": 1, "height": 1}
    if any(type(place[key]) is not int or place[key] < least[key] for key in place):
        yield f"its place is {place}"
    elif place["x"] + place["width"] > COLUMNS:
        yield f"reaches beyond column {COLUMNS}"
    check = _KINDS.get(widget["type"])
    if check is None:
        yield f"is a {widget['type']}"
    else:
        yield from check(widget["properties"])


def _text(properties: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(properties.get("markdown"), str):
        yield "has no markdown"


def _alarm(properties: Mapping[str, Any]) -> Iterator[str]:
    alarms = properties.get("alarms", [])
    if not 1 <= len(alarms) <= MOST_ALARMS:
        yield f"has {len(alarms)} alarms"
    yield from (f"{arn} is no alarm" for arn in alarms if ":alarm:" not in arn)
    if properties.get("sortBy", "default") not in {"default", "stateUpdatedTimestamp", "timestamp"}:
        yield f"sorts by {properties['sortBy']}"


def _log(properties: Mapping[str, Any]) -> Iterator[str]:
    if not re.match(r"SOURCE '[^']+' \| ", properties.get("query", "")):
        yield "its query has no source"
    if not properties.get("region"):
        yield "has no region"
    if properties.get("view") not in {"table", "timeSeries", "bar", "pie"}:
        yield f"is viewed as {properties.get('view')}"


def _metric(properties: Mapping[str, Any]) -> Iterator[str]:
    if not properties.get("region"):
        yield "has no region"
    if properties.get("period", 60) % 60:
        yield f"has a period of {properties['period']}"
    metrics = properties.get("metrics", [])
    if not 1 <= len(metrics) <= MOST_METRICS:
        yield f"has {len(metrics)} metrics"
    ids = [each["id"] for _, each in map(_split, metrics) if "id" in each]
    if len(set(ids)) < len(ids):
        yield "has an id twice"
    for metric in metrics:
        yield from _drawn(metric, set(ids))
    for each in properties.get("annotations", {}).get("horizontal", ()):
        if not isinstance(each.get("value"), int | float):
            yield f"draws a line at {each.get('value')!r}"


def _drawn(metric: list[Any], ids: set[str]) -> Iterator[str]:
    names, options = _split(metric)
    yield from (f"draws with {key}" for key in sorted(options.keys() - _DRAWN))
    if options.get("yAxis", "left") not in {"left", "right"}:
        yield f"has an axis {options['yAxis']}"
    if "expression" in options:
        unknown = set(re.findall(r"\b[a-z]\w*\b", options["expression"])) - ids
        yield from (f"computes with {name}" for name in sorted(unknown))
    elif len(names) < 2 or len(names) % 2:
        yield f"has the metric {names}"
    elif not _STATISTIC.fullmatch(options.get("stat", "Average")):
        yield f"has the statistic {options['stat']}"


def _split(metric: list[Any]) -> tuple[list[str], dict[str, Any]]:
    last = metric[-1] if isinstance(metric[-1], dict) else {}
    return [each for each in metric if isinstance(each, str)], last


_KINDS: dict[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "text": _text,
    "alarm": _alarm,
    "log": _log,
    "metric": _metric,
}
