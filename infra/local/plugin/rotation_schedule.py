"""Rotation of a secret, as far as its record says so: no password changes by itself here.

RDS's own rotation function is not on this machine.
"""

from __future__ import annotations

from typing import Any

from ministack.services import secretsmanager

from infra.local.plugin.calls import Handler, Properties

_DAYS = "AutomaticallyAfterDays"


def _create(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, dict[str, str]]:
    secret = _secret(properties)
    if secret is None:
        raise ValueError("Secrets Manager can't find the specified secret.")
    secret["RotationEnabled"] = True
    rules = dict(properties.get("RotationRules", {}))
    if _DAYS in rules:
        # From a parameter it comes as text.
        rules[_DAYS] = int(rules[_DAYS])
    secret["RotationRules"] = rules
    secret["RotationLambdaARN"] = properties.get("RotationLambdaARN")
    arn = str(secret["ARN"])
    return arn, {"Id": arn}


def _update(_id: str, _old: Properties, new: Properties, stack: str) -> tuple[str, dict[str, str]]:
    return _create("", new, stack)


def _delete(_id: str, properties: Properties) -> None:
    secret = _secret(properties)
    if secret is not None:
        secret["RotationEnabled"] = False


def _secret(properties: Properties) -> dict[str, Any] | None:
    found: dict[str, Any] | None = secretsmanager._resolve(properties["SecretId"])[1]
    return found


ROTATION_SCHEDULE: Handler = {"create": _create, "update": _update, "delete": _delete}
