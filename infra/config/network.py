"""The settings of the network: a VPC to make, or one that exists."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from infra.config.values import ExistingVpcCidr, Settings, SubnetIds, VpcCidr, VpcId


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
        description="the VPC's IPv4 network; only logstash.secret_arn needs it",
    )


def network_kind(value: Any) -> str:
    """Which of the two a group of settings is meant to be, by its keys."""
    keys = set(value) if isinstance(value, dict) else set(getattr(value, "model_fields_set", ()))
    return "existing network" if {"vpc_id", "private_subnet_ids"} & keys else "new network"
