"""Names that nothing bears are refused before the local AWS, which would take them."""

from __future__ import annotations

from typing import Any

import pytest

from infra.lint.references import undefined


def template(properties: Any, **more: Any) -> dict[str, Any]:
    return {
        "Parameters": {"Host": {"Type": "String"}},
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": properties, **more},
        },
    }


@pytest.mark.parametrize(
    "properties",
    [
        {"A": {"Ref": "Host"}, "B": {"Ref": "AWS::Region"}, "C": {"Ref": "Queue"}},
        {"A": {"Fn::GetAtt": ["Queue", "Arn"]}, "B": {"Fn::GetAtt": "Queue.Arn"}},
        {"A": {"Fn::Sub": "${Host} ${Queue.Arn} ${AWS::Region} ${!Text}"}},
        {"A": {"Fn::Sub": ["${Own} ${Host}", {"Own": {"Ref": "Queue"}}]}},
    ],
)
def test_what_the_template_has_may_be_named(properties: Any) -> None:
    """Parameters, resources, pseudo parameters, and a Sub's own variables."""
    assert undefined(template(properties, DependsOn=["Queue"])) == []


@pytest.mark.parametrize(
    ("properties", "function", "name"),
    [
        ({"A": [{"Ref": "Hots"}]}, "Ref", "Hots"),
        ({"A": {"Fn::GetAtt": ["Host", "Arn"]}}, "Fn::GetAtt", "Host"),
        ({"A": {"Fn::GetAtt": "Que.Arn"}}, "Fn::GetAtt", "Que"),
        ({"A": {"Fn::Sub": "${Host.Arn}"}}, "Fn::Sub", "Host"),
        ({"A": {"Fn::Sub": ["${Own}", {"Own": {"Ref": "No"}}]}}, "Ref", "No"),
        ({"A": {"Fn::Join": ["", ["x", {"Ref": "No"}]]}}, "Ref", "No"),
    ],
)
def test_what_it_does_not_have_is_told_with_its_place(
    properties: Any, function: str, name: str
) -> None:
    """An attribute needs a resource; a parameter has none."""
    problem = f"Resources.Topic: {function} names {name}, which the template does not have"
    assert undefined(template(properties)) == [problem]


def test_dependencies_and_outputs_are_looked_at_too() -> None:
    """Every section that can name something is."""
    body = {
        **template({}, DependsOn="Host"),
        "Outputs": {"Url": {"Value": {"Ref": "Missing"}}},
    }
    assert undefined(body) == [
        "Resources.Topic: DependsOn names Host, which the template does not have",
        "Outputs.Url: Ref names Missing, which the template does not have",
    ]
