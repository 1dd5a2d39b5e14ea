"""The resource types that our plug-in adds to the local AWS, or mends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.aws.services import Aws
from infra.deploy.execution import Watcher, carry_out
from infra.deploy.plan import creation
from infra.errors import AwsError
from infra.model import Assembly, Stack
from tests.local.stacks import Client

VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}
GROUP = {
    "Type": "AWS::EC2::SecurityGroup",
    "Properties": {
        "GroupDescription": "group",
        "VpcId": {"Ref": "Vpc"},
        "SecurityGroupEgress": [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "DestinationPrefixListId": "pl-1"}
        ],
    },
}


def create(aws: Aws, name: str, resources: dict[str, Any], **outputs: Any) -> dict[str, str]:
    template = {
        "Parameters": {"Number": {"Type": "Number", "Default": "3"}},
        "Resources": resources,
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    stack = Stack(name, f"plugin-{name}", template, {}, capabilities=("CAPABILITY_IAM",))
    assembly = Assembly("test", aws.region, {"Team": "web"}, (stack,))
    return dict(carry_out(creation(assembly), aws, Watcher(interval=0.02))[name])


def delete(client: Client, name: str) -> None:
    formation = client("cloudformation")
    formation.delete_stack(StackName=f"plugin-{name}")
    formation.get_waiter("stack_delete_complete").wait(
        StackName=f"plugin-{name}", WaiterConfig={"Delay": 0.05}
    )


def attribute(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def test_every_private_name_that_the_plug_in_uses_is_there() -> None:
    """When MiniStack moves one, this says which, and the launcher refuses to start."""
    # In a process of its own: MiniStack reads the environment when it is imported.
    code = "from infra.local.plugin.registration import missing_names; print(missing_names())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env={"PATH": os.environ["PATH"], "DOCKER_HOST": "unix:///nonexistent"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_vpc_tells_its_range_and_default_acl(aws: Aws) -> None:
    """`Fn::GetAtt` of CidrBlock works, so that subnets can be cut from it."""
    subnets = {"Fn::Cidr": [attribute("Vpc", "CidrBlock"), 2, 8]}
    subnet = {"VpcId": {"Ref": "Vpc"}, "CidrBlock": {"Fn::Select": [1, subnets]}}
    resources = {"Vpc": VPC, "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": subnet}}
    assert create(aws, "vpc", resources, Range=attribute("Vpc", "CidrBlock")) == {
        "Range": "10.1.0.0/16"
    }


def test_addresses_and_nat_gateways_come_and_go(aws: Aws, client: Client) -> None:
    """EC2's describe calls show them with the stack's tags, and not after its end."""
    resources = {
        "Vpc": VPC,
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.1.0.0/24"},
        },
        "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}},
        "Nat": {
            "Type": "AWS::EC2::NatGateway",
            "Properties": {
                "SubnetId": {"Ref": "Subnet"},
                "AllocationId": attribute("Address", "AllocationId"),
            },
        },
    }
    made = create(aws, "nat", resources, Nat={"Ref": "Nat"}, Address={"Ref": "Address"})
    ec2 = client("ec2")
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[made["Nat"]])["NatGateways"]
    assert {"Key": "Team", "Value": "web"} in gateway["Tags"]
    assert made["Address"] in {one["PublicIp"] for one in ec2.describe_addresses()["Addresses"]}
    delete(client, "nat")
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[made["Nat"]])["NatGateways"]
    assert gateway["State"] == "deleted"
    assert made["Address"] not in {one["PublicIp"] for one in ec2.describe_addresses()["Addresses"]}


def test_network_acls_and_their_entries_come_and_go(aws: Aws, client: Client) -> None:
    """An entry is found in its list."""
    entry = {
        "NetworkAclId": {"Ref": "Acl"},
        "RuleNumber": 110,
        "Protocol": 6,
        "RuleAction": "deny",
        "Egress": True,
        "CidrBlock": "192.0.2.0/24",
    }
    resources = {
        "Vpc": VPC,
        "Acl": {"Type": "AWS::EC2::NetworkAcl", "Properties": {"VpcId": {"Ref": "Vpc"}}},
        "Entry": {"Type": "AWS::EC2::NetworkAclEntry", "Properties": entry},
    }
    made = create(aws, "acl", resources, Acl={"Ref": "Acl"})
    [acl] = client("ec2").describe_network_acls(NetworkAclIds=[made["Acl"]])["NetworkAcls"]
    assert [(one["RuleNumber"], one["Egress"], one["CidrBlock"]) for one in acl["Entries"]] == [
        (110, True, "192.0.2.0/24")
    ]
    delete(client, "acl")
    assert client("ec2").describe_network_acls(NetworkAclIds=[made["Acl"]])["NetworkAcls"] == []


def test_a_peering_within_the_account_is_active(aws: Aws, client: Client) -> None:
    """Nobody has to accept it, as with CloudFormation."""
    peering = {"VpcId": {"Ref": "Vpc"}, "PeerVpcId": {"Ref": "Other"}}
    resources = {
        "Vpc": VPC,
        "Other": VPC,
        "Peering": {"Type": "AWS::EC2::VPCPeeringConnection", "Properties": peering},
    }
    made = create(aws, "peering", resources, Id={"Ref": "Peering"})

    def status() -> str:
        answer = client("ec2").describe_vpc_peering_connections(
            VpcPeeringConnectionIds=[made["Id"]]
        )
        return str(answer["VpcPeeringConnections"][0]["Status"]["Code"])

    assert status() == "active"
    delete(client, "peering")
    assert status() == "deleted"


def test_rules_of_their_own_join_the_group_and_leave_it(aws: Aws, client: Client) -> None:
    """The group's inline egress to a prefix list stays as it is."""
    rule = {"GroupId": {"Ref": "Group"}, "IpProtocol": "tcp", "FromPort": 5045, "ToPort": 5045}
    resources = {
        "Vpc": VPC,
        "Group": GROUP,
        "In": {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": {**rule, "CidrIp": "192.0.2.0/24"},
        },
        "Out": {
            "Type": "AWS::EC2::SecurityGroupEgress",
            "Properties": {**rule, "CidrIp": "198.51.100.0/24"},
        },
    }
    made = create(aws, "rules", resources, Group={"Ref": "Group"})
    [group] = client("ec2").describe_security_groups(GroupIds=[made["Group"]])["SecurityGroups"]
    assert [one["IpRanges"][0]["CidrIp"] for one in group["IpPermissions"]] == ["192.0.2.0/24"]
    assert [
        [one["PrefixListId"] for one in rule["PrefixListIds"]]
        + [one["CidrIp"] for one in rule["IpRanges"]]
        for rule in group["IpPermissionsEgress"]
    ] == [["pl-1"], ["198.51.100.0/24"]]
    delete(client, "rules")


