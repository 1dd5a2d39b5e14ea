"""The check of dashboards' bodies finds what is wrong, so that finding nothing means something."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.templates.dashboard_body import metrics_of, problems, substituted

METRIC: dict[str, Any] = {
    "region": "eu-west-1",
    "metrics": [
        ["AWS/SQS", "NumberOfMessagesSent", "QueueName", "q", {"id": "m1", "stat": "Sum"}],
        [".", "NumberOfMessagesDeleted", ".", ".", {"id": "m2", "stat": "p99.9"}],
        [{"expression": "m1-m2", "id": "e3"}],
    ],
}


def body_with(type_: str, properties: dict[str, Any], **place: Any) -> str:
    widget = {"type": type_, "x": 0, "y": 0, "width": 12, "height": 6, "properties": properties}
    return json.dumps({"widgets": [widget | place]})


def test_a_good_body_has_no_problems() -> None:
    """And its metrics are read with the dots written out."""
    body = body_with("metric", METRIC)
    assert problems(body) == []
    assert metrics_of(body) == {
        ("AWS/SQS", "NumberOfMessagesSent", ("QueueName",)),
        ("AWS/SQS", "NumberOfMessagesDeleted", ("QueueName",)),
    }


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "no JSON"),
        ('{"widgets": {}}', "widgets: has to be a list"),
        ('{"widgets": [], "title": ""}', "unknown: title"),
        (body_with("metric", METRIC, x=13), "reaches beyond column 24"),
        (body_with("metric", METRIC, y="1"), "its place is"),
        (body_with("metric", METRIC, y=-1), "its place is"),
        (body_with("picture", {}), "is a picture"),
        (body_with("text", {}), "has no markdown"),
        (body_with("alarm", {"alarms": []}), "has 0 alarms"),
        (body_with("alarm", {"alarms": ["arn:aws:sns:a:b:c"]}), "is no alarm"),
        (body_with("log", {"query": "fields x", "region": "r", "view": "table"}), "no source"),
        (body_with("log", {"query": "SOURCE 'l' | f", "view": "table"}), "has no region"),
        (body_with("metric", METRIC | {"metrics": []}), "has 0 metrics"),
        (body_with("metric", METRIC | {"metrics": [["AWS/SQS"]]}), "has the metric"),
        (body_with("metric", METRIC | {"metrics": [["a", "b", {"stat": "Most"}]]}), "statistic"),
        (body_with("metric", METRIC | {"metrics": [[{"expression": "m9", "id": "e"}]]}), "m9"),
        (body_with("metric", METRIC | {"metrics": [["a", "b", {"id": "m"}]] * 2}), "id twice"),
        (body_with("metric", METRIC | {"period": 90}), "a period of 90"),
        (
            body_with("metric", METRIC | {"annotations": {"horizontal": [{"value": "9"}]}}),
            "draws a line at '9'",
        ),
    ],
)
def test_what_cloudwatch_would_refuse_is_found(body: str, says: str) -> None:
    """One fault, one problem."""
    (problem,) = problems(body)
    assert says in problem


def test_a_placeholder_without_a_value_is_an_error() -> None:
    """Literal ones stay."""
    assert substituted("${A} ${B.Arn} ${!C}", {"A": "1", "B.Arn": "2"}) == "1 2 ${C}"
    with pytest.raises(KeyError, match="D"):
        substituted("${D}", {})
