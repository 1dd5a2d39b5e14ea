"""What a Custom::PeeringOptions asks for.

PeeringConnectionId   the connection
Side                  requester or accepter: which of its VPCs is this account's

While the resource is there, host names of this side's VPC that are public resolve to private
addresses when the other side's VPC asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..custom_resource import RefusedError


class Side(StrEnum):
    """Which of the two VPCs is meant."""

    REQUESTER = "requester"
    ACCEPTER = "accepter"


@dataclass(frozen=True)
class Wanted:
    """One side of one connection."""

    connection: str
    side: Side

    @property
    def physical_id(self) -> str:
        """`pcx-…/accepter`: another connection or side is another resource."""
        return f"{self.connection}/{self.side}"


def parse(properties: Mapping[str, Any]) -> Wanted:
    """Return what is asked for; a RefusedError names what is wrong."""
    connection, side = properties.get("PeeringConnectionId"), properties.get("Side")
    if not isinstance(connection, str) or not re.fullmatch(r"pcx-[0-9a-f]{8,17}", connection):
        raise RefusedError("PeeringConnectionId is not a peering connection's id, such as pcx-1a2b")
    if side not in tuple(Side):
        raise RefusedError(f"Side is not one of {', '.join(Side)}")
    return Wanted(connection, Side(side))


def named(physical_id: str | None) -> Wanted | None:
    """Return what a physical id was made of; None where it is not one of ours."""
    connection, _, side = (physical_id or "").partition("/")
    try:
        return parse({"PeeringConnectionId": connection, "Side": side})
    except RefusedError:
        return None
