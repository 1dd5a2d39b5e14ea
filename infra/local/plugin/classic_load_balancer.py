"""A classic load balancer as a name and its attributes: MiniStack has no service behind it."""

from __future__ import annotations

from ministack.core.responses import get_region

from infra.local.plugin.calls import Handler, Properties


def _create(logical_id: str, properties: Properties, stack: str) -> tuple[str, dict[str, str]]:
    # 32 characters at most:
    # https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_CreateLoadBalancer.html
    name = str(properties.get("LoadBalancerName") or f"{stack}-{logical_id}"[:32])
    dns = f"{name}-1234567890.{get_region()}.elb.amazonaws.com"
    return name, {
        "DNSName": dns,
        "CanonicalHostedZoneName": dns,
        "CanonicalHostedZoneNameID": "ZLOCALEXAMPLE",
        "SourceSecurityGroup.GroupName": "default_elb",
        "SourceSecurityGroup.OwnerAlias": "amazon-elb",
    }


def _delete(_name: str, _properties: Properties) -> None:
    pass


LOAD_BALANCER: Handler = {"create": _create, "delete": _delete}
