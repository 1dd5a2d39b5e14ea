"""What every template must keep to, whatever the settings: looked up in the synthesised data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.assembly import assemble
from infra.config import Environment, load, shipped
from infra.lint.cfn_lint import findings
from infra.lint.references import undefined
from infra.model import Assembly, Stack
from infra.naming import BUCKET_PREFIX_LIMIT
from infra.rules import LOG_RETENTION_DAYS
from lambda_src.log_processor.settings import STATIC_KEYS


def stack_of(assembly: Assembly, stack_id: str) -> Stack:
    return next(stack for stack in assembly.stacks if stack.id == stack_id)


def resources_of(stack: Stack, type_: str) -> dict[str, dict[str, Any]]:
    resources: Mapping[str, Any] = stack.template["Resources"]
    return {
        title: one.get("Properties", {}) for title, one in resources.items() if one["Type"] == type_
    }


@pytest.fixture(name="assembly", params=sorted(shipped()))
def _assembly(request: pytest.FixtureRequest) -> Assembly:
    return assemble(load(request.param))


def test_cfn_lint_finds_nothing(assembly: Assembly) -> None:
    """What we ship as an example is clean."""
    assert findings(assembly) == []


def test_no_reference_is_undefined(assembly: Assembly) -> None:
    """Every Ref, GetAtt, Sub and DependsOn names something that its template has."""
    assert [undefined(stack.template) for stack in assembly.stacks] == [[], []]


def test_the_only_egress_is_logstash_and_s3(assembly: Assembly) -> None:
    """The function reaches two places, and nothing reaches it."""
    groups = resources_of(stack_of(assembly, "log-processor"), "AWS::EC2::SecurityGroup")
    (group,) = groups.values()
    assert "SecurityGroupIngress" not in group
    assert group["SecurityGroupEgress"] == [
        {
            "Description": "Logstash",
            "IpProtocol": "tcp",
            "FromPort": {"Ref": "LogstashPort"},
            "ToPort": {"Ref": "LogstashPort"},
            "CidrIp": {"Ref": "LogstashCidr"},
        },
        {
            "Description": "S3, through the gateway endpoint",
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "DestinationPrefixListId": {"Ref": "S3PrefixListId"},
        },
    ]


BUCKET = "arn:${AWS::Partition}:s3:::${BucketNamePrefix}-${AWS::AccountId}-${AWS::Region}-an"
LOG_OBJECTS = {"Fn::Sub": f"{BUCKET}/${{KeyPrefix}}AWSLogs/${{AWS::AccountId}}/*"}
THIS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_only_load_balancers_of_this_account_may_write_logs_and_nobody_without_tls(
    assembly: Assembly,
) -> None:
    """The delivery service writes below the log prefix; plain HTTP is refused to everybody."""
    policies = resources_of(stack_of(assembly, "log-processor"), "AWS::S3::BucketPolicy")
    (policy,) = policies.values()
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "LoadBalancerLogDelivery",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": [LOG_OBJECTS],
            "Condition": THIS_ACCOUNT,
        },
        {
            "Sid": "NoPlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*"],
            "Resource": [{"Fn::Sub": BUCKET}, {"Fn::Sub": f"{BUCKET}/*"}],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]


def test_s3_may_send_to_the_queue_for_that_bucket_of_this_account_only(
    assembly: Assembly,
) -> None:
    """A bucket of that name in another account may not."""
    (policy,) = resources_of(stack_of(assembly, "log-processor"), "AWS::SQS::QueuePolicy").values()
    assert policy == {
        "Queues": [{"Ref": "LogQueue"}],
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "BucketNotification",
                    "Effect": "Allow",
                    "Principal": {"Service": "s3.amazonaws.com"},
                    "Action": ["sqs:SendMessage"],
                    "Resource": [{"Fn::GetAtt": ["LogQueue", "Arn"]}],
                    "Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::Sub": BUCKET}}}
                    | THIS_ACCOUNT,
                }
            ],
        },
    }


def test_the_code_may_read_logs_take_messages_and_write_its_own_log_only(
    assembly: Assembly,
) -> None:
    """What Lambda needs for network interfaces is denied to the code itself."""
    (role,) = resources_of(stack_of(assembly, "log-processor"), "AWS::IAM::Role").values()
    ((policy,), trust) = role["Policies"], role["AssumeRolePolicyDocument"]["Statement"]
    interfaces = [
        f"ec2:{action}"
        for action in (
            *("AssignPrivateIpAddresses", "CreateNetworkInterface", "DeleteNetworkInterface"),
            *("DescribeNetworkInterfaces", "DescribeSubnets", "UnassignPrivateIpAddresses"),
        )
    ]
    function = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function"
    assert role.keys() == {"AssumeRolePolicyDocument", "Policies"}
    assert trust == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["sts:AssumeRole"],
        }
    ]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "ReadLogs",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": [LOG_OBJECTS],
        },
        {
            "Sid": "TakeMessages",
            "Effect": "Allow",
            "Action": ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            "Resource": [{"Fn::GetAtt": ["LogQueue", "Arn"]}],
        },
        {
            "Sid": "OwnLog",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [{"Fn::GetAtt": ["ProcessorLogGroup", "Arn"]}],
        },
        {
            "Sid": "NetworkInterfaces",
            "Effect": "Allow",
            "Action": interfaces,
            "Resource": ["*"],
        },
        {
            "Sid": "NotFromTheCode",
            "Effect": "Deny",
            "Action": interfaces,
            "Resource": ["*"],
            "Condition": {
                "ArnEquals": {
                    "lambda:SourceFunctionArn": [{"Fn::Sub": f"{function}:${{AWS::StackName}}"}]
                }
            },
        },
    ]


def test_the_function_gets_the_variables_that_it_asks_for(assembly: Assembly) -> None:
    """The template and the function's settings are written apart and have to agree."""
    (function,) = resources_of(
        stack_of(assembly, "log-processor"), "AWS::Lambda::Function"
    ).values()
    variables = function["Environment"]["Variables"]
    assert variables == {
        "LOGSTASH_HOST": {"Ref": "LogstashHost"},
        "LOGSTASH_PORT": {"Ref": "LogstashPort"},
        **{variable: {"Ref": f"Event{key}"} for key, variable in STATIC_KEYS.items()},
    }


