"""Both sides of a peering: which stack is whose, in what order, and what each opens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.model import Assembly, Output
from infra.naming import ENVIRONMENT_NAME_LIMIT
from infra.rules import ROLE_NAME
from infra.stacks import peering as requester_stack
from infra.stacks import peering_accepter as accepter_stack
from tests.templates.test_network import NEW, clean
from tests.templates.test_rules import resources_of, stack_of, with_settings

OTHER, OWN = "210987654321", "123456789012"
TEMPLATE_LIMIT = 51200
"""Bytes that CloudFormation takes in a call."""
PEERING = {
    "vpc_id": "vpc-0e0e0e0e",
    "cidrs": ["10.90.0.0/16"],
    "route_table_ids": ["rtb-0e0e0e0e", "rtb-1e1e1e1e"],
    "security_group_id": "sg-0e0e0e0e",
}
ACROSS = PEERING | {"account": OTHER, "own_account": OWN}
SOURCE_OF_THE_FUNCTION = {
    "SourceSecurityGroupId": {"Ref": "FunctionSecurityGroupId"},
    "SourceSecurityGroupOwnerId": {"Ref": "RequesterAccountId"},
}


def peered(settings: dict[str, Any]) -> Assembly:
    return with_settings(network={**NEW, "peering": settings})


def places(assembly: Assembly) -> dict[str, tuple[str | None, str | None]]:
    return {stack.id: (stack.account, stack.region) for stack in assembly.stacks}


def connection_of(assembly: Assembly) -> dict[str, Any]:
    stack = stack_of(assembly, requester_stack.ID)
    (connection,) = resources_of(stack, "AWS::EC2::VPCPeeringConnection").values()
    return connection


@pytest.mark.parametrize(
    ("peering", "expected"),
    [
        (
            PEERING,
            {"peering": (None, None), "peering-accepter": (None, None)},
        ),
        (
            PEERING | {"region": "eu-west-1"},
            {"peering": (None, None), "peering-accepter": (None, None)},
        ),
        (
            PEERING | {"region": "eu-central-1"},
            {"peering": (None, None), "peering-accepter": (None, "eu-central-1")},
        ),
        (
            ACROSS,
            {
                "peering-role": (OTHER, None),
                "peering": (None, None),
                "peering-accepter": (OTHER, None),
            },
        ),
        (
            ACROSS | {"accepter_role_arn": f"arn:aws:iam::{OTHER}:role/network/accepter"},
            {"peering": (None, None), "peering-accepter": (OTHER, None)},
        ),
    ],
)
def test_each_stack_says_where_it_stands(
    peering: dict[str, Any], expected: dict[str, tuple[str | None, str | None]]
) -> None:
    """Only what is for this account and region is deployed with the environment."""
    assembly = peered(peering)
    others = {"network": (None, None), "log-processor": (None, None)}
    assert places(assembly) == others | expected
    assert clean(assembly)


def test_the_order_is_role_connection_function_and_then_the_way_back() -> None:
    """Each step needs what the one before has made; the manifest says it."""
    assembly = peered(ACROSS)
    assert [stack.id for stack in assembly.stacks] == [
        "network",
        "peering-role",
        "peering",
        "log-processor",
        "peering-accepter",
    ]
    assert stack_of(assembly, requester_stack.ID).after == ("peering-role",)
    assert stack_of(assembly, accepter_stack.ID).wiring == {
        "RequesterCidr": Output("network", "VpcCidr"),
        "PeeringConnectionId": Output("peering", "PeeringConnectionId"),
        "FunctionSecurityGroupId": Output("log-processor", "SecurityGroupId"),
    }


def test_nothing_here_waits_for_a_value_from_the_other_account() -> None:
    """The environment can be deployed without anybody copying outputs to it."""
    assembly = peered(ACROSS)
    theirs = {stack.id for stack in assembly.elsewhere}
    assert theirs == {"peering-role", "peering-accepter"}
    for stack in assembly.here:
        assert theirs.isdisjoint(output.stack for output in stack.wiring.values())


def test_the_connection_is_accepted_by_the_role_that_the_other_side_makes() -> None:
    """Both templates name it alike; neither has to be read to know it."""
    assembly = peered(ACROSS)
    role, requester = (
        stack_of(assembly, one) for one in (accepter_stack.ROLE_ID, requester_stack.ID)
    )
    assert connection_of(assembly) == {
        "VpcId": {"Ref": "VpcId"},
        "PeerVpcId": {"Ref": "PeerVpcId"},
        "PeerOwnerId": {"Ref": "PeerAccountId"},
        "PeerRoleArn": {
            "Fn::Sub": "arn:${AWS::Partition}:iam::${PeerAccountId}:role/${PeerRoleName}"
        },
        "Tags": [{"Key": "Name", "Value": {"Fn::Sub": "${AWS::StackName}"}}],
    }
    assert requester.parameters["PeerAccountId"] == OTHER
    assert requester.parameters["PeerRoleName"] == f"dev-{OWN}-peering"
    assert role.parameters["RoleName"] == f"dev-{OWN}-peering"
    assert role.capabilities == ("CAPABILITY_NAMED_IAM",)


def test_a_role_that_exists_is_named_with_its_path() -> None:
    """Then no template for one is made."""
    arn = f"arn:aws:iam::{OTHER}:role/network/accepter"
    requester = stack_of(peered(ACROSS | {"accepter_role_arn": arn}), requester_stack.ID)
    assert requester.parameters["PeerRoleName"] == "network/accepter"
    assert requester.after == ()


def test_the_longest_environment_name_gives_a_role_name_that_iam_takes() -> None:
    """64 characters are its limit."""
    data = {**NEW, "peering": ACROSS}
    assembly = with_settings(name="e" * ENVIRONMENT_NAME_LIMIT, network=data)
    assert ROLE_NAME.accepts(stack_of(assembly, accepter_stack.ROLE_ID).parameters["RoleName"])


def test_the_role_accepts_this_accounts_requests_to_that_vpc_and_does_nothing_else() -> None:
    """Neither another account's requests nor another VPC of theirs."""
    (role,) = resources_of(
        stack_of(peered(ACROSS), accepter_stack.ROLE_ID), "AWS::IAM::Role"
    ).values()
    theirs = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}"
    vpc = {"Fn::Sub": f"{theirs}:vpc/${{PeerVpcId}}"}
    accept = {"Effect": "Allow", "Action": ["ec2:AcceptVpcPeeringConnection"]}
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {
                "AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${RequesterAccountId}:root"}
            },
            "Action": ["sts:AssumeRole"],
        }
    ]
    assert role["Policies"][0]["PolicyDocument"]["Statement"] == [
        {"Sid": "OwnVpc", **accept, "Resource": [vpc]},
        {
            "Sid": "FromRequester",
            **accept,
            "Resource": [{"Fn::Sub": f"{theirs}:vpc-peering-connection/*"}],
            "Condition": {
                "ArnEquals": {"ec2:AccepterVpc": vpc},
                "ArnLike": {
                    "ec2:RequesterVpc": {
                        "Fn::Sub": "arn:${AWS::Partition}:ec2:*:${RequesterAccountId}:vpc/*"
                    }
                },
            },
        },
    ]


