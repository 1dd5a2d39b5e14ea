"""Every way that the log processor can be set up: trigger, bucket, and how its code is carried."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from infra.assembly import assemble
from infra.aws.services import Aws
from infra.config import Environment, load
from infra.deploy.execution import Outputs, Watcher, carry_out
from infra.deploy.plan import creation
from infra.local import demo
from infra.local.differences import Address
from infra.model import Assembly
from tests.local.stacks import Client, Stack

FAST = Watcher(interval=0.2)
KEY_PREFIX = "team's_(shop)!.v1"
"""Of every kind of character that a load balancer's prefix may have."""


@dataclass(frozen=True)
class Way:
    """One of the twelve."""

    trigger: str
    bucket: str
    """`ours`, or `theirs` for one that somebody else owns."""
    code: str
    """`zip`, or `embedded` in the template."""

    def __str__(self) -> str:
        return f"{self.trigger}-{self.bucket}-{self.code}"

    def assembly(self, name: str | None = None, **settings: Any) -> Assembly:
        """The stacks of `dev` set up like this, with other settings of the log processor."""
        data = load("dev").model_dump(exclude_unset=True, by_alias=True)
        data |= {"name": name or str(self), "artifact_bucket": f"{name or self}-code"}
        processor = data["log_processor"]
        del processor["bucket_name_prefix"]
        processor |= {"trigger": self.trigger, "key_prefix": KEY_PREFIX}
        processor |= self._bucket(data["name"]) | settings
        return assemble(Environment.model_validate(data), embed=self.code == "embedded")

    def _bucket(self, name: str) -> dict[str, str]:
        if self.bucket == "ours":
            return {"bucket_name_prefix": name}
        return {"existing_bucket": their_bucket(name), "state_bucket_name_prefix": name}


def their_bucket(environment: str) -> str:
    """The bucket of somebody else that an environment's load balancers write to."""
    return f"{environment}-logs"


TRIGGERS, BUCKETS, CODES = (
    ("queue", "direct", "eventbridge"),
    ("ours", "theirs"),
    ("zip", "embedded"),
)
EVERY = [Way(*each) for each in product(TRIGGERS, BUCKETS, CODES)]


def created(assembly: Assembly, aws: Aws, to: Address, **overrides: str) -> Outputs:
    """The outputs of the assembly's stacks."""
    assert assembly.artifact_bucket is not None
    aws.objects.create_bucket(assembly.artifact_bucket)
    return carry_out(creation(assembly, demo.overrides(aws, to) | overrides), aws, FAST)


def deleted(assembly: Assembly, client: Client) -> None:
    """Delete the stacks, the last one first."""
    for stack in reversed(assembly.here):
        Stack(client, stack.name).delete()


def retained(assembly: Assembly, client: Client) -> set[tuple[str, str]]:
    """What the templates say is to outlive its stack, by kind and name."""
    kinds = {"AWS::S3::Bucket": "bucket"}
    return {
        (kinds[resource["Type"]], Stack(client, stack.name).resources()[title])
        for stack in assembly.here
        for title, resource in stack.template["Resources"].items()
        if resource.get("DeletionPolicy", "").startswith("Retain")
    }
