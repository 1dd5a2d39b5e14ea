"""DNS resolution over a peering: the EC2 call that sets it, which MiniStack lacks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ministack.services import ec2

from infra.local.plugin.calls import Action

MODIFY = "ModifyVpcPeeringConnectionOptions"
_DESCRIBE = "DescribeVpcPeeringConnections"
_SIDES = {
    "RequesterPeeringConnectionOptions": "requesterPeeringConnectionOptions",
    "AccepterPeeringConnectionOptions": "accepterPeeringConnectionOptions",
}
_ALLOW = "AllowDnsResolutionFromRemoteVpc"
_SET = "_peering_options"

Answer = tuple[int, Any, bytes | str]


def register() -> None:
    """Add the call, and its outcome to the one that describes."""
    actions: dict[str, Action] = ec2._ACTION_MAP
    actions[MODIFY] = _modify
    actions[_DESCRIBE] = _with_options(actions[_DESCRIBE])


def of_the_connection(original: Callable[..., str]) -> Callable[..., str]:
    """MiniStack's own look for a call's resource, which finds a peering connection too."""

    def extract(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        if service == "ec2" and _value(query_params, "Action") == MODIFY:
            connection = _value(query_params, "VpcPeeringConnectionId")
            return f"arn:aws:ec2:{region}:{account_id}:vpc-peering-connection/{connection}"
        return original(service, method, path, headers, body, query_params, region, account_id)

    return extract


def _modify(parameters: dict[str, list[str]]) -> Answer:
    connection = _value(parameters, "VpcPeeringConnectionId")
    record = ec2._vpc_peering.get(connection)
    if record is None:
        return _refused("InvalidVpcPeeringConnectionID.NotFound", f"{connection} does not exist")
    if record["Status"]["Code"] != "active":
        return _refused("OperationNotPermitted", f"{connection} is not active")
    options = record.setdefault(_SET, {})
    for side in _SIDES:
        chosen = _value(parameters, f"{side}.{_ALLOW}")
        if chosen:
            options[side] = chosen
    answer: Answer = ec2._xml(200, f"{MODIFY}Response", _sides(options))
    return answer


def _refused(code: str, message: str) -> Answer:
    answer: Answer = ec2._error(code, message, 400)
    return answer


def _sides(options: dict[str, str]) -> str:
    return "".join(
        f"<{element}><allowDnsResolutionFromRemoteVpc>{options[side]}"
        f"</allowDnsResolutionFromRemoteVpc></{element}>"
        for side, element in _SIDES.items()
        if side in options
    )


def _with_options(original: Action) -> Action:
    def describe(parameters: dict[str, list[str]]) -> Answer:
        status, headers, body = original(parameters)
        text = body.decode() if isinstance(body, bytes) else body
        for connection, record in ec2._vpc_peering.items():
            text = _described(text, connection, record.get(_SET, {}))
        return status, headers, text.encode()

    return describe


def _described(text: str, connection: str, options: dict[str, str]) -> str:
    """Each side's options stand in what is told of its VPC."""
    for side, allowed in options.items():
        vpc = "requesterVpcInfo" if side.startswith("Requester") else "accepterVpcInfo"
        pattern = rf"(<vpcPeeringConnectionId>{connection}<.*?)(</{vpc}>)"
        told = (
            f"<peeringOptions><allowDnsResolutionFromRemoteVpc>{allowed}"
            "</allowDnsResolutionFromRemoteVpc></peeringOptions>"
        )
        text = re.sub(pattern, rf"\1{told}\2", text, count=1, flags=re.DOTALL)
    return text


def _value(parameters: dict[str, Any], name: str) -> str:
    found = parameters.get(name, "")
    return str(found[0] if isinstance(found, list) and found else found or "")