@pytest.mark.parametrize(
    ("peering", "source"),
    [
        (ACROSS, SOURCE_OF_THE_FUNCTION),
        (PEERING, {"SourceSecurityGroupId": {"Ref": "FunctionSecurityGroupId"}}),
        (ACROSS | {"region": "eu-central-1"}, {"CidrIp": {"Ref": "RequesterCidr"}}),
        (PEERING | {"region": "eu-central-1"}, {"CidrIp": {"Ref": "RequesterCidr"}}),
    ],
)
def test_logstash_admits_the_function_on_its_port(
    peering: dict[str, Any], source: dict[str, Any]
) -> None:
    """By its group within a region; across regions AWS knows no group, so by its VPC."""
    assembly = peered(peering)
    stack = stack_of(assembly, accepter_stack.ID)
    (rule,) = resources_of(stack, "AWS::EC2::SecurityGroupIngress").values()
    assert rule == {
        "GroupId": {"Ref": "LogstashSecurityGroupId"},
        "Description": "Load balancer logs of the other side",
        "IpProtocol": "tcp",
        "FromPort": {"Ref": "LogstashPort"},
        "ToPort": {"Ref": "LogstashPort"},
        **source,
    }
    assert stack.parameters["LogstashPort"] == "5045"


def test_without_a_group_of_logstash_there_are_only_routes() -> None:
    """Whoever owns the group then admits the function."""
    assembly = peered({key: ACROSS[key] for key in ACROSS if key != "security_group_id"})
    stack = stack_of(assembly, accepter_stack.ID)
    assert {one["Type"] for one in stack.template["Resources"].values()} == {"AWS::EC2::Route"}
    assert "FunctionSecurityGroupId" not in stack.values


