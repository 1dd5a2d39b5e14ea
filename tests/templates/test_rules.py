"""What every template must keep to, whatever the settings: looked up in the synthesised data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import config
from infra.assembly import assemble
from infra.config import Environment, load, shipped
from infra.lint.engines import examine
from infra.lint.references import undefined
from infra.model import Assembly, Output, Stack
from infra.naming import BUCKET_PREFIX_LIMIT
from infra.rules import LOG_RETENTION_DAYS, QUERY_PARAMETER
from lambda_src.log_processor import settings as function_settings
from lambda_src.log_processor.conditions import In
from lambda_src.log_processor.delivery import Endpoint, Protocol, Target, TlsOptions
from lambda_src.log_processor.filters import Clause, Rule
from lambda_src.log_processor.schemas import Schema
from lambda_src.log_processor.settings import STATIC_KEYS
from tests.unit.test_config import CERTIFICATE

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-AbCdEf"


def stack_of(assembly: Assembly, stack_id: str) -> Stack:
    return next(stack for stack in assembly.stacks if stack.id == stack_id)


def resources_of(stack: Stack, type_: str) -> dict[str, dict[str, Any]]:
    resources: Mapping[str, Any] = stack.template["Resources"]
    return {
        title: one.get("Properties", {}) for title, one in resources.items() if one["Type"] == type_
    }


WITH_LOGS = [name for name in sorted(shipped()) if load(name).log_processor]
"""The examples that have a log processor."""


@pytest.fixture(name="assembly", params=WITH_LOGS)
def _assembly(request: pytest.FixtureRequest) -> Assembly:
    return assemble(load(request.param))


def test_no_engine_finds_anything(assembly: Assembly) -> None:
    """What we ship as an example is clean."""
    assert examine(assembly).findings == ()


def test_no_reference_is_undefined(assembly: Assembly) -> None:
    """Every Ref, GetAtt, Sub and DependsOn names something that its template has."""
    assert [problem for stack in assembly.stacks for problem in undefined(stack.template)] == []


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
        {
            "Sid": "NoOldTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*"],
            "Resource": [{"Fn::Sub": BUCKET}, {"Fn::Sub": f"{BUCKET}/*"}],
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
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


def test_the_code_may_read_logs_keep_its_state_take_messages_and_write_its_own_log_only(
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
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": [LOG_OBJECTS],
        },
        {
            "Sid": "KeepState",
            "Effect": "Allow",
            "Action": ["s3:PutObject"],
            "Resource": [{"Fn::Sub": f"{BUCKET}/state/*"}],
        },
        {
            "Sid": "GoOnAtCheckpoints",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": [{"Fn::Sub": f"{BUCKET}/state/checkpoints/*"}],
        },
        {
            "Sid": "TellGoneFromDenied",
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": [{"Fn::Sub": BUCKET}],
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
    assert variables_of(assembly) == {
        "LOGSTASH_PROTOCOL": {"Ref": "LogstashProtocol"},
        "LOGSTASH_HOST": {"Ref": "LogstashHost"},
        "LOGSTASH_PORT": {"Ref": "LogstashPort"},
        "LOGSTASH_SERVER_NAME": {"Ref": "LogstashServerName"},
        "LOGSTASH_CA": {"Ref": "LogstashCa"},
        "LOGSTASH_COMPRESSION_LEVEL": {"Ref": "LogstashCompressionLevel"},
        "EVENT_SCHEMA": {"Ref": "EventSchema"},
        **{variable: {"Ref": f"Event{key}"} for key, variable in STATIC_KEYS.items()},
        "FILTERS": {"Ref": "Filters"},
        "REDACT": {"Ref": "Redact"},
        "METRICS_NAMESPACE": {"Ref": "MetricsNamespace"},
        "STATE_LOCATION": {
            "Fn::Sub": "s3://${BucketNamePrefix}-${AWS::AccountId}-${AWS::Region}-an/state/"
        },
    }


def variables_of(assembly: Assembly) -> dict[str, Any]:
    stack = stack_of(assembly, "log-processor")
    (function,) = resources_of(stack, "AWS::Lambda::Function").values()
    variables: dict[str, Any] = function["Environment"]["Variables"]
    return variables


def as_the_function_sees(assembly: Assembly) -> function_settings.Settings:
    """The function's own settings, with the parameters at the values of the settings."""
    parameters = stack_of(assembly, "log-processor").parameters
    variables = {
        name: "s3://bucket/state/" if name == "STATE_LOCATION" else parameters[value["Ref"]]
        for name, value in variables_of(assembly).items()
    }
    return function_settings.parse(variables)