def test_a_classic_load_balancer_has_a_name_and_an_address(aws: Aws, client: Client) -> None:
    """There is no service behind it, but other resources can refer to it."""
    resources = {
        "Balancer": {
            "Type": "AWS::ElasticLoadBalancing::LoadBalancer",
            "Properties": {"LoadBalancerName": "shop", "Listeners": []},
        }
    }
    made = create(
        aws,
        "balancer",
        resources,
        Name={"Ref": "Balancer"},
        Address=attribute("Balancer", "DNSName"),
    )
    assert made == {"Name": "shop", "Address": f"shop-1234567890.{aws.region}.elb.amazonaws.com"}
    delete(client, "balancer")


def test_an_account_regional_bucket_gets_the_name_that_s3_makes(aws: Aws, client: Client) -> None:
    """Its prefix, the account, the region."""
    resources = {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketNamespace": "account-regional", "BucketNamePrefix": "logs"},
        }
    }
    made = create(aws, "bucket", resources, Name={"Ref": "Bucket"})
    assert made == {"Name": "logs-123456789012-eu-west-1-an"}
    delete(client, "bucket")
    assert "logs-123456789012-eu-west-1-an" not in {
        one["Name"] for one in client("s3").list_buckets()["Buckets"]
    }


def test_a_bucket_keeps_its_objects_as_long_as_its_template_says(aws: Aws, client: Client) -> None:
    """Also where the days come from a parameter."""
    rules = [
        {
            "Id": "old",
            "Status": "Enabled",
            "ExpirationInDays": {"Ref": "Number"},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
        {"Id": "some", "Status": "Disabled", "Prefix": "a/", "ExpirationInDays": 7},
    ]
    properties = {"BucketName": "plugin-lifecycle", "LifecycleConfiguration": {"Rules": rules}}
    create(aws, "lifecycle", {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}})
    found = client("s3").get_bucket_lifecycle_configuration(Bucket="plugin-lifecycle")
    assert found["Rules"] == [
        {
            "ID": "old",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": 3},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
        {
            "ID": "some",
            "Status": "Disabled",
            "Filter": {"Prefix": "a/"},
            "Expiration": {"Days": 7},
        },
    ]


def test_a_bucket_name_that_is_too_long_fails_as_with_s3(aws: Aws) -> None:
    """63 characters are a bucket name's limit."""
    resources = {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketNamespace": "account-regional", "BucketNamePrefix": "x" * 40},
        }
    }
    with pytest.raises(AwsError, match="it needs a prefix and at most 63 characters"):
        create(aws, "long", resources)


