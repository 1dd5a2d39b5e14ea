"""EC2's managed prefix lists and VPCs over boto3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infra.aws.refusal import refusals
from infra.aws.services import NetworkFacts
from infra.errors import AwsError


class BotoPrefixLists:
    """Managed prefix lists of one region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def id_of(self, name: str) -> str:
        """The id of the list with this name, such as `com.amazonaws.eu-west-1.s3`."""
        with refusals("DescribeManagedPrefixLists", f"prefix list {name}"):
            answer = self._client.describe_managed_prefix_lists(
                Filters=[{"Name": "prefix-list-name", "Values": [name]}]
            )
        for found in answer["PrefixLists"]:
            if found["PrefixListName"] == name:
                return str(found["PrefixListId"])
        raise AwsError(f"This region has no prefix list {name}. Check the region's name.")


class BotoNetworks:
    """VPCs of one region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def facts(self, vpc_id: str, subnet_ids: Sequence[str]) -> NetworkFacts:
        """What this VPC and these subnets of it are like now."""
        with refusals("DescribeRouteTables", f"VPC {vpc_id}"):
            pages = self._client.get_paginator("describe_route_tables").paginate(
                Filters=[{"Name": "vpc-id", "Values": [vpc_id]}]
            )
            tables = [table for page in pages for table in page["RouteTables"]]
        return NetworkFacts(
            dns_support=self._attribute(vpc_id, "enableDnsSupport", "EnableDnsSupport"),
            dns_hostnames=self._attribute(vpc_id, "enableDnsHostnames", "EnableDnsHostnames"),
            leads_to_internet={each: _leads_out(_table_of(each, tables)) for each in subnet_ids},
            zones=self._zones(vpc_id, subnet_ids),
        )

    def _zones(self, vpc_id: str, subnet_ids: Sequence[str]) -> dict[str, str]:
        """By filters: asked for by their ids, one that is not there would hide the others."""
        filters = [
            {"Name": "vpc-id", "Values": [vpc_id]},
            {"Name": "subnet-id", "Values": list(subnet_ids)},
        ]
        with refusals("DescribeSubnets", f"VPC {vpc_id}"):
            pages = self._client.get_paginator("describe_subnets").paginate(Filters=filters)
            found = [subnet for page in pages for subnet in page["Subnets"]]
        zones = {each["SubnetId"]: str(each["AvailabilityZone"]) for each in found}
        return {each: zones[each] for each in subnet_ids if each in zones}

    def _attribute(self, vpc_id: str, asked: str, answered: str) -> bool:
        with refusals("DescribeVpcAttribute", f"VPC {vpc_id}"):
            answer = self._client.describe_vpc_attribute(VpcId=vpc_id, Attribute=asked)
        return bool(answer[answered]["Value"])


def _table_of(subnet_id: str, tables: Sequence[Any]) -> Any:
    """Its own, else the VPC's main one; None where neither is to be seen.

    https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html
    """
    main = None
    for table in tables:
        for association in table.get("Associations", ()):
            if association.get("SubnetId") == subnet_id:
                return table
            if association.get("Main"):
                main = table
    return main


def _leads_out(table: Any) -> bool:
    return table is not None and any(
        route.get("DestinationCidrBlock") == "0.0.0.0/0"
        and str(route.get("GatewayId", "")).startswith("igw-")
        and route.get("State", "active") == "active"
        for route in table.get("Routes", ())
    )
