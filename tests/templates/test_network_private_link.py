"""Logstash reached through PrivateLink: the endpoint is the function's, and its only way out."""

from __future__ import annotations

from typing import Any

import pytest

from infra.model import Assembly, Stack
from tests.templates.test_network import NOTHING_OUT, clean
from tests.templates.test_rules import resources_of, stack_of, variables_of, with_settings

SERVICE = "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718"
LINK = {"private_link": {"service_name": SERVICE}, "port": 5044}
NAMED = {**LINK, "host": "logstash.example.net", "protocol": "tls"}


def linked(logstash: dict[str, Any]) -> tuple[Assembly, Stack]:
    assembly = with_settings(log_processor__logstash=logstash)
    return assembly, stack_of(assembly, "log-processor")


def test_the_function_reaches_the_endpoint_and_nothing_else_does() -> None:
    """Each of the two groups names the other, on Logstash's port alone."""
    assembly, stack = linked(LINK)
    groups = resources_of(stack, "AWS::EC2::SecurityGroup")
    (rule,) = resources_of(stack, "AWS::EC2::SecurityGroupIngress").values()
    port = {"Ref": "LogstashPort"}
    assert groups["ProcessorSecurityGroup"]["SecurityGroupEgress"][0] == {
        "Description": "Logstash, through its endpoint",
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "DestinationSecurityGroupId": {"Ref": "LogstashEndpointSecurityGroup"},
    }
    assert "LogstashCidr" not in stack.values
    assert groups["LogstashEndpointSecurityGroup"] == {
        "GroupDescription": "Of an interface endpoint: only the listed ingress in, nothing out",
        "VpcId": {"Ref": "VpcId"},
        "SecurityGroupEgress": NOTHING_OUT,
    }
    assert rule == {
        "GroupId": {"Fn::GetAtt": ["LogstashEndpointSecurityGroup", "GroupId"]},
        "SourceSecurityGroupId": {"Fn::GetAtt": ["ProcessorSecurityGroup", "GroupId"]},
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "Description": "The function",
    }
    assert clean(assembly)


@pytest.mark.parametrize("private_dns", [False, True])
def test_the_endpoint_is_of_the_named_service_in_the_private_subnets(private_dns: bool) -> None:
    """It takes the service's own name where that has one."""
    link = {"service_name": SERVICE, "private_dns": private_dns}
    assembly, stack = linked({**NAMED, "private_link": link})
    assert resources_of(stack, "AWS::EC2::VPCEndpoint") == {
        "LogstashEndpoint": {
            "VpcEndpointType": "Interface",
            "ServiceName": {"Ref": "LogstashEndpointService"},
            "VpcId": {"Ref": "VpcId"},
            "SubnetIds": {"Ref": "PrivateSubnetIds"},
            "SecurityGroupIds": [{"Ref": "LogstashEndpointSecurityGroup"}],
            "PrivateDnsEnabled": private_dns,
        }
    }
    assert stack.parameters["LogstashEndpointService"] == SERVICE
    assert clean(assembly)


def test_logstash_is_called_by_the_endpoints_name_where_no_other_is_known() -> None:
    """The part of the first DNS entry that is no hosted zone."""
    assembly, stack = linked(LINK)
    entries = {"Fn::GetAtt": ["LogstashEndpoint", "DnsEntries"]}
    first = {"Fn::Split": [":", {"Fn::Select": [0, entries]}]}
    assert variables_of(assembly)["LOGSTASH_HOST"] == {"Fn::Select": [1, first]}
    assert "LogstashHost" not in stack.values


def test_logstash_is_called_by_the_given_name_which_its_certificate_has() -> None:
    """The name then has to lead to the endpoint: the service's own, or one of the user's."""
    assembly, stack = linked(NAMED)
    assert variables_of(assembly)["LOGSTASH_HOST"] == {"Ref": "LogstashHost"}
    assert stack.parameters["LogstashHost"] == "logstash.example.net"