def test_a_mappings_concurrency_may_come_from_a_parameter(aws: Aws, client: Client) -> None:
    """A parameter's value is text; as text it would stop every queue from being read."""
    mapping = {
        "FunctionName": "none",
        "EventSourceArn": attribute("Queue", "Arn"),
        "ScalingConfig": {"MaximumConcurrency": {"Ref": "Number"}},
    }
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
    }
    made = create(aws, "mapping", resources, Id={"Ref": "Mapping"})
    found = client("lambda").get_event_source_mapping(UUID=made["Id"])
    assert found["ScalingConfig"] == {"MaximumConcurrency": 3}
    delete(client, "mapping")


def test_a_roles_policy_of_its_own_comes_and_goes(aws: Aws, client: Client) -> None:
    """Beside those that the role has itself."""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}],
    }
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
        "Policy": {
            "Type": "AWS::IAM::RolePolicy",
            "Properties": {
                "RoleName": {"Ref": "Role"},
                "PolicyName": "of-its-own",
                "PolicyDocument": document,
            },
        },
    }
    role = create(aws, "role-policy", resources, Role={"Ref": "Role"})["Role"]
    found = client("iam").get_role_policy(RoleName=role, PolicyName="of-its-own")
    assert found["PolicyDocument"] == document
    delete(client, "role-policy")


def test_notifications_of_the_same_event_of_the_same_key_are_refused(client: Client) -> None:
    """As S3 refuses them, whoever they go to."""
    s3, arn = client("s3"), "arn:aws:lambda:eu-west-1:123456789012:function:any"
    place = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="plugin-overlap", CreateBucketConfiguration=place)

    def put(*filters: tuple[str, str, str]) -> None:
        entries = [
            {
                "LambdaFunctionArn": arn,
                "Events": [event],
                "Filter": {
                    "Key": {
                        "FilterRules": [
                            {"Name": "prefix", "Value": prefix},
                            {"Name": "suffix", "Value": suffix},
                        ]
                    }
                },
            }
            for event, prefix, suffix in filters
        ]
        s3.put_bucket_notification_configuration(
            Bucket="plugin-overlap",
            NotificationConfiguration={"LambdaFunctionConfigurations": entries},
            SkipDestinationValidation=True,
        )

    every, one, other = "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectRemoved:*"
    put((every, "a/", ".gz"), (one, "a/b/", ".log"), (other, "a/", ".gz"), (one, "b/", ".gz"))
    for pair in ((every, "a/", ""), (one, "a/b/", ".gz")), ((one, "", "z"), (every, "a/", ".gz")):
        with pytest.raises(ClientError, match="Configuration is ambiguously defined"):
            put(*pair)


def generated(name: str) -> dict[str, Any]:
    wanted = {
        "SecretStringTemplate": '{"username":"analyst"}',
        "GenerateStringKey": "password",
        "PasswordLength": 48,
        "ExcludePunctuation": True,
    }
    return {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"Name": name, "GenerateSecretString": wanted},
    }


def test_a_secret_is_referred_to_by_its_arn_and_has_no_punctuation(
    aws: Aws, client: Client
) -> None:
    """Policies name it by that, and a password can stand in a URL and in a shell."""
    resources = {"Secret": generated("plugin/secret")}
    made = create(aws, "secret", resources, Arn={"Ref": "Secret"})
    described = client("secretsmanager").describe_secret(SecretId="plugin/secret")
    assert described["ARN"] == made["Arn"]
    password = json.loads(aws.secrets.text(made["Arn"]))["password"]
    assert (len(password), password.isalnum()) == (48, True)
    delete(client, "secret")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client("secretsmanager").describe_secret(SecretId=made["Arn"])


def test_a_secret_says_that_it_is_rotated_and_no_longer(aws: Aws, client: Client) -> None:
    """By which function and how often; the function itself is not here."""
    function = "arn:aws:lambda:eu-west-1:123456789012:function:rotates"
    rotation = {
        "SecretId": {"Ref": "Secret"},
        "RotationLambdaARN": function,
        "RotationRules": {"AutomaticallyAfterDays": 30},
    }
    resources = {
        "Secret": generated("plugin/rotated"),
        "Rotation": {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": rotation},
    }
    made = create(aws, "rotated", resources, Arn={"Ref": "Secret"})
    described = client("secretsmanager").describe_secret(SecretId=made["Arn"])
    assert (described["RotationEnabled"], described["RotationLambdaARN"]) == (True, function)
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30}
    delete(client, "rotated")
