"""Stand-alone security group rules, added to and taken from the group that MiniStack keeps."""

from __future__ import annotations

from functools import partial

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from infra.local.plugin.calls import Handler, Properties
from infra.local.plugin.replacement import replaced

_INGRESS, _EGRESS = "IpPermissions", "IpPermissionsEgress"


def _create(
    direction: str, _logical_id: str, properties: Properties, _stack: str
) -> tuple[str, dict[str, str]]:
    group = properties.get("GroupId", "")
    held = ec2._security_groups.get(group)
    if held is None:
        raise ValueError(f"The security group '{group}' does not exist")
    rule = provisioners._ec2_sg_permissions([properties])[0]
    rule_id = str(ec2._sg_rule_id(group, direction == _EGRESS, rule))
    held.setdefault(direction, []).append({**rule, "SecurityGroupRuleId": rule_id})
    return rule_id, {"Id": rule_id}


def _delete(direction: str, rule_id: str, properties: Properties) -> None:
    group = ec2._security_groups.get(properties.get("GroupId", ""))
    if group is not None:
        rules = group.get(direction, [])
        group[direction] = [rule for rule in rules if rule.get("SecurityGroupRuleId") != rule_id]


def _handlers(direction: str) -> Handler:
    return replaced({"create": partial(_create, direction), "delete": partial(_delete, direction)})


INGRESS: Handler = _handlers(_INGRESS)
EGRESS: Handler = _handlers(_EGRESS)
