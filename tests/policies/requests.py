"""A request to AWS: who asks for what, of which resource, under which circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .documents import Document, Policies

OTHER_ACCOUNT = "999999999999"

NOBODY: Mapping[str, str] = {"type": "Anonymous"}
"""Who signs nothing, as the simulator names them."""

_EVERYTHING: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class Caller:
    """Who asks."""

    words: str
    principal: str | Mapping[str, str]
    role: str | None = None
    """The ARN of a role of ours that it has taken on, whose policies hold for it."""
    allowed_everything: bool = False
    """Whether its own account lets it do anything: then only the resource's policy decides."""
    within: bool = False
    """Whether it asks from within the VPC, where the endpoint's policy holds too."""
    context: Mapping[str, str] = field(default_factory=dict)


def administrator(account: str) -> Caller:
    """Somebody whom their own account forbids nothing."""
    role = f"arn:aws:sts::{account}:assumed-role/administrator/somebody"
    return Caller(f"an administrator of {account}", role, allowed_everything=True)


def service(name: str, *, arn: str | None = None, account: str | None = None) -> Caller:
    """A service of AWS, for the sake of that resource of that account."""
    sources = {"aws:SourceArn": arn, "aws:SourceAccount": account}
    known = {key: value for key, value in sources.items() if value is not None}
    return Caller(name, name, context=known)


ANYBODY = Caller("anybody without credentials", NOBODY)


@dataclass(frozen=True)
class Row:
    """One line of the truth table."""

    says: str
    caller: Caller
    action: str
    resource: str
    owner: str
    """The account that the resource is in."""
    allowed: bool = True
    context: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """What somebody who reads a failure needs."""
        verb = "may" if self.allowed else "may not"
        return f"{self.caller.words} {verb} {self.says} ({self.action} on {self.resource})"

    def but(self, how: str, **changes: Any) -> Row:
        """The same with one thing changed, which therefore is denied."""
        return replace(self, says=f"{self.says} {how}".strip(), allowed=False, **changes)

    def of(self, owner: str) -> Row:
        """The same with a resource of that account."""
        return replace(self, owner=owner)

    def over(self, how: str, **context: str) -> Row:
        """The same under one other circumstance, and so denied."""
        return self.but(how, context={**self.context, **context})

    def simulation(self, policies: Policies) -> dict[str, Any]:
        """As the simulator wants it, with all policies that AWS would look at."""
        endpoint = policies.endpoint.get(self.action.partition(":")[0])
        found = policies.of_resource(self.resource)
        return {
            "request": {
                "principal": self.caller.principal,
                "action": self.action,
                "resource": {"resource": self.resource, "accountId": self.owner},
                "contextVariables": {**self._transport(), **self.caller.context, **self.context},
            },
            "identityPolicies": self._identity(policies),
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
            **({"resourcePolicy": found} if found else {}),
            **(
                {"vpcEndpointPolicies": [{"name": "endpoint", "policy": endpoint}]}
                if endpoint and self.caller.within
                else {}
            ),
        }

    def _identity(self, policies: Policies) -> list[dict[str, Any]]:
        if self.caller.allowed_everything:
            return [{"name": "administrator", "policy": _EVERYTHING}]
        own = policies.identity[self.caller.role] if self.caller.role else {}
        return [{"name": name, "policy": document} for name, document in own.items()]

    def _transport(self) -> dict[str, str]:
        """HTTPS, as everybody who is up to date asks; S3 alone tells which TLS it was."""
        modern = {"aws:SecureTransport": "true"}
        return modern | ({"s3:TlsVersion": "1.3"} if self.action.startswith("s3:") else {})