def test_the_function_understands_all_that_can_be_set() -> None:
    """What settings accept, the function accepts, and takes for the same."""
    seen = as_the_function_sees(
        with_settings(
            log_processor__logstash={
                "protocol": "lumberjack+tls",
                "host": ["10.90.16.7", "10.90.16.8"],
                "port": 5044,
                "cidr": "10.90.16.0/24",
                "server_name": "logstash.example.net",
                "ca": CERTIFICATE,
                "secret_arn": SECRET,
                "compression_level": 3,
            },
            log_processor__schema="ecs",
            log_processor__filters=[
                {"name": "errors", "action": "include", "field": "Status", "in": ["500"]}
            ],
            log_processor__redact=["token", "X-Amz-Signature"],
            log_processor__metrics_namespace="Shop/Logs",
        )
    )
    assert seen == function_settings.Settings(
        target=Target(
            Protocol.LUMBERJACK_TLS,
            (Endpoint("10.90.16.7", 5044), Endpoint("10.90.16.8", 5044)),
            TlsOptions(ca=CERTIFICATE, server_name="logstash.example.net"),
            3,
        ),
        secret=SECRET,
        schema=Schema.ECS,
        static={
            "Component": "load-balancer",
            "SourceModuleName": "ELB",
            "Environment": "dev",
            "Application": "shop",
            "Type": "logs",
        },
        rules=(Rule("errors", "include", (Clause("Status", (In(frozenset({"500"})),)),)),),
        redact=("token", "X-Amz-Signature"),
        state=function_settings.StateLocation("bucket", "state/"),
        namespace="Shop/Logs",
        function="log-processor",
    )


def test_shipped_examples_are_settings_that_the_function_understands(assembly: Assembly) -> None:
    """What an operator starts from works."""
    assert as_the_function_sees(assembly).state.prefix == "state/"


def test_a_choice_of_the_settings_is_one_of_the_function() -> None:
    """Neither knows a protocol or a schema that the other does not."""
    assert get_args(config.Protocol) == tuple(Protocol)
    assert get_args(config.Schema) == tuple(Schema)


TLS = {
    "protocol": "tls",
    "host": "logstash.example.net",
    "port": 5045,
    "cidr": "10.90.16.0/24",
    "secret_arn": SECRET,
}


EXISTING = {
    "vpc_id": "vpc-0a1b2c3d",
    "private_subnet_ids": ["subnet-0a1b2c3d"],
    "cidr": "10.20.0.0/16",
}
ENDPOINT_GROUP = "SecretsManagerSecurityGroupId"


@pytest.mark.parametrize(
    ("network", "to", "value"),
    [
        (
            {"cidr": "10.20.0.0/16", "zones": 2, "nat": "none"},
            {"DestinationSecurityGroupId": {"Ref": ENDPOINT_GROUP}},
            Output("endpoints", ENDPOINT_GROUP),
        ),
        (
            EXISTING | {"secrets_manager_endpoint": True},
            {"DestinationSecurityGroupId": {"Ref": ENDPOINT_GROUP}},
            Output("endpoints", ENDPOINT_GROUP),
        ),
        (EXISTING, {"CidrIp": {"Ref": "VpcCidr"}}, "10.20.0.0/16"),
    ],
)
def test_a_secret_opens_the_way_to_it_and_to_nothing_else(
    network: dict[str, Any], to: dict[str, Any], value: Output | str
) -> None:
    """The role may read that one secret; HTTPS may leave to the endpoint, or to where one is."""
    assembly = with_settings(network=network, log_processor__logstash=TLS)
    stack = stack_of(assembly, "log-processor")
    (group,) = resources_of(stack, "AWS::EC2::SecurityGroup").values()
    (role,) = resources_of(stack, "AWS::IAM::Role").values()
    statements = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert group["SecurityGroupEgress"][2:] == [
        {
            "Description": "Secrets Manager, through an interface endpoint",
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            **to,
        }
    ]
    assert [one for one in statements if "secretsmanager" in json.dumps(one)] == [
        {
            "Sid": "ReadSecret",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [{"Ref": "LogstashSecretArn"}],
        }
    ]
    assert variables_of(assembly)["LOGSTASH_SECRET"] == {"Ref": "LogstashSecretArn"}
    ((parameter,),) = [each.values() for each in to.values()]
    assert stack.values[parameter] == value
    assert examine(assembly).findings == ()


