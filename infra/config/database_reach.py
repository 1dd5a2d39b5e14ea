"""What the database and the rest of an environment need of each other: what neither can check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.config.database import Database
from infra.config.network import ExistingNetwork
from infra.config.prefix_lists import S3_PREFIX_LISTS, how_to_look_up
from infra.config.roles import Roles

_ZONES = 2
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html"""


def problems(settings: Database, rest: Mapping[str, Any]) -> Iterator[str]:
    """What has to be different, for each contradiction; what is not valid is not in `rest`."""
    network, region, roles = (rest.get(name) for name in ("network", "region", "roles"))
    if isinstance(network, ExistingNetwork):
        yield from _network_problems(settings, network)
    if isinstance(region, str):
        yield from _region_problems(settings, region)
    if isinstance(roles, Roles):
        yield from _role_problems(settings, roles)


def needs_a_secret(settings: Database | None) -> bool:
    """Whether a function in the VPC reads secrets."""
    return settings is not None and (
        settings.reporting_user is not None
        or (settings.rotation is not None and settings.rotation.function_arn is None)
    )


def _network_problems(settings: Database, network: ExistingNetwork) -> Iterator[str]:
    if network.public_subnet_ids is None:
        yield (
            "also network.public_subnet_ids, subnets with a route to an internet gateway in two "
            "zones or more: a public replica stands there"
        )
    elif len(network.public_subnet_ids) < _ZONES:
        yield "two network.public_subnet_ids or more, in different zones: RDS asks for that"
    if settings.topology == "isolated" and len(network.private_subnet_ids) < _ZONES:
        yield (
            "two network.private_subnet_ids or more, in different zones: RDS asks for that (or "
            "the topology shared)"
        )
    if needs_a_secret(settings) and network.cidr is None:
        yield (
            "with reporting_user or rotation also network.cidr: there Secrets Manager's endpoint is"
        )


def _region_problems(settings: Database, region: str) -> Iterator[str]:
    user, rotation = settings.reporting_user, settings.rotation
    if user is not None and user.s3_prefix_list_id is None and region not in S3_PREFIX_LISTS:
        yield (
            f"also reporting_user.s3_prefix_list_id, as the S3 prefix list of {region} is not "
            f"among the known ones; look it up with `{how_to_look_up(region)}`"
        )
    arns: dict[str, str | None] = {
        "operations.topic_arn": settings.operations.topic_arn,
        "rotation.function_arn": rotation.function_arn if rotation else None,
        "storage.kms_key_arn": settings.storage.kms_key_arn,
    }
    for name, arn in arns.items():
        if arn is not None and arn.split(":")[3] != region:
            yield f"{name} of the region {region}"


def _role_problems(settings: Database, roles: Roles) -> Iterator[str]:
    rotation = settings.rotation
    if rotation is None or rotation.function_arn is not None:
        return
    if roles.permissions_boundary is not None:
        yield (
            "with roles.permissions_boundary a rotation.function_arn, or no rotation: the role of "
            "the function that AWS makes cannot be given a boundary"
        )
