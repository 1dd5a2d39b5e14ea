"""The network's stacks on the local AWS: created, updated and deleted, with all they consist of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest

from infra.assembly import assemble
from infra.aws.services import Aws
from infra.config import Environment, load
from infra.deploy.execution import Outputs, Watcher, carry_out
from infra.deploy.plan import creation
from infra.errors import AwsError
from infra.local.emulator import Emulator
from infra.model import Assembly, Stack
from tests.local.stacks import Client

FAST = Watcher(interval=0.02)
OWN = "210987654321"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-AbCdEf"
OTHER_SIDE = Stack(
    "other",
    "other-side",
    {
        "Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.90.0.0/16"}},
            "Routes": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}},
            "Logstash": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {"GroupDescription": "Logstash", "VpcId": {"Ref": "Vpc"}},
            },
        },
        "Outputs": {name: {"Value": {"Ref": name}} for name in ("Vpc", "Routes", "Logstash")},
    },
    {},
)

THIRD_SIDE = replace(OTHER_SIDE, id="third", name="third-side")


@pytest.fixture
def client(here: Emulator) -> Client:
    session = boto3.Session(
        aws_access_key_id=here.credentials.access_key,
        aws_secret_access_key=here.credentials.secret_key,
        region_name=here.region,
    )
    return lambda service: session.client(service, endpoint_url=here.endpoint_url)


def environment(name: str, network: Mapping[str, Any], **logstash: Any) -> Assembly:
    data = load("dev").model_dump(exclude_unset=True, by_alias=True)
    data |= {"name": name, "artifact_bucket": f"{name}-artifacts"}
    data["network"] |= network
    data["log_processor"]["bucket_name_prefix"] = name
    data["log_processor"]["operations"] = {"protected": False}
    data["log_processor"]["logstash"] |= logstash
    return assemble(Environment.model_validate(data))


def all_here(assembly: Assembly) -> Assembly:
    """With the other side of a peering in the account that there is."""
    return replace(
        assembly,
        stacks=tuple(replace(stack, account=None, region=None) for stack in assembly.stacks),
    )


def deployed(aws: Aws, assembly: Assembly) -> Outputs:
    aws.objects.create_bucket(f"{assembly.environment}-artifacts")
    name = f"com.amazonaws.{aws.region}.s3"
    overrides = {"S3PrefixListId": aws.prefix_lists.id_of(name)}
    return carry_out(creation(all_here(assembly), overrides), aws, FAST)


def update(client: Client, stack: Stack, **parameters: str) -> None:
    """Give some parameters other values."""
    formation = client("cloudformation")
    declared = stack.template["Parameters"]
    formation.update_stack(
        StackName=stack.name,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[
            {"ParameterKey": key, "ParameterValue": parameters[key]}
            if key in parameters
            else {"ParameterKey": key, "UsePreviousValue": True}
            for key in declared
        ],
    )
    formation.get_waiter("stack_update_complete").wait(
        StackName=stack.name, WaiterConfig={"Delay": 0.05}
    )


def delete(client: Client, assembly: Assembly) -> None:
    formation = client("cloudformation")
    for stack in reversed(assembly.stacks):
        formation.delete_stack(StackName=stack.name)
        formation.get_waiter("stack_delete_complete").wait(
            StackName=stack.name, WaiterConfig={"Delay": 0.05}
        )


def stack_of(assembly: Assembly, stack_id: str) -> Stack:
    return next(stack for stack in assembly.stacks if stack.id == stack_id)


def peering_routes(client: Client, table: str) -> dict[str, str]:
    """Destination → connection of each route over a peering."""
    [found] = client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return {
        route["DestinationCidrBlock"]: route["VpcPeeringConnectionId"]
        for route in found["Routes"]
        if "VpcPeeringConnectionId" in route
    }


def peered(client: Client, connection: str) -> tuple[str, bool, bool]:
    """Its status, and whether each side lets the other resolve its names."""
    [found] = client("ec2").describe_vpc_peering_connections(VpcPeeringConnectionIds=[connection])[
        "VpcPeeringConnections"
    ]
    requester, accepter = (
        found[side]["PeeringOptions"]["AllowDnsResolutionFromRemoteVpc"]
        for side in ("RequesterVpcInfo", "AccepterVpcInfo")
    )
    return found["Status"]["Code"], requester, accepter


def ingress(client: Client, group: str) -> list[tuple[int, Any, Any]]:
    """(port, groups, networks) of each rule."""
    [found] = client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return [
        (
            rule["FromPort"],
            [(pair["UserId"], pair["GroupId"]) for pair in rule["UserIdGroupPairs"]],
            [one["CidrIp"] for one in rule["IpRanges"]],
        )
        for rule in found["IpPermissions"]
    ]


def test_a_peering_routes_both_ways_and_admits_the_function(aws: Aws, client: Client) -> None:
    """Created in the manifest's order, changed, and gone without a trace on the other side."""
    there = carry_out(creation(Assembly("test", aws.region, {}, (OTHER_SIDE,))), aws, FAST)["other"]
    peering = {
        "vpc_id": there["Vpc"],
        "cidrs": ["10.90.0.0/16", "10.91.0.0/16"],
        "account": "123456789012",
        "own_account": OWN,
        "route_table_ids": [there["Routes"]],
        "security_group_id": there["Logstash"],
        "dns_resolution": True,
    }
    assembly = environment("peered", {"peering": peering})
    outputs = deployed(aws, assembly)
    connection = outputs["peering"]["PeeringConnectionId"]
    group = outputs["log-processor"]["SecurityGroupId"]
    tables = outputs["network"]["PrivateRouteTableIds"].split(",")
    assert outputs["peering-role"]["RoleArn"] == (
        f"arn:aws:iam::123456789012:role/peered-{OWN}-peering"
    )
    assert [peering_routes(client, table) for table in tables] == [
        {"10.90.0.0/16": connection, "10.91.0.0/16": connection}
    ] * 2
    assert peering_routes(client, there["Routes"]) == {"10.20.0.0/16": connection}
    assert ingress(client, there["Logstash"]) == [(5045, [(OWN, group)], [])]
    assert peered(client, connection) == ("active", True, True)
    update(client, stack_of(assembly, "peering-accepter"), LogstashPort="5046")
    update(client, stack_of(assembly, "peering"), PeerCidr2="10.92.0.0/16")
    assert ingress(client, there["Logstash"]) == [(5046, [(OWN, group)], [])]
    assert set(peering_routes(client, tables[0])) == {"10.90.0.0/16", "10.92.0.0/16"}
    delete(client, assembly)
    assert peering_routes(client, there["Routes"]) == {}
    assert ingress(client, there["Logstash"]) == []
    assert peered(client, connection) == ("deleted", False, False)


