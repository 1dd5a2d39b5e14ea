"""Interface endpoints with DNS entries, of which MiniStack's have none; nobody answers there."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_region
from ministack.services import ec2

from infra.local.plugin.calls import Handler, Properties

_ZONE = "ZLOCALEXAMPLE"
_OWN_SERVICE = "com.amazonaws.vpce."


def with_dns_entries(original: Handler) -> Handler:
    """MiniStack's own handlers, with the entries that an interface endpoint gets."""

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, dict[str, Any]]:
        endpoint, attributes = original["create"](logical_id, properties, stack)
        if properties.get("VpcEndpointType") == "Interface":
            entries = [f"{_ZONE}:{_name(endpoint, str(properties['ServiceName']))}"]
            ec2._vpc_endpoints[endpoint]["DnsEntries"] = entries
            attributes = {**attributes, "DnsEntries": entries}
        return endpoint, attributes

    return {**original, "create": create}


def _name(endpoint: str, service: str) -> str:
    """As AWS makes it: `<endpoint>-<suffix>.<service>.<region>.vpce.amazonaws.com`."""
    named = service.rpartition(".")[2] if service.startswith(_OWN_SERVICE) else _of_aws(service)
    return f"{endpoint}-local123.{named}.{get_region()}.vpce.amazonaws.com"


def _of_aws(service: str) -> str:
    """`com.amazonaws.eu-west-1.secretsmanager` → `secretsmanager`."""
    return service.split(".", 3)[-1]
