"""VPC peering: the connection, the routes over it, and the role that accepts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from awacs.aws import (
    Allow,
    ArnEquals,
    ArnLike,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
)
from awacs.ec2 import AcceptVpcPeeringConnection
from awacs.sts import AssumeRole
from troposphere import AWSHelperFn, Ref, Sub, Tags, Template, ec2, iam

from infra.blocks.references import arn, embedded, placeholder


def peering_connection(
    template: Template,
    title: str,
    *,
    vpc_id: AWSHelperFn,
    peer_vpc_id: AWSHelperFn,
    account: AWSHelperFn | None = None,
    region: AWSHelperFn | None = None,
    role_arn: AWSHelperFn | None = None,
) -> ec2.VPCPeeringConnection:
    """A connection that is active when it has been made.

    `account` and `region` are the other VPC's, where they are not these. CloudFormation accepts
    in the name of `role_arn`, which another account needs: whoever deploys has to be allowed
    sts:AssumeRole on it.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/peer-with-vpc-in-another-account.html
    """
    given: dict[str, Any] = {
        "PeerOwnerId": account,
        "PeerRegion": region,
        "PeerRoleArn": role_arn,
    }
    return template.add_resource(
        ec2.VPCPeeringConnection(
            title,
            VpcId=vpc_id,
            PeerVpcId=peer_vpc_id,
            Tags=Tags(Name=Sub("${AWS::StackName}")),
            **{name: value for name, value in given.items() if value is not None},
        )
    )


def routes(
    template: Template,
    *,
    route_tables: Sequence[AWSHelperFn],
    cidrs: Sequence[AWSHelperFn],
    connection: AWSHelperFn,
) -> list[ec2.Route]:
    """A route over the connection to each of the networks, in each of the route tables."""
    return [
        template.add_resource(
            ec2.Route(
                f"Table{table_number}Route{cidr_number}",
                RouteTableId=table,
                DestinationCidrBlock=cidr,
                VpcPeeringConnectionId=connection,
            )
        )
        for table_number, table in enumerate(route_tables, 1)
        for cidr_number, cidr in enumerate(cidrs, 1)
    ]


def accepter_role(
    template: Template, title: str, *, name: AWSHelperFn, requester: Ref, vpc_id: AWSHelperFn
) -> iam.Role:
    """A role that the account `requester` may use to accept its peering with this VPC: no other.

    https://docs.aws.amazon.com/vpc/latest/peering/security-iam.html#vpc-peering-iam-accept
    """
    return template.add_resource(
        iam.Role(
            title,
            RoleName=name,
            AssumeRolePolicyDocument=PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    Statement(
                        Effect=Allow,
                        Principal=Principal("AWS", _account(requester)),
                        Action=[AssumeRole],
                    )
                ],
            ),
            Policies=[
                iam.Policy(
                    PolicyName="accept-peering",
                    PolicyDocument=PolicyDocument(
                        Version="2012-10-17", Statement=_accept(requester, vpc_id)
                    ),
                )
            ],
        )
    )


def _account(requester: Ref) -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:iam::{placeholder(requester)}:root")


def _accept(requester: Ref, vpc_id: AWSHelperFn) -> list[Statement]:
    """Both the VPC and the connection are resources of the action; each has to be allowed."""
    vpc = arn("ec2", f"vpc/{embedded(vpc_id)}")
    theirs = Sub(f"arn:${{AWS::Partition}}:ec2:*:{placeholder(requester)}:vpc/*")
    return [
        _allow_accepting("OwnVpc", vpc),
        _allow_accepting(
            "FromRequester",
            arn("ec2", "vpc-peering-connection/*"),
            Condition=Condition(
                [ArnEquals("ec2:AccepterVpc", vpc), ArnLike("ec2:RequesterVpc", theirs)]
            ),
        ),
    ]


def _allow_accepting(sid: str, resource: Sub, **limits: Any) -> Statement:
    return Statement(
        Sid=sid, Effect=Allow, Action=[AcceptVpcPeeringConnection], Resource=[resource], **limits
    )