def test_a_role_without_the_right_is_told_which_it_lacks(aws: Aws) -> None:
    """The local AWS lets the function do what its policy says, and nothing else."""
    there = carry_out(creation(Assembly("test", aws.region, {}, (THIRD_SIDE,))), aws, FAST)["third"]
    peering = {
        "vpc_id": there["Vpc"],
        "cidrs": ["10.90.0.0/16"],
        "route_table_ids": [there["Routes"]],
        "dns_resolution": True,
    }
    assembly = environment("denied", {"peering": peering})
    network, requester = (stack_of(assembly, one) for one in ("network", "peering"))
    template = json.loads(json.dumps(requester.template))
    [statement] = template["Resources"]["DnsResolutionRights"]["Properties"]["PolicyDocument"][
        "Statement"
    ]
    # So that it gives up before long.
    template["Resources"]["DnsResolutionFunction"]["Properties"]["Timeout"] = 10
    statement["Resource"] = ["arn:aws:ec2:eu-west-1:123456789012:vpc-peering-connection/pcx-0"]
    stacks = (network, replace(requester, template=template))
    with pytest.raises(AwsError, match="is denied to this function's role"):
        carry_out(creation(replace(assembly, stacks=stacks)), aws, FAST)


def test_flow_logs_come_change_and_go(aws: Aws, client: Client) -> None:
    """Another choice of traffic replaces the flow log, and not its records' group."""
    assembly = environment("recorded", {"flow_logs": {"retention_days": 7, "traffic": "REJECT"}})
    network = replace(assembly, stacks=(stack_of(assembly, "network"),))
    outputs = carry_out(creation(network), aws, FAST)["network"]

    def recorded() -> list[tuple[str, str]]:
        logs = client("ec2").describe_flow_logs()["FlowLogs"]
        mine = [one for one in logs if one["ResourceId"] == outputs["VpcId"]]
        return [(one["TrafficType"], one["LogDestination"]) for one in mine]

    group = outputs["FlowLogGroupName"]
    assert group == "/vpc/recorded-network/flow-logs"
    assert recorded() == [("REJECT", group)]
    update(client, stack_of(assembly, "network"), FlowLogTraffic="ALL", FlowLogRetentionDays="30")
    assert recorded() == [("ALL", group)]
    [found] = client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 30
    delete(client, network)
    assert recorded() == []


def test_logstash_is_reached_through_its_endpoint(aws: Aws, client: Client) -> None:
    """The function knows the endpoint's name, and each of the two groups the other."""
    link = {"service_name": "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d"}
    tls = {"protocol": "tls", "secret_arn": SECRET}
    assembly = environment("linked", {}, private_link=link, host=None, cidr=None, **tls)
    outputs = deployed(aws, assembly)
    [endpoint] = [
        one
        for one in client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
        if one["ServiceName"] == link["service_name"]
    ]
    function = client("lambda").get_function_configuration(
        FunctionName=outputs["log-processor"]["FunctionName"]
    )
    group = outputs["log-processor"]["SecurityGroupId"]
    [egress] = client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    reached = [
        pair["GroupId"]
        for rule in egress["IpPermissionsEgress"]
        for pair in rule["UserIdGroupPairs"]
    ]
    assert endpoint["SubnetIds"] == outputs["network"]["PrivateSubnetIds"].split(",")
    assert function["Environment"]["Variables"]["LOGSTASH_HOST"] == (
        f"{endpoint['VpcEndpointId']}-local123.vpce-svc-0a1b2c3d.eu-west-1.vpce.amazonaws.com"
    )
    assert reached[1:] == [outputs["endpoints"]["SecretsManagerSecurityGroupId"]]
    assert ingress(client, reached[0]) == [(5045, [("123456789012", group)], [])]
    assert ingress(client, reached[1]) == [(443, [], ["10.20.0.0/16"])]
    delete(client, assembly)
    assert link["service_name"] not in {
        one["ServiceName"] for one in client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    }
