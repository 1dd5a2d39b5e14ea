"""The environments whose policies are looked at: each kind of policy is in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from infra.config import Environment, load, shipped

EXISTING = {"existing_bucket": "elb-logs", "state_bucket_name_prefix": "shop-dev-lb-state"}
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-AbCdEf"
OTHERS: dict[str, dict[str, Any]] = {
    "direct, with all options": {
        "trigger": "direct",
        "network_load_balancers": True,
        "access_log": {"bucket": "access-logs", "prefix": "logs/"},
        "logstash": {"protocol": "tls", "secret_arn": SECRET},
        "function": {"tracing": True, "reserved_concurrency": 10},
    },
    "eventbridge": {"trigger": "eventbridge", "key_prefix": "team/shop"},
    "existing bucket": EXISTING,
    "existing bucket of another account": EXISTING | {"existing_bucket_account": "210987654321"},
    "existing bucket, direct": EXISTING | {"trigger": "direct"},
    "existing bucket, eventbridge": EXISTING | {"trigger": "eventbridge"},
}
"""By name, how the log processor of `dev` is changed."""

PEERING = {
    "vpc_id": "vpc-0e1a5c0b7d2f94683",
    "cidrs": ["10.90.16.0/20"],
    "route_table_ids": ["rtb-0e1a5c0b7d2f94683"],
    "security_group_id": "sg-0e1a5c0b7d2f94683",
    "dns_resolution": True,
}
NETWORK = {
    "cidr": "10.20.0.0/16",
    "zones": 2,
    "nat": "none",
    "s3_access": {"writable": ["shop-backups-*"]},
    "peering": PEERING,
}


@cache
def environments() -> dict[str, Environment]:
    """The shipped examples, and what they leave out."""
    dev = load("dev").model_dump(exclude_unset=True, by_alias=True)
    return {
        **{name: load(name) for name in shipped()},
        **{name: _changed(changes) for name, changes in OTHERS.items()},
        "names over a peering": Environment.model_validate(
            dev | {"network": NETWORK, "roles": {"path": "/team/"}}
        ),
        "database with rotation": _with_rotation(),
        "network alone": Environment.model_validate(dev | {"log_processor": None}),
    }


def _with_rotation() -> Environment:
    """The example `reporting`, whose master password AWS's function changes."""
    data = load("reporting").model_dump(exclude_unset=True, by_alias=True)
    data["database"]["rotation"] = {"every_days": 30}
    return Environment.model_validate(data)


def _changed(changes: Mapping[str, Any]) -> Environment:
    """`dev` with another log processor; a group of settings keeps what is not changed in it."""
    data = load("dev").model_dump(exclude_unset=True, by_alias=True)
    settings = data["log_processor"]
    for key, value in changes.items():
        is_group = isinstance(value, dict) and key in settings
        settings[key] = settings[key] | value if is_group else value
    if "existing_bucket" in changes:
        del settings["bucket_name_prefix"]
    return Environment.model_validate(data)
