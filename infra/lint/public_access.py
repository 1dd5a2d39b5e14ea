"""Whether servers with a public address stand where the internet reaches them.

RDS makes such a server in any subnet; who then tries to connect waits for ever. It can be seen
wherever the network is one of ours; of an existing one, AWS itself has to be asked.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html

Pure: an assembly in, findings out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.errors import InputError
from infra.lint.finding import Finding
from infra.model import Assembly, Output, Stack

ENGINE = "infra"
SUBNETS, DNS = "public-subnets", "public-dns"

Properties = Mapping[str, Any]


def findings(assembly: Assembly) -> list[Finding]:
    """A fault for each subnet that is not public, and for each VPC without names."""
    stacks = {stack.id: stack for stack in assembly.stacks}
    found: dict[Finding, None] = {}
    for stack in assembly.stacks:
        for parameter in public_subnets_of(stack):
            value = stack.values[parameter]
            if isinstance(value, Output) and value.stack in stacks:
                found |= dict.fromkeys(_in_network(stacks[value.stack], value.name))
    return list(found)


def refuse_unreachable(assembly: Assembly) -> None:
    """Raise an InputError with every finding: nobody should deploy that."""
    found = findings(assembly)
    if found:
        raise InputError("\n".join(map(str, found)))


def public_subnets_of(stack: Stack) -> list[str]:
    """The parameters that name the subnets of servers with a public address."""
    resources: Mapping[str, Any] = stack.template["Resources"]
    names: dict[str, None] = {}
    for instance in _of_type(resources, "AWS::RDS::DBInstance").values():
        if instance.get("PubliclyAccessible") is True:
            group = resources[_subnet_group(resources, instance)]["Properties"]["SubnetIds"]
            if group.keys() == {"Ref"}:
                names[group["Ref"]] = None
    return list(names)


def _subnet_group(resources: Mapping[str, Any], instance: Properties) -> str:
    """A replica without one stands in its source's."""
    if "DBSubnetGroupName" in instance:
        return str(instance["DBSubnetGroupName"]["Ref"])
    source = instance["SourceDBInstanceIdentifier"]["Ref"]
    return _subnet_group(resources, resources[source]["Properties"])


def _in_network(stack: Stack, output: str) -> Iterator[Finding]:
    resources: Mapping[str, Any] = stack.template["Resources"]
    value = stack.template["Outputs"][output]["Value"]
    for reference in value["Fn::Join"][1]:
        title = reference["Ref"]
        if not any(_leads_out(resources, table) for table in _tables(resources, title)):
            yield _finding(
                stack,
                title,
                SUBNETS,
                "has no route to an internet gateway, but a server with a public address is to "
                "stand in it: nobody would reach it",
            )
        yield from _names(stack, resources[title]["Properties"]["VpcId"]["Ref"])


def _names(stack: Stack, vpc: str) -> Iterator[Finding]:
    properties = stack.template["Resources"][vpc].get("Properties", {})
    for setting in ("EnableDnsSupport", "EnableDnsHostnames"):
        if properties.get(setting) is not True:
            yield _finding(
                stack,
                vpc,
                DNS,
                f"{setting} is not true, without which RDS makes no server with a public address",
            )


def _tables(resources: Mapping[str, Any], subnet: str) -> list[Any]:
    """The route tables of a subnet: one, or none where nobody has given it one."""
    return [
        each["RouteTableId"]
        for each in _of_type(resources, "AWS::EC2::SubnetRouteTableAssociation").values()
        if each["SubnetId"] == {"Ref": subnet}
    ]


def _leads_out(resources: Mapping[str, Any], table: Any) -> bool:
    """Whether it routes everything else to an internet gateway that is attached."""
    attached = [
        each.get("InternetGatewayId")
        for each in _of_type(resources, "AWS::EC2::VPCGatewayAttachment").values()
    ]
    return any(
        route["RouteTableId"] == table
        and route.get("DestinationCidrBlock") == "0.0.0.0/0"
        and route.get("GatewayId") in attached
        for route in _of_type(resources, "AWS::EC2::Route").values()
        if "GatewayId" in route
    )


def _of_type(resources: Mapping[str, Any], type_: str) -> dict[str, Properties]:
    return {
        title: each.get("Properties", {})
        for title, each in resources.items()
        if each.get("Type") == type_
    }


def _finding(stack: Stack, title: str, rule: str, message: str) -> Finding:
    return Finding(
        stack=stack.id,
        resource=title,
        property="",
        rule=rule,
        level="error",
        message=message,
        engine=ENGINE,
    )
