"""Elastic addresses and NAT gateways, kept in MiniStack's EC2 so that describe calls show them."""

from __future__ import annotations

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from infra.local.plugin.calls import Handler, Properties, call, element


def _allocate(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, dict[str, str]]:
    answer = call(ec2._allocate_address, Domain=properties.get("Domain", "vpc"))
    allocation, address = element(answer, "allocationId"), element(answer, "publicIp")
    provisioners._ec2_apply_tags(allocation, properties)
    return address, {"AllocationId": allocation, "PublicIp": address}


def _release(address: str, _properties: Properties) -> None:
    for allocation, record in list(ec2._addresses.items()):
        if record["PublicIp"] == address:
            call(ec2._release_address, AllocationId=allocation)


def _create_nat(
    _logical_id: str, properties: Properties, _stack: str
) -> tuple[str, dict[str, str]]:
    answer = call(
        ec2._create_nat_gateway,
        SubnetId=properties.get("SubnetId"),
        AllocationId=properties.get("AllocationId"),
        ConnectivityType=properties.get("ConnectivityType"),
    )
    gateway = element(answer, "natGatewayId")
    provisioners._ec2_apply_tags(gateway, properties)
    return gateway, {"NatGatewayId": gateway}


def _delete_nat(gateway: str, _properties: Properties) -> None:
    call(ec2._delete_nat_gateway, NatGatewayId=gateway)


EIP: Handler = {"create": _allocate, "delete": _release}
NAT_GATEWAY: Handler = {"create": _create_nat, "delete": _delete_nat}
