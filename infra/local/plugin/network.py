"""Network ACLs with their entries, and peering connections (accepted if nobody has to be asked)."""

from __future__ import annotations

from ministack.core.responses import get_account_id
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from infra.local.plugin.calls import Handler, Properties, call, element
from infra.local.plugin.replacement import replaced


def _create_acl(
    _logical_id: str, properties: Properties, _stack: str
) -> tuple[str, dict[str, str]]:
    answer = call(ec2._create_network_acl, VpcId=properties.get("VpcId"))
    acl = element(answer, "networkAclId")
    provisioners._ec2_apply_tags(acl, properties)
    return acl, {"Id": acl}


def _delete_acl(acl: str, _properties: Properties) -> None:
    call(ec2._delete_network_acl, NetworkAclId=acl)


def _create_entry(
    logical_id: str, properties: Properties, stack: str
) -> tuple[str, dict[str, str]]:
    call(
        ec2._create_network_acl_entry,
        NetworkAclId=properties.get("NetworkAclId"),
        RuleNumber=properties.get("RuleNumber"),
        Protocol=properties.get("Protocol"),
        RuleAction=properties.get("RuleAction"),
        Egress=properties.get("Egress"),
        CidrBlock=properties.get("CidrBlock"),
        Ipv6CidrBlock=properties.get("Ipv6CidrBlock"),
    )
    return f"{stack}-{logical_id}", {"Id": f"{stack}-{logical_id}"}


def _delete_entry(_entry: str, properties: Properties) -> None:
    call(
        ec2._delete_network_acl_entry,
        NetworkAclId=properties.get("NetworkAclId"),
        RuleNumber=properties.get("RuleNumber"),
        Egress=properties.get("Egress"),
    )


def _create_peering(
    _logical_id: str, properties: Properties, _stack: str
) -> tuple[str, dict[str, str]]:
    owner = properties.get("PeerOwnerId")
    answer = call(
        ec2._create_vpc_peering_connection,
        VpcId=properties.get("VpcId"),
        PeerVpcId=properties.get("PeerVpcId"),
        PeerOwnerId=owner,
        PeerRegion=properties.get("PeerRegion"),
    )
    peering = element(answer, "vpcPeeringConnectionId")
    # CloudFormation accepts by itself within one account, and in another in the role's name.
    if owner in (None, get_account_id()) or properties.get("PeerRoleArn"):
        call(ec2._accept_vpc_peering_connection, VpcPeeringConnectionId=peering)
    provisioners._ec2_apply_tags(peering, properties)
    return peering, {"Id": peering}


def _delete_peering(peering: str, _properties: Properties) -> None:
    call(ec2._delete_vpc_peering_connection, VpcPeeringConnectionId=peering)


ACL: Handler = {"create": _create_acl, "delete": _delete_acl}
ACL_ENTRY: Handler = {"create": _create_entry, "delete": _delete_entry}
PEERING: Handler = replaced(
    {"create": _create_peering, "delete": _delete_peering},
    by=("VpcId", "PeerVpcId", "PeerOwnerId", "PeerRegion"),
)
