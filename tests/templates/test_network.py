"""The network around the function: what S3's and AWS's endpoints let through, and flow logs."""

from __future__ import annotations

from typing import Any

import pytest

from infra.assembly import assemble
from infra.config import Environment, load, shipped
from infra.lint.cfn_lint import findings
from infra.lint.references import undefined
from infra.model import Assembly, Stack
from tests.templates.test_rules import SECRET, TLS, resources_of, stack_of, with_settings

NEW = {"cidr": "10.20.0.0/16", "zones": 2, "nat": "none"}
LOG_BUCKET = "arn:${AWS::Partition}:s3:::${BucketNamePrefix}-${AWS::AccountId}-${AWS::Region}-an"
OURS = {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
LOG_BUCKET_ALONE = {
    "Sid": "LogBuckets",
    "Effect": "Allow",
    "Principal": "*",
    "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:PutObject"],
    "Resource": [{"Fn::Sub": LOG_BUCKET}, {"Fn::Sub": f"{LOG_BUCKET}/*"}],
    "Condition": OURS,
}


def clean(assembly: Assembly) -> bool:
    """No finding of cfn-lint's, and no name that nothing bears."""
    return findings(assembly) == [] and not any(
        undefined(stack.template) for stack in assembly.stacks
    )


def s3_statements(assembly: Assembly) -> list[dict[str, Any]]:
    endpoints = resources_of(stack_of(assembly, "network"), "AWS::EC2::VPCEndpoint")
    statements: list[dict[str, Any]] = endpoints["S3Endpoint"]["PolicyDocument"]["Statement"]
    return statements


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_s3_endpoint_lets_the_log_bucket_through_and_nothing_else(name: str) -> None:
    """Not even this account's other buckets, and no principal of another account."""
    assembly = assemble(load(name))
    assert s3_statements(assembly)[0] == LOG_BUCKET_ALONE
    network, logs = stack_of(assembly, "network"), stack_of(assembly, "log-processor")
    assert network.values["BucketNamePrefix"] == logs.values["BucketNamePrefix"]


THEIRS = {
    "log_processor__bucket_name_prefix": None,
    "log_processor__existing_bucket": "their-logs",
    "log_processor__state_bucket_name_prefix": "shop-state",
}