@pytest.mark.parametrize(
    ("stack_id", "side", "connection"),
    [
        (requester_stack.ID, "requester", "PeeringConnection"),
        (accepter_stack.ID, "accepter", "PeeringConnectionId"),
    ],
)
def test_each_side_lets_the_other_resolve_its_names_where_that_is_asked_for(
    stack_id: str, side: str, connection: str
) -> None:
    """The function behind it may change the options of that one connection."""
    assembly = peered(ACROSS | {"dns_resolution": True})
    stack = stack_of(assembly, stack_id)
    (options,) = resources_of(stack, "Custom::PeeringOptions").values()
    (function,) = resources_of(stack, "AWS::Lambda::Function").values()
    (rights,) = resources_of(stack, "AWS::IAM::RolePolicy").values()
    arn = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-peering-connection/"
    named = {"Connection": {"Ref": connection}}
    assert options == {
        "ServiceToken": {"Fn::GetAtt": ["DnsResolutionFunction", "Arn"]},
        "ServiceTimeout": function["Timeout"] + 120,
        "PeeringConnectionId": {"Ref": connection},
        "Side": side,
    }
    assert rights == {
        "RoleName": {"Ref": "DnsResolutionRole"},
        "PolicyName": {"Fn::Sub": ["options-of-${Connection}", named]},
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "OptionsOfThatConnection",
                    "Effect": "Allow",
                    "Action": ["ec2:ModifyVpcPeeringConnectionOptions"],
                    "Resource": [{"Fn::Sub": [f"{arn}${{Connection}}", named]}],
                }
            ],
        },
    }
    assert stack.template["Resources"]["DnsResolution"]["DependsOn"] == [
        "DnsResolutionFunctionInvocation",
        "DnsResolutionRights",
    ]
    assert stack.capabilities == ("CAPABILITY_IAM",)
    assert clean(assembly)


def test_the_function_behind_it_needs_no_file_in_the_other_account() -> None:
    """Its code stands in the template, which fits into one call; its role writes its own log."""
    stack = stack_of(peered(ACROSS | {"dns_resolution": True}), accepter_stack.ID)
    (function,) = resources_of(stack, "AWS::Lambda::Function").values()
    (role,) = resources_of(stack, "AWS::IAM::Role").values()
    assert stack.assets == ()
    assert function["Handler"] == "index.handle"
    assert function["Code"].keys() == {"ZipFile"}
    assert len(json.dumps(stack.template)) < TEMPLATE_LIMIT
    assert [one["PolicyDocument"]["Statement"] for one in role["Policies"]] == [
        [
            {
                "Sid": "OwnLog",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": [{"Fn::GetAtt": ["DnsResolutionLogGroup", "Arn"]}],
            }
        ]
    ]


def test_names_are_not_resolved_unless_that_is_asked_for() -> None:
    """Names in a private hosted zone, and of load balancers, need no function."""
    types = {
        resource["Type"]
        for stack in peered(ACROSS).stacks
        for resource in stack.template["Resources"].values()
    }
    assert "Custom::PeeringOptions" not in types


def routes_of(assembly: Assembly, stack_id: str) -> set[tuple[Any, ...]]:
    """(number of the route table, parameter of the destination, connection) of each route."""
    found = resources_of(stack_of(assembly, stack_id), "AWS::EC2::Route").values()
    return {
        (
            one["RouteTableId"]["Fn::Select"][0],
            one["DestinationCidrBlock"]["Ref"],
            one["VpcPeeringConnectionId"]["Ref"],
        )
        for one in found
    }


@st.composite
def peerings(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A network, and a peering that goes with it."""
    count = draw(st.integers(1, 5))
    peering: dict[str, Any] = {
        "vpc_id": "vpc-0e0e0e0e",
        "cidrs": ["10.90.0.0/16", *(f"10.{91 + number}.0.0/16" for number in range(count - 1))],
        "route_table_ids": [f"rtb-{number:08x}" for number in range(draw(st.integers(1, 20)))],
    }
    across = {"account": OTHER, "own_account": OWN}
    role = {"accepter_role_arn": f"arn:aws:iam::{OTHER}:role/accepter"}
    peering |= draw(st.sampled_from([{}, across, across | role]))
    peering |= draw(st.sampled_from([{}, {"region": "us-east-1"}]))
    peering |= draw(st.sampled_from([{}, {"security_group_id": "sg-0e0e0e0e"}]))
    tables = [f"rtb-{number:08x}" for number in range(draw(st.integers(1, 4)))]
    existing = {
        "vpc_id": "vpc-0a1b2c3d",
        "private_subnet_ids": ["subnet-0a1b2c3d"],
        "cidr": "10.20.0.0/16",
        "private_route_table_ids": tables,
    }
    new = {**NEW, "zones": draw(st.sampled_from([2, 3]))}
    return draw(st.sampled_from([new, existing])), peering


@pytest.mark.slow
@settings(max_examples=4, deadline=None)
@given(peerings())
def test_every_private_subnet_routes_there_and_every_table_back(
    drawn: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    """Whatever the settings, no route is missing, and cfn-lint has nothing to say."""
    network, peering = drawn
    assembly = with_settings(network={**network, "peering": peering})
    tables = network.get("zones") or len(network["private_route_table_ids"])
    assert routes_of(assembly, requester_stack.ID) == {
        (table, f"PeerCidr{number + 1}", "PeeringConnection")
        for table in range(tables)
        for number in range(len(peering["cidrs"]))
    }
    assert routes_of(assembly, accepter_stack.ID) == {
        (table, "RequesterCidr", "PeeringConnectionId")
        for table in range(len(peering["route_table_ids"]))
    }
    assert clean(assembly)
