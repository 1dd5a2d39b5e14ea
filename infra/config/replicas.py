"""The settings of read replicas: who may connect to one, and how long a query on it may take."""

from __future__ import annotations

import ipaddress
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, Strict, ValidationInfo, field_validator

from infra import rules
from infra.config.values import (
    DnsName,
    GroupRuleText,
    HostedZoneId,
    InstanceClass,
    ReplicaName,
    SecurityGroupId,
    Settings,
    refusal,
)

EVERYWHERE_LIMIT = 8
"""A network of fewer bits is as good as the whole internet: two halves of it are /1."""

_A_NETWORK = "an IPv4 network such as 203.0.113.0/24, or 203.0.113.7/32 for one address"


def _cidr(value: str) -> str:
    if ":" in value:
        raise refusal(f"{_A_NETWORK}: the servers have no IPv6 addresses")
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError as error:
        raise refusal(f"{_A_NETWORK} ({error})") from error
    if "/" not in value:
        raise refusal(f"{_A_NETWORK}: with its slash")
    return str(network)


def parsed_date(value: Any) -> Any:
    """YAML has dates; in quotes one is text."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if type(value) is not date:
        raise refusal("a date such as 2027-03-31")
    return value


Cidr = Annotated[str, AfterValidator(_cidr)]
Expiry = Annotated[date, BeforeValidator(parsed_date)]


class Approved(Settings):
    """Somebody who may connect: a network, or what is in a security group."""

    description: GroupRuleText = Field(description="who that is; it stands at the rule in AWS")
    cidr: Cidr | None = Field(default=None, description=f"{_A_NETWORK}")
    security_group_id: SecurityGroupId | None = Field(
        default=None,
        validate_default=True,
        description="a security group of this VPC, in place of a cidr",
    )
    expires: Expiry | None = Field(
        default=None,
        description="the last day of the approval, such as 2027-03-31; lint and synth warn when "
        "it comes near, and nothing else happens then: take the entry out",
    )

    @field_validator("security_group_id")
    @classmethod
    def _one_of_two(cls, group: str | None, info: ValidationInfo) -> str | None:
        if "cidr" in info.data and (info.data["cidr"] is None) == (group is None):
            raise refusal("either a cidr or a security_group_id")
        return group

    @property
    def is_everywhere(self) -> bool:
        """Whether that is so large a network that nobody is kept out."""
        return (
            self.cidr is not None and ipaddress.IPv4Network(self.cidr).prefixlen < EVERYWHERE_LIMIT
        )


def _each_once(approved: tuple[Approved, ...]) -> tuple[Approved, ...]:
    if len(approved) > rules.APPROVED_LIMIT:
        raise refusal(f"{rules.APPROVED_LIMIT} entries or fewer: a security group has room for 60")
    named = [each.cidr or each.security_group_id for each in approved]
    if len(set(named)) < len(named):
        raise refusal("each network and each security group once")
    return approved


ApprovedList = Annotated[tuple[Approved, ...], Field(strict=False), AfterValidator(_each_once)]


class Dns(Settings):
    """A name for an instance, in a hosted zone of this account."""

    hosted_zone_id: HostedZoneId = Field(description="the zone that the name is in")
    name: DnsName = Field(
        description="a CNAME to the instance; its certificate has not that name, so whoever uses "
        "it can verify the CA (sslmode=verify-ca) but not the host"
    )


class LongQueries(Settings):
    """What lets a query of an analyst end, and keeps it from going on for ever.

    On a replica a query is cancelled when the master has removed rows that it could still see.
    """

    hot_standby_feedback: Annotated[bool, Strict()] = Field(
        default=True,
        description="whether the master keeps rows that queries here still see: fewer are "
        "cancelled, and the master's tables grow meanwhile",
    )
    standby_delay_minutes: Annotated[int, Strict(), Field(ge=1, le=1440)] = Field(
        default=30,
        description="minutes that a change of the master waits for a query that it would cancel, "
        "1 to 1440; so much can the replica be behind",
    )
    statement_timeout_minutes: Annotated[int, Strict(), Field(ge=1, le=1440)] = Field(
        default=60, description="minutes after which a query is ended, 1 to 1440"
    )
    idle_in_transaction_timeout_minutes: Annotated[int, Strict(), Field(ge=1, le=1440)] = Field(
        default=10,
        description="minutes after which a session that does nothing in a transaction is ended, "
        "1 to 1440: it keeps rows as a query does",
    )


class Replica(Settings):
    """A read replica."""

    name: ReplicaName = Field(
        description="what it is called among the others; another one makes another replica"
    )
    public: Annotated[bool, Strict()] = Field(
        description="whether it has a public address, in public subnets: true or false"
    )
    instance_class: InstanceClass = Field(description="such as db.t4g.medium")
    open_to_the_world_because: GroupRuleText | None = Field(
        default=None,
        description="why networks larger than /8, such as 0.0.0.0/0, may be approved; without a "
        "reason they are refused",
    )
    approved: ApprovedList = Field(
        description="who may connect, each with cidr or security_group_id, description and maybe "
        "expires; [] for nobody"
    )
    long_queries: LongQueries = Field(
        default_factory=LongQueries, description="how long queries may take"
    )
    dns: Dns | None = Field(default=None, description="a name of yours for it")

    @field_validator("approved")
    @classmethod
    def _keeps_the_world_out(
        cls, approved: tuple[Approved, ...], info: ValidationInfo
    ) -> tuple[Approved, ...]:
        reason = info.data.get("open_to_the_world_because", ...)
        wide = [each.cidr for each in approved if each.is_everywhere]
        if wide and reason is None:
            raise refusal(
                f"networks of /{EVERYWHERE_LIMIT} or smaller, unlike {wide[0]}: it lets everybody "
                "try passwords. If it has to be, write the reason into open_to_the_world_because"
            )
        if isinstance(reason, str) and not wide:
            raise refusal(
                f"one network larger than /{EVERYWHERE_LIMIT} with open_to_the_world_because, or "
                "leave the reason out"
            )
        return approved
