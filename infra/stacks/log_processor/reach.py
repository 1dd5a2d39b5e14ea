"""What the log processor's function can reach: Logstash, S3, and the secret's endpoint.

Its security group has no other egress, and nothing comes in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import AWSHelperFn, Ref, Select, ec2

from infra import rules
from infra.blocks.endpoints import InterfaceEndpoint, admit_group, interface_endpoint
from infra.blocks.function import Placement
from infra.config import Environment, LogProcessor, PrivateLink
from infra.config.prefix_lists import s3_prefix_list_id
from infra.model import Output
from infra.stacks.draft import Draft
from infra.stacks.network import Network

S3_PREFIX_LIST = "S3PrefixListId"
"""The parameter that lets the function reach S3."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Where the function runs and what it reaches from there."""

    placement: Placement
    port: Ref
    endpoint: InterfaceEndpoint | None
    """Logstash's, where it is reached through PrivateLink."""

    @property
    def variables(self) -> dict[str, Select]:
        """Logstash's name as the endpoint has it, where the settings may have no other."""
        return {"LOGSTASH_HOST": self.endpoint.host} if self.endpoint else {}


def reach(
    draft: Draft,
    environment: Environment,
    settings: LogProcessor,
    network: Network,
    *,
    port: Ref,
    secret_group: Output | None,
) -> Reach:
    """The placement; `secret_group` is the group of Secrets Manager's endpoint, if it is ours."""
    vpc_id = draft.resource_id(
        "VpcId", network.vpc_id, "AWS::EC2::VPC::Id", "VPC that the function runs in"
    )
    subnet_ids = draft.resource_id(
        "PrivateSubnetIds",
        network.private_subnet_ids,
        "List<AWS::EC2::Subnet::Id>",
        "Subnets of that VPC that reach S3 and Logstash",
    )
    with draft.group("Logstash"):
        link = settings.logstash.private_link
        endpoint = _endpoint(draft, link, vpc_id, subnet_ids) if link else None
        logstash = _logstash(draft, settings, port, endpoint)
    egress = [
        logstash,
        _s3(draft, environment, settings),
        *_endpoints(draft, settings, network, secret_group),
    ]
    return Reach(
        placement=Placement(vpc_id=vpc_id, subnet_ids=subnet_ids, egress=egress),
        port=port,
        endpoint=endpoint,
    )


def admit(draft: Draft, reached: Reach, function_group: ec2.SecurityGroup) -> None:
    """Let the function, and nothing else, connect to what was made for it alone."""
    if reached.endpoint is not None:
        admit_group(
            draft.template,
            "LogstashEndpointIngress",
            to=reached.endpoint.security_group,
            source=function_group,
            port=reached.port,
            description="The function",
        )


def _endpoint(
    draft: Draft, link: PrivateLink, vpc_id: AWSHelperFn, subnet_ids: AWSHelperFn
) -> InterfaceEndpoint:
    return interface_endpoint(
        draft.template,
        "LogstashEndpoint",
        service_name=draft.text(
            "LogstashEndpointService",
            link.service_name,
            rules.ENDPOINT_SERVICE,
            "Endpoint service that leads to Logstash; its owner has to allow this account",
        ),
        vpc_id=vpc_id,
        subnet_ids=subnet_ids,
        private_dns=link.private_dns,
        policy=None,
    )


def _logstash(
    draft: Draft, settings: LogProcessor, port: Ref, endpoint: InterfaceEndpoint | None
) -> ec2.SecurityGroupRule:
    if endpoint is not None:
        to = {"DestinationSecurityGroupId": Ref(endpoint.security_group)}
        return _tcp("Logstash, through its endpoint", port, **to)
    assert settings.logstash.cidr is not None, "settings without an endpoint know the network"
    cidr = draft.text(
        "LogstashCidr", settings.logstash.cidr, rules.CIDR, "Network of Logstash's addresses"
    )
    return _tcp("Logstash", port, CidrIp=cidr)


def _s3(draft: Draft, environment: Environment, settings: LogProcessor) -> ec2.SecurityGroupRule:
    prefix_list = draft.text(
        S3_PREFIX_LIST,
        s3_prefix_list_id(settings.s3_prefix_list_id, environment.region),
        rules.PREFIX_LIST_ID,
        "Prefix list com.amazonaws.<region>.s3 of the region",
    )
    return _tcp("S3, through the gateway endpoint", 443, DestinationPrefixListId=prefix_list)


def _endpoints(
    draft: Draft, settings: LogProcessor, network: Network, secret_group: Output | None
) -> list[ec2.SecurityGroupRule]:
    """To Secrets Manager's endpoint and to X-Ray's, where the settings need them.

    To the group of an endpoint that we made, else to the VPC, where somebody else made it.
    """
    ways = []
    to_the_vpc = []
    if settings.logstash.secret_arn is not None:
        if secret_group is None:
            to_the_vpc.append("Secrets Manager")
        else:
            ways.append(_to_secret(draft, secret_group))
    if settings.function.tracing:
        to_the_vpc.append("X-Ray")
    if to_the_vpc:
        what = " and ".join(to_the_vpc)
        to = {"CidrIp": _vpc_cidr(draft, network)}
        ways.append(_tcp(f"{what}, through an interface endpoint", 443, **to))
    return ways


def _to_secret(draft: Draft, group: Output) -> ec2.SecurityGroupRule:
    to = draft.text(
        "SecretsManagerSecurityGroupId",
        group,
        rules.SECURITY_GROUP_ID,
        "Security group of Secrets Manager's endpoint",
    )
    description = "Secrets Manager, through an interface endpoint"
    return _tcp(description, 443, DestinationSecurityGroupId=to)


def _vpc_cidr(draft: Draft, network: Network) -> AWSHelperFn:
    assert network.cidr is not None, "settings that need an endpoint know the VPC's network"
    if isinstance(network.cidr, AWSHelperFn):
        return network.cidr
    return draft.text("VpcCidr", network.cidr, rules.CIDR, "IPv4 network of the VPC")


def _tcp(description: str, port: Ref | int, **to: Any) -> ec2.SecurityGroupRule:
    return ec2.SecurityGroupRule(
        Description=description, IpProtocol="tcp", FromPort=port, ToPort=port, **to
    )