@pytest.mark.parametrize("bucket", [{}, THEIRS])
def test_whatever_the_function_may_do_in_s3_passes_the_endpoint(bucket: dict[str, Any]) -> None:
    """A right that the endpoint refuses would be none, whosever the bucket is."""
    assembly = with_settings(**bucket)
    roles = resources_of(stack_of(assembly, "log-processor"), "AWS::IAM::Role")
    (passing,) = s3_statements(assembly)
    wanted = [
        (action, resource["Fn::Sub"])
        for statement in roles["ProcessorRole"]["Policies"][0]["PolicyDocument"]["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
        if action.startswith("s3:")
    ]
    buckets = [one["Fn::Sub"] for one in passing["Resource"] if "/*" not in one["Fn::Sub"]]
    assert wanted
    assert {action for action, _ in wanted} <= set(passing["Action"])
    assert {arn.partition("/")[0] for _, arn in wanted} == set(buckets)
    assert passing["Resource"] == [
        {"Fn::Sub": f"{bucket}{objects}"} for bucket in buckets for objects in ("", "/*")
    ]
    network, logs = stack_of(assembly, "network"), stack_of(assembly, "log-processor")
    names = {name for name in network.values if "Bucket" in name}
    assert {name: network.values[name] for name in names} == {
        name: logs.values[name] for name in names
    }
    assert clean(assembly)


def test_other_buckets_pass_the_endpoint_where_they_are_named() -> None:
    """Reading is for anybody, as package repositories are read unsigned; writing is for us."""
    access = {"readable": ["al2023-repos-eu-west-1-*", "layers"], "writable": ["cache"]}
    assembly = with_settings(network={**NEW, "s3_access": access})
    prefix = "arn:${AWS::Partition}:s3:::"
    assert s3_statements(assembly)[1:] == [
        {
            "Sid": "Readable",
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"],
            "Resource": [
                {"Fn::Sub": f"{prefix}${{ReadableBucket1}}"},
                {"Fn::Sub": f"{prefix}${{ReadableBucket1}}/*"},
                {"Fn::Sub": f"{prefix}${{ReadableBucket2}}"},
                {"Fn::Sub": f"{prefix}${{ReadableBucket2}}/*"},
            ],
        },
        {
            "Sid": "Writable",
            "Effect": "Allow",
            "Principal": "*",
            "Action": [
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetBucketLocation",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:ListBucket",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            "Resource": [
                {"Fn::Sub": f"{prefix}${{WritableBucket1}}"},
                {"Fn::Sub": f"{prefix}${{WritableBucket1}}/*"},
            ],
            "Condition": OURS,
        },
    ]
    values = stack_of(assembly, "network").values
    assert [values[f"ReadableBucket{number}"] for number in (1, 2)] == access["readable"]
    assert clean(assembly)


def without_log_processor(**network: Any) -> Assembly:
    data = load("dev").model_dump(exclude_unset=True, by_alias=True)
    del data["log_processor"]
    return assemble(Environment.model_validate(data | {"network": NEW | network}))


def test_without_a_log_processor_the_s3_endpoint_lets_this_accounts_buckets_through() -> None:
    """Nothing leaves for another account's bucket, and nobody else's keys get anywhere."""
    assembly = without_log_processor()
    account = {"Ref": "AWS::AccountId"}
    assert s3_statements(assembly) == [
        {
            "Sid": "OwnBuckets",
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["s3:*"],
            "Resource": ["*"],
            "Condition": {
                "StringEquals": {"aws:PrincipalAccount": account, "aws:ResourceAccount": account}
            },
        }
    ]
    assert clean(assembly)


def network_with_flow_logs() -> tuple[Assembly, Stack]:
    flow_logs = {"retention_days": 30, "traffic": "REJECT"}
    assembly = with_settings(network={**NEW, "flow_logs": flow_logs})
    return assembly, stack_of(assembly, "network")


def test_flow_logs_write_to_a_group_that_forgets_and_to_nothing_else() -> None:
    """Their role is of use to flow logs of this account only."""
    assembly, stack = network_with_flow_logs()
    (flow_log,) = resources_of(stack, "AWS::EC2::FlowLog").values()
    (group,) = resources_of(stack, "AWS::Logs::LogGroup").values()
    (role,) = resources_of(stack, "AWS::IAM::Role").values()
    source = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-flow-log/*"
    assert flow_log == {
        "ResourceType": "VPC",
        "ResourceId": {"Ref": "Vpc"},
        "TrafficType": {"Ref": "FlowLogTraffic"},
        "LogDestinationType": "cloud-watch-logs",
        "LogGroupName": {"Ref": "FlowLogLogGroup"},
        "DeliverLogsPermissionArn": {"Fn::GetAtt": ["FlowLogRole", "Arn"]},
    }
    assert group["RetentionInDays"] == {"Ref": "FlowLogRetentionDays"}
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": ["sts:AssumeRole"],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
                "ArnLike": {"aws:SourceArn": {"Fn::Sub": source}},
            },
        }
    ]
    assert role["Policies"][0]["PolicyDocument"]["Statement"] == [
        {
            "Sid": "OwnGroup",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [{"Fn::GetAtt": ["FlowLogLogGroup", "Arn"]}],
        }
    ]
    assert clean(assembly)


def test_what_an_account_asks_of_roles_is_asked_of_the_networks() -> None:
    """But not of the one that another account makes."""
    arn = "arn:aws:iam::123456789012:policy/boundary"
    peering = {
        "vpc_id": "vpc-0e0e0e0e",
        "cidrs": ["10.90.0.0/16"],
        "route_table_ids": ["rtb-0e0e0e0e"],
        "account": "210987654321",
        "own_account": "123456789012",
        "dns_resolution": True,
    }
    assembly = with_settings(
        roles={"permissions_boundary": arn, "path": "/team/"},
        network={**NEW, "flow_logs": {"retention_days": 30}, "peering": peering},
    )
    asked = {
        (stack.id, title): (role.get("Path"), role.get("PermissionsBoundary"))
        for stack in assembly.stacks
        for title, role in resources_of(stack, "AWS::IAM::Role").items()
    }
    ours = ({"Ref": "RolePath"}, {"Ref": "PermissionsBoundaryArn"})
    assert asked == {
        ("network", "FlowLogRole"): ours,
        ("peering-role", "AccepterRole"): (None, None),
        ("peering", "DnsResolutionRole"): ours,
        ("log-processor", "ProcessorRole"): ours,
        ("peering-accepter", "DnsResolutionRole"): (None, None),
    }
    assert clean(assembly)


def test_flow_logs_are_made_only_when_asked_for_and_then_say_what_they_need() -> None:
    """Without them the network stack makes no role, and asks for no capability."""
    _, stack = network_with_flow_logs()
    assert stack.capabilities == ("CAPABILITY_IAM",)
    assert stack.parameters["FlowLogTraffic"] == "REJECT"
    assert stack.parameters["FlowLogRetentionDays"] == "30"
    plain = stack_of(with_settings(network=NEW), "network")
    assert plain.capabilities == ()
    assert resources_of(plain, "AWS::EC2::FlowLog") == {}


NOTHING_OUT = [
    {
        "Description": "None: a rule that leads nowhere takes the place of the one that allows all",
        "IpProtocol": "-1",
        "CidrIp": "127.0.0.1/32",
    }
]


@pytest.mark.parametrize(
    "network",
    [
        NEW,
        {
            "vpc_id": "vpc-0a1b2c3d",
            "private_subnet_ids": ["subnet-0a1b2c3d"],
            "cidr": "10.20.0.0/16",
            "secrets_manager_endpoint": True,
        },
    ],
)
def test_a_secrets_endpoint_lets_one_secret_through_to_the_vpc(network: dict[str, Any]) -> None:
    """It has the service's own name in the VPC, and admits HTTPS from there only."""
    assembly = with_settings(network=network, log_processor__logstash=TLS)
    stack = stack_of(assembly, "endpoints")
    group, endpoint = (
        resources_of(stack, type_)[title]
        for type_, title in (
            ("AWS::EC2::SecurityGroup", "SecretsManagerEndpointSecurityGroup"),
            ("AWS::EC2::VPCEndpoint", "SecretsManagerEndpoint"),
        )
    )
    assert group == {
        "GroupDescription": "Of an interface endpoint: only the listed ingress in, nothing out",
        "VpcId": {"Ref": "VpcId"},
        "SecurityGroupEgress": NOTHING_OUT,
        "SecurityGroupIngress": [
            {
                "Description": "HTTPS from the VPC",
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "CidrIp": {"Ref": "VpcCidr"},
            }
        ],
    }
    assert endpoint == {
        "VpcEndpointType": "Interface",
        "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.secretsmanager"},
        "VpcId": {"Ref": "VpcId"},
        "SubnetIds": {"Ref": "PrivateSubnetIds"},
        "SecurityGroupIds": [{"Ref": "SecretsManagerEndpointSecurityGroup"}],
        "PrivateDnsEnabled": True,
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "ReadSecret",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": ["secretsmanager:GetSecretValue"],
                    "Resource": [{"Ref": "LogstashSecretArn"}],
                    "Condition": OURS,
                }
            ],
        },
    }
    assert stack.parameters["LogstashSecretArn"] == SECRET


def test_nothing_needs_an_endpoint_without_a_secret() -> None:
    """An interface endpoint costs money by the hour, in each zone."""
    assert [stack.id for stack in with_settings().stacks] == ["network", "log-processor"]
