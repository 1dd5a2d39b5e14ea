"""An AWS of a few lines, and small assemblies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any

from infra.aws.services import (
    Aws,
    LogLine,
    NetworkFacts,
    NewStack,
    QueueCounts,
    StackEvent,
    StackState,
)
from infra.model import Assembly, Asset, Output, Stack
from infra.weight import REQUEST_BYTES

ASSET = Asset("code", b"zip", "ab12", "artifacts", "code/ab12.zip")


def stack(
    name: str,
    values: Mapping[str, str | Output] | None = None,
    parameters: tuple[str, ...] = (),
    assets: tuple[Asset, ...] = (),
    stack_policy: Mapping[str, Any] | None = None,
) -> Stack:
    """A stack with one resource; one with a policy is protected from being deleted as well."""
    template = {
        "Parameters": {each: {"Type": "String"} for each in parameters},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    }
    return Stack(
        name,
        f"test-{name}",
        template,
        values or {},
        assets,
        ("CAPABILITY_IAM",),
        termination_protection=stack_policy is not None,
        stack_policy=stack_policy,
    )


def heavy(name: str) -> Stack:
    """A stack whose template no request carries."""
    made = stack(name)
    return replace(made, template={**made.template, "Description": "x" * REQUEST_BYTES})


def assembly(*stacks: Stack) -> Assembly:
    """An environment of these stacks."""
    return Assembly("test", "eu-west-1", {"Team": "web"}, stacks, "artifacts")


def event(
    logical_id: str, status: str, reason: str = "", type_: str = "AWS::SNS::Topic"
) -> StackEvent:
    """An event whose id is made of what it says."""
    return StackEvent(f"{logical_id} {status}", logical_id, type_, status, reason)


@dataclass
class FakeAws:
    """Remembers what was asked; each stack passes through the states given for it."""

    states: dict[str, list[StackState]] = field(default_factory=dict)
    history: dict[str, list[StackEvent]] = field(default_factory=dict)
    created: list[NewStack] = field(default_factory=list)
    written: dict[tuple[str, str], bytes] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    """Subnets without a route to an internet gateway."""
    without_names: set[str] = field(default_factory=set)
    """VPCs that resolve no names."""
    zones: tuple[str, ...] = ("eu-west-1a", "eu-west-1b")
    """Of the subnets asked for, one after the other."""

    def create(self, stack: NewStack) -> str:
        self.created.append(stack)
        return stack.name

    def state(self, name: str) -> StackState:
        states = self.states.get(name) or [StackState("CREATE_COMPLETE", "", {})]
        return states.pop(0) if len(states) > 1 else states[0]

    def events(self, name: str) -> list[StackEvent]:
        return self.history.get(name, [])

    def create_bucket(self, bucket: str) -> None:
        self.written[(bucket, "")] = b""

    def put(self, bucket: str, key: str, content: bytes) -> None:
        self.written[(bucket, key)] = content

    def upload(self, bucket: str, key: str, path: Path) -> None:
        self.written[(bucket, key)] = path.read_bytes()

    def url(self, bucket: str, key: str) -> str:
        return f"https://s3.test/{bucket}/{key}"

    def lines(self, group: str, since: int = 0) -> Iterator[LogLine]:
        return iter(())

    def counts(self, url: str) -> QueueCounts:
        return QueueCounts(0, 0)

    def id_of(self, name: str) -> str:
        return "pl-12345678"

    def facts(self, vpc_id: str, subnet_ids: Sequence[str]) -> NetworkFacts:
        return NetworkFacts(
            dns_support=vpc_id not in self.without_names,
            dns_hostnames=vpc_id not in self.without_names,
            leads_to_internet={each: each not in self.private for each in subnet_ids},
            zones=dict(zip(subnet_ids, cycle(self.zones), strict=False)),
        )

    def text(self, secret: str) -> str:
        return '{"username": "analyst", "password": "secret"}'

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        return None

    @property
    def aws(self) -> Aws:
        """This fake in every role."""
        return Aws("eu-west-1", self, self, self, self, self, self, self, self)
