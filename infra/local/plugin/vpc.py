"""VPCs that tell their address range, which MiniStack's leave out of their attributes."""

from __future__ import annotations

from infra.local.plugin.adaptation import Attributes, adapted
from infra.local.plugin.calls import Handler, Properties


def with_its_range(original: Handler) -> Handler:
    """MiniStack's own handlers, with the attribute that `Fn::GetAtt` asks for."""
    return adapted(original, added=_range)


def _range(properties: Properties) -> Attributes:
    return {"CidrBlock": properties["CidrBlock"]} if "CidrBlock" in properties else {}
