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


def whole(**sections: Any) -> dict[str, Any]:
    return {
        "Parameters": {"Zones": {"Type": "Number"}, "Host": {"Type": "String"}},
        "Mappings": {"Lists": {"eu-west-1": {"S3": "pl-6da54004"}}},
        "Conditions": {"Two": {"Fn::Equals": [{"Ref": "Zones"}, "2"]}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        **sections,
    }


@pytest.mark.parametrize(
    "sections",
    [
        {
            "Conditions": {
                "Two": {"Fn::Equals": [{"Ref": "Zones"}, "2"]},
                "Not": {"Fn::Not": [{"Condition": "Two"}]},
                "Any": {"Fn::Or": [{"Condition": "Two"}, {"Fn::And": [{"Condition": "Not"}]}]},
            }
        },
        {"Resources": {"Q": {"Type": "T", "Condition": "Two", "Properties": {}}}},
        {"Resources": {"Q": {"Type": "T", "Properties": {"A": {"Fn::If": ["Two", 1, 2]}}}}},
        {
            "Resources": {
                "Q": {"Properties": {"A": {"Fn::FindInMap": ["Lists", "eu-west-1", "S3"]}}}
            }
        },
        {
            "Resources": {
                "Q": {
                    "Properties": {"A": {"Fn::FindInMap": ["Lists", {"Ref": "AWS::Region"}, "S"]}}
                }
            }
        },
        {"Resources": {"Q": {"Properties": {"Policy": {"Condition": {"Bool": {"a": "b"}}}}}}},
        {"Resources": {"Q": {"Properties": {"Statement": {"Condition": {"Ref": "Host"}}}}}},
        {"Rules": {"R": {"Assertions": [{"Assert": {"Fn::ValueOf": ["Host", "Tags.a"]}}]}}},
        {
            "Metadata": {
                "AWS::CloudFormation::Interface": {
                    "ParameterGroups": [{"Label": {"default": "All"}, "Parameters": ["Host"]}],
                    "ParameterLabels": {"Zones": {"default": "Zones"}},
                }
            }
        },
    ],
)
def test_every_section_may_name_what_there_is(sections: dict[str, Any]) -> None:
    """Conditions and rules name parameters and conditions; a policy's Condition names nothing."""
    assert undefined(whole(**sections)) == []


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        (
            {"Resources": {"Q": {"Type": "T", "Condition": "Tow"}}},
            "Resources.Q: Condition names Tow",
        ),
        (
            {"Outputs": {"Url": {"Condition": "Tow", "Value": "x"}}},
            "Outputs.Url: Condition names Tow",
        ),
        (
            {"Resources": {"Q": {"Properties": {"A": {"Fn::If": ["Tow", 1, 2]}}}}},
            "Resources.Q: Fn::If names Tow",
        ),
        (
            {"Resources": {"Q": {"Properties": {"A": {"Fn::If": ["Two", {"Ref": "No"}, 2]}}}}},
            "Resources.Q: Ref names No",
        ),
        (
            {"Conditions": {"Two": {"Fn::Not": [{"Condition": "Tow"}]}}},
            "Conditions.Two: Condition names Tow",
        ),
        (
            {"Conditions": {"Two": {"Fn::And": [{"Fn::Or": [{"Condition": "Tow"}]}]}}},
            "Conditions.Two: Condition names Tow",
        ),
        (
            {"Conditions": {"Two": {"Fn::Equals": [{"Ref": "Queue"}, "x"]}}},
            "Conditions.Two: Ref names Queue",
        ),
        (
            {"Rules": {"R": {"RuleCondition": {"Fn::Equals": [{"Ref": "Hots"}, ""]}}}},
            "Rules.R: Ref names Hots",
        ),
        (
            {"Rules": {"R": {"Assertions": [{"Assert": {"Fn::ValueOf": ["Hots", "Tags"]}}]}}},
            "Rules.R: Fn::ValueOf names Hots",
        ),
        (
            {"Resources": {"Q": {"Properties": {"A": {"Fn::FindInMap": ["List", "a", "b"]}}}}},
            "Resources.Q: Fn::FindInMap names List",
        ),
        (
            {"Resources": {"Q": {"Properties": {"A": {"Fn::FindInMap": ["Lists", "a", "b"]}}}}},
            "Resources.Q: Fn::FindInMap names Lists.a",
        ),
        (
            {
                "Metadata": {
                    "AWS::CloudFormation::Interface": {
                        "ParameterGroups": [{"Label": {"default": "All"}, "Parameters": ["Hots"]}]
                    }
                }
            },
            "Metadata: AWS::CloudFormation::Interface names Hots",
        ),
    ],
)
def test_every_section_is_told_what_there_is_not(sections: dict[str, Any], problem: str) -> None:
    """Neither conditions nor rules know resources: they are decided before there are any."""
    assert undefined(whole(**sections)) == [f"{problem}, which the template does not have"]
