"""An interface endpoint: a service of AWS's, or of somebody else's, at addresses of the VPC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from awacs.aws import PolicyDocument
from troposphere import AWSHelperFn, GetAtt, Ref, Select, Split, Template, ec2


@dataclass(frozen=True, kw_only=True)
class InterfaceEndpoint:
    """Handles to what `interface_endpoint` made."""

    endpoint: ec2.VPCEndpoint
    security_group: ec2.SecurityGroup

    @property
    def host(self) -> Select:
        """Its DNS name, which leads to whichever of its addresses is well.

        The first of `<hosted zone>:<name>`, which is the name without a zone:
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
        """
        return Select(1, Split(":", Select(0, GetAtt(self.endpoint, "DnsEntries"))))


def interface_endpoint(
    template: Template,
    title: str,
    *,
    service_name: AWSHelperFn,
    vpc_id: AWSHelperFn,
    subnet_ids: AWSHelperFn,
    private_dns: bool,
    policy: PolicyDocument | None,
    ingress: Sequence[ec2.SecurityGroupRule] = (),
) -> InterfaceEndpoint:
    """An endpoint in each of the subnets that only `ingress` can connect to.

    Further rules of ingress can be resources of their own (`admit_group`). Its group has no egress:
    an endpoint answers. A service of somebody else's takes no policy.
    """
    group = template.add_resource(
        ec2.SecurityGroup(
            f"{title}SecurityGroup",
            # Changing the description would replace the group.
            GroupDescription="Of an interface endpoint: only the listed ingress in, nothing out",
            VpcId=vpc_id,
            SecurityGroupEgress=[NO_EGRESS],
            **_given(SecurityGroupIngress=list(ingress) or None),
        )
    )
    endpoint = template.add_resource(
        ec2.VPCEndpoint(
            title,
            VpcEndpointType="Interface",
            ServiceName=service_name,
            VpcId=vpc_id,
            SubnetIds=subnet_ids,
            SecurityGroupIds=[Ref(group)],
            PrivateDnsEnabled=private_dns,
            **_given(PolicyDocument=policy),
        )
    )
    return InterfaceEndpoint(endpoint=endpoint, security_group=group)


NO_EGRESS = ec2.SecurityGroupRule(
    Description="None: a rule that leads nowhere takes the place of the one that allows all",
    IpProtocol="-1",
    CidrIp="127.0.0.1/32",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html"""


def admit_group(
    template: Template,
    title: str,
    *,
    to: ec2.SecurityGroup,
    source: ec2.SecurityGroup,
    port: AWSHelperFn,
    description: str,
) -> ec2.SecurityGroupIngress:
    """What is in the group `source` may connect to what is in `to`, on one port.

    A resource of its own: the two groups may then name each other without a circle.
    """
    return template.add_resource(
        ec2.SecurityGroupIngress(
            title,
            GroupId=GetAtt(to, "GroupId"),
            SourceSecurityGroupId=GetAtt(source, "GroupId"),
            IpProtocol="tcp",
            FromPort=port,
            ToPort=port,
            Description=description,
        )
    )


def _given(**properties: Any) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}
