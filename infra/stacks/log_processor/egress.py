"""The only ways out of the function."""

from __future__ import annotations

from typing import Any

from troposphere import Ref, ec2

from infra import rules
from infra.config import LogProcessor
from infra.stacks.draft import Draft
from infra.stacks.network import Network


def egress(
    draft: Draft, settings: LogProcessor, network: Network, *, port: Ref
) -> list[ec2.SecurityGroupRule]:
    """The only ways out: to Logstash, to S3, and where a secret is named, to its endpoint."""
    cidr = draft.text(
        "LogstashCidr", settings.logstash.cidr, rules.CIDR, "Network of Logstash's addresses"
    )
    s3_prefix_list = draft.text(
        "S3PrefixListId",
        settings.s3_prefix_list_id,
        rules.PREFIX_LIST_ID,
        "Prefix list com.amazonaws.<region>.s3 of the region",
    )
    ways = [
        ec2.SecurityGroupRule(
            Description="Logstash", IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp=cidr
        ),
        _https("S3, through the gateway endpoint", DestinationPrefixListId=s3_prefix_list),
    ]
    if settings.logstash.secret_arn is not None and network.cidr is not None:
        vpc = draft.text("VpcCidr", network.cidr, rules.CIDR, "IPv4 network of the VPC")
        ways.append(_https("Secrets Manager, through an interface endpoint", CidrIp=vpc))
    return ways


def _https(description: str, **to: Any) -> ec2.SecurityGroupRule:
    return ec2.SecurityGroupRule(
        Description=description, IpProtocol="tcp", FromPort=443, ToPort=443, **to
    )
