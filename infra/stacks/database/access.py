"""Who may connect to a server: the approved, each a rule of its security group, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from troposphere import AWSHelperFn, ec2

from infra import rules
from infra.blocks.endpoints import NO_EGRESS
from infra.config import Approved
from infra.stacks.draft import Draft


def server_group(
    draft: Draft,
    title: str,
    *,
    vpc_id: AWSHelperFn,
    port: AWSHelperFn,
    approved: Sequence[Approved],
    open_because: str | None = None,
) -> ec2.SecurityGroup:
    """A group that admits the approved on one port, and lets nothing out: a server answers.

    Our own functions are admitted by rules that are resources of their own.
    """
    ingress = list(_rules(draft, title, port, approved, open_because))
    optional: dict[str, Any] = {}
    if ingress:
        optional["SecurityGroupIngress"] = ingress
    if open_because is not None:
        optional["Metadata"] = {"OpenToTheWorldBecause": open_because}
    return draft.template.add_resource(
        ec2.SecurityGroup(
            f"{title}SecurityGroup",
            # Changing the description would replace the group.
            GroupDescription="Of a PostgreSQL server: only the approved in, nothing out",
            VpcId=vpc_id,
            SecurityGroupEgress=[NO_EGRESS],
            **optional,
        )
    )


def _rules(
    draft: Draft,
    title: str,
    port: AWSHelperFn,
    approved: Sequence[Approved],
    open_because: str | None,
) -> Iterator[ec2.SecurityGroupRule]:
    for number, each in enumerate(approved, start=1):
        name = f"{title}Approved{number}"
        yield ec2.SecurityGroupRule(
            Description=draft.text(
                f"{name}Description",
                each.description,
                rules.GROUP_RULE_TEXT,
                f"Who may connect to {title}, number {number}",
            ),
            IpProtocol="tcp",
            FromPort=port,
            ToPort=port,
            **_whom(draft, name, each, open_because),
        )


def _whom(draft: Draft, name: str, each: Approved, open_because: str | None) -> dict[str, Any]:
    if each.security_group_id is not None:
        group = draft.text(
            f"{name}SecurityGroupId",
            each.security_group_id,
            rules.SECURITY_GROUP_ID,
            "The security group that the description is about",
        )
        return {"SourceSecurityGroupId": group}
    assert each.cidr is not None
    cidr = draft.text(
        f"{name}Cidr",
        each.cidr,
        # As in the settings: nobody opens it to the world by a parameter and without a reason.
        rules.APPROVED_CIDR if open_because is None else rules.CIDR,
        "The network that the description is about",
    )
    return {"CidrIp": cidr}