def test_a_message_stays_hidden_six_times_the_functions_timeout(assembly: Assembly) -> None:
    """No message comes back while the function may still be at work on it."""
    stack = stack_of(assembly, "log-processor")
    (function,) = resources_of(stack, "AWS::Lambda::Function").values()
    queues = resources_of(stack, "AWS::SQS::Queue")
    assert queues["LogQueue"]["VisibilityTimeout"] == 6 * function["Timeout"]


def test_the_vpc_resolves_names(assembly: Assembly) -> None:
    """Both DNS attributes are on; the second is off by default."""
    (vpc,) = resources_of(stack_of(assembly, "network"), "AWS::EC2::VPC").values()
    assert (vpc["EnableDnsSupport"], vpc["EnableDnsHostnames"]) == (True, True)


def with_settings(**changes: Any) -> Assembly:
    """The example `dev` with other settings; keys with __ lead into groups."""
    data = load("dev").model_dump(exclude_unset=True)
    for path, value in changes.items():
        *groups, key = path.split("__")
        target = data
        for group in groups:
            target = target[group]
        target[key] = value
    return assemble(Environment.model_validate(data))


@pytest.mark.parametrize(("nat", "gateways"), [("none", 0), ("one", 1), ("per-zone", 3)])
def test_nat_is_none_one_or_one_a_zone(nat: str, gateways: int) -> None:
    """Each private subnet routes through a NAT gateway exactly if there is one."""
    stack = stack_of(
        with_settings(network={"cidr": "10.0.0.0/16", "zones": 3, "nat": nat}), "network"
    )
    assert len(resources_of(stack, "AWS::EC2::NatGateway")) == gateways
    assert len(resources_of(stack, "AWS::EC2::EIP")) == gateways
    routes = resources_of(stack, "AWS::EC2::Route")
    used = {json.dumps(one["NatGatewayId"]) for one in routes.values() if "NatGatewayId" in one}
    assert len(used) == gateways
    assert len(routes) == 1 + (3 if gateways else 0)