def test_what_the_function_keeps_expires_and_is_no_log(assembly: Assembly) -> None:
    """Checkpoints last as long as a dead letter; nothing is told of anything below state/."""
    stack = stack_of(assembly, "log-processor")
    (bucket,) = resources_of(stack, "AWS::S3::Bucket").values()
    (notified,) = bucket["NotificationConfiguration"]["QueueConfigurations"]
    dead_letters = resources_of(stack, "AWS::SQS::Queue")["LogDeadLetterQueue"]
    assert bucket["LifecycleConfiguration"]["Rules"] == [
        {
            "Id": "expire",
            "Status": "Enabled",
            "ExpirationInDays": {"Ref": "LogExpiryDays"},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
        {
            "Id": "expire-checkpoints",
            "Status": "Enabled",
            "Prefix": "state/checkpoints/",
            "ExpirationInDays": dead_letters["MessageRetentionPeriod"] // (24 * 60 * 60),
        },
    ]
    assert notified["Filter"]["S3Key"]["Rules"] == [
        {"Name": "prefix", "Value": {"Fn::Sub": "${KeyPrefix}AWSLogs/"}}
    ]


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
    data = load("dev").model_dump(exclude_unset=True, by_alias=True)
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
        log_processor__logstash={
            "protocol": "lumberjack+tls",
            "host": ["g", "h"],
            "port": 1,
            "cidr": "10.1.0.0/16",
            "server_name": "s",
            "ca": CERTIFICATE,
            "compression_level": 9,
        },
        log_processor__schema="ecs",
        log_processor__filters=[{"action": "exclude", "field": "Status", "matches": "^2"}],
        log_processor__redact=["token"],
        log_processor__metrics_namespace="Else",
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
        "cidr": "10.0.0.0/28",
    }
    acknowledged = {
        "protocol": "lumberjack+tls",
        "host": [f"logstash-{number}.example.net" for number in range(8)],
        "port": draw(st.integers(1, 65535)),
        "cidr": "10.0.0.0/8",
        "ca": CERTIFICATE,
        "compression_level": draw(st.integers(0, 9)),
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
        "log_processor__logstash": draw(st.sampled_from([TLS, acknowledged])),
        "log_processor__schema": draw(st.sampled_from(["original", "ecs"])),
        "log_processor__redact": draw(
            st.lists(
                st.from_regex(QUERY_PARAMETER.pattern, fullmatch=True), max_size=5, unique=True
            )
        ),
        "log_processor__log_expiry_days": draw(st.integers(1, 36500)),
        "log_processor__function": {
            "architecture": draw(st.sampled_from(("arm64", "x86_64"))),
            "memory_mb": draw(st.integers(128, 10240)),
            "timeout_seconds": draw(st.integers(10, 900)),
            "log_retention_days": draw(st.sampled_from(LOG_RETENTION_DAYS)),
            "maximum_concurrency": draw(st.integers(2, 1000)),
        },
    }


@pytest.mark.slow
@settings(max_examples=4, deadline=None)
@given(environments())
def test_any_valid_settings_give_templates_without_findings(changes: dict[str, Any]) -> None:
    """The settings refuse whatever would make a template that an engine complains of."""
    assert examine(with_settings(**changes)).findings == ()
