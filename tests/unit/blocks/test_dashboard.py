"""Widgets become a body that is JSON, on a grid where nothing overlaps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from troposphere import GetAtt, Ref, Template

from infra.blocks.dashboard import (
    COLUMNS,
    Computed,
    Limit,
    Line,
    Widget,
    alarm_states,
    dashboard,
    graph,
    log_table,
    text,
)
from infra.blocks.metrics import Metric
from infra.render import to_plain

SENT, DELETED = (
    Metric(
        namespace="AWS/SQS",
        name=f"NumberOfMessages{what}",
        dimensions={"QueueName": GetAtt("Queue", "QueueName")},
    )
    for what in ("Sent", "Deleted")
)


def body_of(*rows: list[Widget]) -> Any:
    """The body with its references as they stand in it."""
    template = Template()
    dashboard(template, "Dashboard", rows=rows)
    properties = to_plain(template)["Resources"]["Dashboard"]["Properties"]
    assert properties["DashboardName"] == {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"}
    return json.loads(properties["DashboardBody"]["Fn::Sub"].replace("${Most}", "42"))


def test_every_kind_of_widget_has_the_properties_that_cloudwatch_asks_for() -> None:
    """References stand in the text, and as numbers where a number is meant."""
    sent = Line(metric=SENT, label="sent", statistic="Sum")
    deleted = Line(metric=DELETED, label="deleted", statistic="Sum", right=True)
    left = Computed(expression="m1-m2", label="left")
    limits = (
        Limit(label="most", value=Ref("Most")),
        Limit(label="least", value=1, right=True),
    )
    body = body_of(
        [text("a **b**", height=2), alarm_states("Alarms", [GetAtt("Alarm", "Arn")], height=2)],
        [
            graph("Messages", sent, deleted, left, limits=limits),
            log_table("Errors", Ref("Log"), 'filter level = "ERROR"'),
        ],
    )
    assert body["start"] == "-PT12H"
    assert [one["type"] for one in body["widgets"]] == ["text", "alarm", "metric", "log"]
    assert [one["properties"] for one in body["widgets"]] == [
        {"markdown": "a **b**"},
        {"title": "Alarms", "alarms": ["${Alarm.Arn}"], "sortBy": "stateUpdatedTimestamp"},
        {
            "title": "Messages",
            "region": "${AWS::Region}",
            "metrics": [
                [
                    *("AWS/SQS", "NumberOfMessagesSent", "QueueName", "${Queue.QueueName}"),
                    {"label": "sent", "stat": "Sum", "id": "m1"},
                ],
                [
                    *(".", "NumberOfMessagesDeleted", ".", "."),
                    {"label": "deleted", "stat": "Sum", "id": "m2", "yAxis": "right"},
                ],
                [{"expression": "m1-m2", "label": "left", "id": "e3"}],
            ],
            "period": 300,
            "yAxis": {"left": {"min": 0}, "right": {"min": 0}},
            "annotations": {
                "horizontal": [
                    {"label": "most", "value": 42},
                    {"label": "least", "value": 1, "yAxis": "right"},
                ]
            },
        },
        {
            "title": "Errors",
            "region": "${AWS::Region}",
            "query": "SOURCE '${Log}' | filter level = \"ERROR\"",
            "view": "table",
        },
    ]


WIDGETS = st.builds(
    Widget,
    type=st.just("text"),
    properties=st.just({"markdown": ""}),
    height=st.integers(1, 12),
    width=st.none() | st.integers(1, 6),
)


@given(st.lists(st.lists(WIDGETS, min_size=1, max_size=4), max_size=6))
def test_no_widget_overlaps_another_or_leaves_the_grid(rows: list[list[Widget]]) -> None:
    """Whatever the widths and heights."""
    taken: set[tuple[int, int]] = set()
    for one in body_of(*rows)["widgets"]:
        cells = {
            (x, y)
            for x in range(one["x"], one["x"] + one["width"])
            for y in range(one["y"], one["y"] + one["height"])
        }
        assert one["x"] + one["width"] <= COLUMNS
        assert not cells & taken
        taken |= cells


def test_a_row_that_is_too_wide_is_refused() -> None:
    """It would hide what stands below it."""
    wide = Widget(type="text", properties={"markdown": ""}, width=20)
    with pytest.raises(ValueError, match="a row of 2 widgets does not fit into 24 columns"):
        body_of([wide, wide])
