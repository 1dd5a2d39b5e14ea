"""DNS resolution over a VPC peering, for one side, which CloudFormation has no property for.

Its function is `lambda_src/peering_options`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from awacs.aws import Allow, PolicyDocument, Statement
from awacs.ec2 import ModifyVpcPeeringConnectionOptions
from troposphere import AWSHelperFn, GetAtt, PropsDictType, Ref, Sub, Template, iam
from troposphere.validators import integer
from troposphere.validators.cloudformation import AWSCustomObject

from infra.blocks.custom_resource import Provider, provider
from infra.blocks.function import Code
from infra.blocks.gaps import RolePolicy
from infra.blocks.role import RoleOptions

_TIMEOUT_SECONDS = 120
"""Long enough for a new role to be known everywhere."""


class CustomPeeringOptions(AWSCustomObject):
    """Custom::PeeringOptions, as `lambda_src/peering_options/properties.py` explains it."""

    resource_type = "Custom::PeeringOptions"
    props: PropsDictType = {
        "ServiceToken": (str, True),
        "ServiceTimeout": (integer, False),
        "PeeringConnectionId": (str, True),
        "Side": (str, True),
    }


@dataclass(frozen=True, kw_only=True)
class PeeringOptions:
    """Handles to what `peering_options` made."""

    options: CustomPeeringOptions
    provider: Provider


def peering_options(
    template: Template,
    title: str,
    *,
    connection: AWSHelperFn,
    side: Literal["requester", "accepter"],
    code: Code,
    log_retention_days: AWSHelperFn | int,
    role_options: RoleOptions,
) -> PeeringOptions:
    """Public host names of this side's VPC resolve to private addresses over the connection.

    Both VPCs need DNS host names and DNS resolution. The function may change the options of that
    one connection and write its own log, nothing else.
    https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html
    """
    made = provider(
        template,
        title,
        description="Switches DNS resolution over a VPC peering on, for one side",
        code=code,
        architecture="arm64",
        timeout_seconds=_TIMEOUT_SECONDS,
        log_retention_days=log_retention_days,
        role_options=role_options,
    )
    rights = template.add_resource(_rights(title, made.role, connection))
    options = template.add_resource(
        CustomPeeringOptions(
            title,
            DependsOn=[made.invocation.title, rights.title],
            ServiceToken=GetAtt(made.function, "Arn"),
            ServiceTimeout=made.service_timeout_seconds,
            PeeringConnectionId=connection,
            Side=side,
        )
    )
    return PeeringOptions(options=options, provider=made)


def _rights(title: str, role: iam.Role, connection: AWSHelperFn) -> RolePolicy:
    """The connection's id in its name makes it another policy when the connection is another.

    The old one then stays until the options of the old connection are deleted: after an update
    CloudFormation deletes what was replaced, in the order of dependence.
    """
    arn = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-peering-connection/"
    document = PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Sid="OptionsOfThatConnection",
                Effect=Allow,
                Action=[ModifyVpcPeeringConnectionOptions],
                Resource=[Sub(f"{arn}${{Connection}}", Connection=connection)],
            )
        ],
    )
    return RolePolicy(
        f"{title}Rights",
        RoleName=Ref(role),
        PolicyName=Sub("options-of-${Connection}", Connection=connection),
        PolicyDocument=document,
    )
