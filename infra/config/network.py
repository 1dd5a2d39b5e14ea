"""The settings of the network: a VPC to make, or one that exists."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from infra.config.peering import Peering
from infra.config.values import (
    BucketPatterns,
    ExistingVpcCidr,
    RetentionDays,
    RouteTableIds,
    Settings,
    SubnetIds,
    VpcCidr,
    VpcId,
    refusal,
)

Traffic = Literal["ALL", "ACCEPT", "REJECT"]


class S3Access(Settings):
    """What the VPC may reach through its S3 endpoint, beside the log bucket.

    What is not named here is refused from all subnets, as S3 is reached through the endpoint only:
    also packages, container layers and the like that others keep in S3.
    """

    readable: BucketPatterns = Field(
        default=(),
        description="buckets that anything may read, also unsigned, such as those of package "
        "repositories (al2023-repos-eu-west-1-*) and container layers "
        "(prod-eu-west-1-starport-layer-bucket)",
    )
    writable: BucketPatterns = Field(
        default=(), description="buckets that this account's principals may read and write"
    )


class FlowLogs(Settings):
    """A record of the VPC's connections, in CloudWatch Logs."""

    retention_days: RetentionDays = Field(description="days that the records are kept")
    traffic: Traffic = Field(
        default="ALL", description="which are recorded: ALL, only the ACCEPTed or the REJECTed ones"
    )


class NewNetwork(Settings):
    """A VPC of the environment's own."""

    model_config = ConfigDict(title="new network")

    cidr: VpcCidr = Field(
        description="the VPC's IPv4 network, /16 to /25; each subnet gets an eighth of it"
    )
    zones: Literal[2, 3] = Field(description="availability zones to spread over: 2 or 3")
    nat: Literal["none", "one", "per-zone"] = Field(
        description="the way out for private subnets: none, one gateway, or one per-zone"
    )
    s3_access: S3Access = Field(
        default_factory=S3Access,
        description="buckets beside the log bucket that the S3 endpoint lets through",
    )
    flow_logs: FlowLogs | None = Field(
        default=None, description="a record of the VPC's connections; without it there is none"
    )
    peering: Peering | None = Field(
        default=None, description="a connection to the VPC that Logstash is in"
    )

    @field_validator("peering")
    @classmethod
    def _has_other_addresses(cls, peering: Peering | None, info: ValidationInfo) -> Peering | None:
        return _apart(peering, info.data.get("cidr"))


class ExistingNetwork(Settings):
    """A VPC that somebody else made.

    Its private subnets need a route to an S3 gateway endpoint: the function reads logs through it.
    """

    model_config = ConfigDict(title="existing network")

    vpc_id: VpcId = Field(description="the VPC's id")
    private_subnet_ids: SubnetIds = Field(
        description="subnets that reach S3 and Logstash; better in two zones than in one"
    )
    cidr: ExistingVpcCidr | None = Field(
        default=None,
        description="the VPC's IPv4 network; only logstash.secret_arn and peering need it",
    )
    private_route_table_ids: RouteTableIds | None = Field(
        default=None, description="the subnets' route tables; only peering needs them"
    )
    secrets_manager_endpoint: bool = Field(
        default=False,
        description="whether to make the interface endpoint that logstash.secret_arn needs: a VPC "
        "has one with private DNS at most, in subnets that are each in another zone",
    )
    peering: Peering | None = Field(
        default=None, description="a connection to the VPC that Logstash is in"
    )

    @field_validator("peering")
    @classmethod
    def _has_other_addresses_and_routes(
        cls, peering: Peering | None, info: ValidationInfo
    ) -> Peering | None:
        needed = [
            name for name in ("cidr", "private_route_table_ids") if info.data.get(name, "") is None
        ]
        if peering is not None and needed:
            raise refusal(f"with network.{' and network.'.join(needed)}, which its routes need")
        return _apart(peering, info.data.get("cidr"))


def _apart(peering: Peering | None, cidr: str | None) -> Peering | None:
    """AWS refuses to peer VPCs with addresses in common."""
    problem = peering.apart_from(cidr) if peering and cidr else None
    if problem:
        raise refusal(problem)
    return peering


def network_kind(value: Any) -> str:
    """Which of the two a group of settings is meant to be, by its keys."""
    keys = set(value) if isinstance(value, dict) else set(getattr(value, "model_fields_set", ()))
    return "existing network" if {"vpc_id", "private_subnet_ids"} & keys else "new network"
