"""What CloudFormation would make of a template: names, ARNs, values, conditions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.assembly import assemble
from infra.config import load, shipped
from infra.model import Assembly, Output, Stack

from .identities import Place
from .resolver import Resolver, concrete

TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Name": {"Type": "String"},
        "Zones": {"Type": "Number", "Default": 2},
        "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
    },
    "Mappings": {"Lists": {"eu-west-1": {"s3": "pl-6da54004"}}},
    "Conditions": {
        "Two": {"Fn::Equals": [{"Ref": "Zones"}, 2]},
        "Never": {"Fn::And": [{"Condition": "Two"}, {"Fn::Not": [{"Condition": "Two"}]}]},
        "Ever": {"Fn::Or": [{"Condition": "Never"}, {"Condition": "Two"}]},
    },
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}},
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketNamespace": "account-regional", "BucketNamePrefix": "logs"},
        },
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/a/b"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "Path": "/p/"}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}},
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Odd": {"Type": "AWS::Odd::Thing", "Condition": "Never"},
        "Optional": {"Type": "AWS::SQS::Queue", "Condition": "Ever"},
    },
}
VALUES = {"Name": "q", "Subnets": "subnet-1,subnet-2"}
ACCOUNT = "eu-west-1:123456789012"


def resolver() -> Resolver:
    return Resolver(TEMPLATE, "dev", VALUES, Place())


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Name"}, "q"),
        ({"Ref": "Zones"}, "2"),
        ({"Ref": "Subnets"}, ["subnet-1", "subnet-2"]),
        ({"Ref": "AWS::StackName"}, "dev"),
        ({"Ref": "Queue"}, "https://sqs.eu-west-1.amazonaws.com/123456789012/q"),
        ({"Ref": "Bucket"}, "logs-123456789012-eu-west-1-an"),
        ({"Ref": "Topic"}, f"arn:aws:sns:{ACCOUNT}:t"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, f"arn:aws:sqs:{ACCOUNT}:q"),
        ({"Fn::GetAtt": "Bucket.Arn"}, "arn:aws:s3:::logs-123456789012-eu-west-1-an"),
        ({"Fn::GetAtt": ["Group", "Arn"]}, f"arn:aws:logs:{ACCOUNT}:log-group:/a/b:*"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, "arn:aws:iam::123456789012:role/p/r"),
        ({"Fn::GetAtt": ["Vpc", "CidrBlock"]}, "10.0.0.0/16"),
        ({"Fn::Sub": "${Name} ${!Name} ${Queue.Arn}"}, f"q ${{Name}} arn:aws:sqs:{ACCOUNT}:q"),
        ({"Fn::Sub": ["${Own}-${Name}", {"Own": {"Ref": "Zones"}}]}, "2-q"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Name"}, 1, True]]}, "a-q-1-true"),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"Fn::Select": [7, {"Fn::Cidr": ["10.0.0.0/16", 8, "13"]}]}, "10.0.224.0/19"),
        ({"Fn::Select": [1, {"Fn::GetAZs": ""}]}, "eu-west-1b"),
        ({"Fn::FindInMap": ["Lists", {"Ref": "AWS::Region"}, "s3"]}, "pl-6da54004"),
        ({"Fn::FindInMap": ["Lists", "x", "s3", {"DefaultValue": "none"}]}, "none"),
        ({"Fn::If": ["Two", "yes", {"Ref": "No such thing"}]}, "yes"),
        ({"A": {"Fn::If": ["Never", 1, {"Ref": "AWS::NoValue"}]}, "B": 2}, {"B": 2}),
        ([{"Ref": "AWS::NoValue"}, {"Ref": "Name"}], ["q"]),
        ({"Fn::Base64": "a"}, "YQ=="),
        ("{{resolve:ssm:/a/b}}", "{{resolve:ssm:/a/b}}"),
        ({"Condition": {"Bool": {"x": {"Ref": "Name"}}}}, {"Condition": {"Bool": {"x": "q"}}}),
    ],
)  # fmt: skip
def test_a_function_has_the_value_that_it_would_have(node: Any, value: Any) -> None:
    """Names and ARNs have the shape that AWS gives them."""
    assert resolver().value(node) == value


def test_what_its_condition_rules_out_is_not_there() -> None:
    """Neither among the resources nor among the outputs."""
    assert resolver().resources().keys() == TEMPLATE["Resources"].keys() - {"Odd"}


def test_names_that_nobody_gave_differ() -> None:
    """Two queues without a name are two queues."""
    made = Resolver(
        {"Resources": {title: {"Type": "AWS::SQS::Queue"} for title in ("A", "B")}},
        *("dev", {}, Place("cn-north-1")),
    ).resources()
    assert made["A"].arn != made["B"].arn
    assert made["A"].arn.startswith("arn:aws-cn:sqs:cn-north-1:123456789012:dev-A-")
    assert made["A"].ref.startswith("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/dev-A-")


@pytest.mark.parametrize("node", [{"Fn::GetAtt": ["Odd", "Arn"]}, {"Fn::Length": []}])
def test_what_is_not_known_is_no_guess(node: Any) -> None:
    """A made-up ARN would prove nothing."""
    with pytest.raises(LookupError, match="not known to the tests; say in tests"):
        resolver().value(node)


def test_outputs_reach_the_parameters_that_they_are_wired_to() -> None:
    """The second stack has the first one's value."""
    first = Stack("a", "dev-a", {"Resources": {}, "Outputs": {"Id": {"Value": "vpc-1"}}}, {})
    second = Stack(
        *("b", "dev-b"),
        {
            "Parameters": {"Vpc": {"Type": "String"}},
            "Resources": {"G": {"Type": "AWS::EC2::Subnet", "Properties": {"V": {"Ref": "Vpc"}}}},
        },
        {"Vpc": Output("a", "Id")},
    )
    made = concrete(Assembly("dev", "eu-west-1", {}, (first, second)))
    assert made[1].resources["G"].properties == {"V": "vpc-1"}


@pytest.mark.parametrize("name", sorted(shipped()))
def test_no_function_is_left_in_any_stack(name: str) -> None:
    """Whatever is looked at afterwards is what AWS would see."""
    stacks = concrete(assemble(load(name)))
    left = [
        key
        for stack in stacks
        for resource in stack.resources.values()
        for key in keys(resource.properties)
        if key == "Ref" or key.startswith("Fn::")
    ]
    assert left == []


def keys(node: Any) -> Iterator[str]:
    """Every key, however deep."""
    match node:
        case dict():
            for key, value in node.items():
                yield key
                yield from keys(value)
        case list():
            for value in node:
                yield from keys(value)
