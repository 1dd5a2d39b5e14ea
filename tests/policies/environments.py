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


@cache
def environments() -> dict[str, Environment]:
    """The shipped examples, and what they leave out."""
    return {name: load(name) for name in shipped()} | {
        name: _changed(changes) for name, changes in OTHERS.items()
    }


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
