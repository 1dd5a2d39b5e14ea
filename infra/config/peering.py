"""The settings of VPC peering with the VPC that Logstash is in, mostly another account's."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from infra.config.values import (
    AccountId,
    NetworkCidrs,
    Region,
    RoleArn,
    RouteTableIds,
    SecurityGroupId,
    Settings,
    VpcId,
    overlaps,
    refusal,
)


class Peering(Settings):
    """The other VPC, and what its owner's side gets."""

    vpc_id: VpcId = Field(description="the other VPC's id")
    cidrs: NetworkCidrs = Field(
        description="the other VPC's IPv4 networks, 1 to 5; each gets a route from every private "
        "subnet"
    )
    account: AccountId | None = Field(
        default=None, description="the account of the other VPC, where that is not this one"
    )
    own_account: AccountId | None = Field(
        default=None,
        validate_default=True,
        description="with account: this account, which the other one lets request the connection",
    )
    accepter_role_arn: RoleArn | None = Field(
        default=None,
        description="with account: a role there that may accept the connection; without it a "
        "template for that account makes one",
    )
    region: Region | None = Field(
        default=None, description="the region of the other VPC, where that is not this one"
    )
    route_table_ids: RouteTableIds = Field(
        description="the other VPC's route tables, 1 to 20, that get a route back"
    )
    security_group_id: SecurityGroupId | None = Field(
        default=None, description="Logstash's security group, which is to admit the function"
    )
    dns_resolution: bool = Field(
        default=False,
        description="whether each side resolves the other's public EC2 host names to private "
        "addresses; not needed for names in a private hosted zone, or of a load balancer",
    )

    @field_validator("own_account")
    @classmethod
    def _names_both_sides(cls, own: str | None, info: ValidationInfo) -> str | None:
        account = info.data.get("account", own)
        if account is None and own is not None:
            raise refusal(_ONLY_WITH_ACCOUNT)
        if account is not None and own is None:
            raise refusal(
                "with account also own_account, the id of this account "
                "(`aws sts get-caller-identity --query Account`): the other one has to name it"
            )
        if account is not None and account == own and "account" in info.data:
            raise refusal("another one than account; leave both out for a VPC of this account")
        return own

    @field_validator("accepter_role_arn")
    @classmethod
    def _is_of_the_other_account(cls, arn: str | None, info: ValidationInfo) -> str | None:
        account = info.data.get("account", "")
        if arn is not None and account is None:
            raise refusal(_ONLY_WITH_ACCOUNT)
        if arn is not None and account and arn.split(":")[4] != account:
            raise refusal(f"a role of the account {account}")
        return arn

    def apart_from(self, cidr: str) -> str | None:
        """What would have to be different if this VPC's network were `cidr`, else None.

        https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
        """
        clash = overlaps([cidr], self.cidrs)
        if not clash:
            return None
        ours, theirs = clash[0]
        return (
            f"cidrs apart from this VPC's {ours}, which {theirs} overlaps: AWS refuses to peer "
            "such VPCs. Give this network another cidr, or reach Logstash through "
            "logstash.private_link, which needs no addresses apart"
        )

    def elsewhere(self, region: str) -> str | None:
        """The other VPC's region, where it is not this one."""
        return None if self.region == region else self.region


_ONLY_WITH_ACCOUNT = "only with account, the account of the other VPC"