def test_a_third_zone_moves_no_subnet() -> None:
    """A subnet that moved would be replaced, with all that runs in it."""
    two, three = (
        stack_of(
            with_settings(network={"cidr": "10.0.0.0/16", "zones": zones, "nat": "none"}),
            "network",
        )
        for zones in (2, 3)
    )
    before, after = (resources_of(stack, "AWS::EC2::Subnet") for stack in (two, three))
    assert {title: after[title] for title in before} == before
    assert two.parameters == three.parameters


def test_an_existing_network_gives_values_instead_of_wires() -> None:
    """There is no network stack then, and nothing refers to one."""
    assembly = with_settings(
        network={
            "vpc_id": "vpc-0a1b2c3d4e5f60718",
            "private_subnet_ids": ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
        }
    )
    (stack,) = assembly.stacks
    assert stack.wiring == {}
    assert stack.parameters["VpcId"] == "vpc-0a1b2c3d4e5f60718"
    assert stack.parameters["PrivateSubnetIds"] == "subnet-0a1b2c3d,subnet-1a1b2c3d"


def test_templates_do_not_change_with_values() -> None:
    """What an operator varies is in the parameter file, so one template serves all environments."""
    plain = with_settings()
    varied = with_settings(
        name="other",
        application="else",
        log_processor__bucket_name_prefix="other",
        log_processor__key_prefix="a/b",
        log_processor__log_expiry_days=3,
        log_processor__logstash={"host": "h", "port": 1, "cidr": "10.1.0.0/16"},
        log_processor__event={"component": "c", "source_module_name": "s", "type": "t"},
        network={"cidr": "172.16.0.0/20", "zones": 2, "nat": "none"},
    )
    assert [stack.template for stack in plain.stacks] == [stack.template for stack in varied.stacks]


@st.composite
def environments(draw: st.DrawFn) -> dict[str, Any]:
    """Any valid settings: each value at or between its bounds."""
    bits = draw(st.integers(16, 25))
    network = IPv4Network((draw(st.integers(10 << 24, (11 << 24) - 1)), bits), strict=False)
    new = {
        "cidr": str(network),
        "zones": draw(st.sampled_from([2, 3])),
        "nat": draw(st.sampled_from(["none", "one", "per-zone"])),
    }
    existing = {
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "private_subnet_ids": ["subnet-0a1b2c3d4e5f60718"],
    }
    return {
        "name": draw(st.from_regex(r"[a-z](-?[a-z0-9]){0,15}", fullmatch=True)),
        "network": draw(st.sampled_from([new, existing])),
        "log_processor__bucket_name_prefix": draw(
            st.from_regex(
                rf"[a-z0-9][a-z0-9-]{{0,{BUCKET_PREFIX_LIMIT - 2}}}[a-z0-9]", fullmatch=True
            )
        ),
        "log_processor__key_prefix": draw(st.sampled_from(["", "a", "team/shop"])),
        "log_processor__log_expiry_days": draw(st.integers(1, 36500)),
        "log_processor__function": {
            "memory_mb": draw(st.integers(128, 10240)),
            "timeout_seconds": draw(st.integers(10, 900)),
            "log_retention_days": draw(st.sampled_from(LOG_RETENTION_DAYS)),
            "maximum_concurrency": draw(st.integers(2, 1000)),
        },
    }


@settings(max_examples=15, deadline=None)
@given(environments())
def test_any_valid_settings_give_templates_without_findings(changes: dict[str, Any]) -> None:
    """The settings refuse whatever would make a template that cfn-lint refuses."""
    assert findings(with_settings(**changes)) == []
