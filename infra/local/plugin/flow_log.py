"""Flow logs, kept in MiniStack's EC2 so that describe calls show them; nothing is recorded."""

from __future__ import annotations

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from infra.local.plugin.calls import Handler, Properties, call, element
from infra.local.plugin.replacement import replaced


def _create(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, dict[str, str]]:
    given = {
        "ResourceId.1": properties.get("ResourceId"),
        "ResourceType": properties.get("ResourceType"),
        "TrafficType": properties.get("TrafficType"),
        "LogDestinationType": properties.get("LogDestinationType"),
        "LogGroupName": properties.get("LogGroupName"),
    }
    flow_log = element(call(ec2._create_flow_logs, **given), "item")
    provisioners._ec2_apply_tags(flow_log, properties)
    return flow_log, {"Id": flow_log}


def _delete(flow_log: str, _properties: Properties) -> None:
    call(ec2._delete_flow_logs, **{"FlowLogId.1": flow_log})


FLOW_LOG: Handler = replaced({"create": _create, "delete": _delete})
