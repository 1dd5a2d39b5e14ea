"""The environments whose policies are looked at: each kind of policy is in one of them."""

from __future__ import annotations

from typing import Any

from infra.config import Environment, load, shipped

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-AbCdEf"
OTHERS: dict[str, dict[str, Any]] = {
    "with a secret": {"protocol": "tls", "secret_arn": SECRET},
}


def environments() -> dict[str, Environment]:
    """The shipped examples, and what they leave out."""
    found = {name: load(name) for name in shipped()}
    for name, logstash in OTHERS.items():
        data = load("dev").model_dump(exclude_unset=True, by_alias=True)
        data["log_processor"]["logstash"] |= logstash
        found[name] = Environment.model_validate(data)
    return found
