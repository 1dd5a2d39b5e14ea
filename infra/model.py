"""What composing gives: stacks as plain values that any tool can read, wire and deploy.

Nothing here knows troposphere, boto3 or the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Output:
    """One output of a stack, as a parameter of a later stack names it."""

    stack: str
    """The stack's id within its environment, such as `network`."""
    name: str


Value = str | Output
"""What a parameter gets: text known from the settings, or an output of an earlier stack."""


@dataclass(frozen=True)
class Asset:
    """A file that a stack needs in S3 before it is created."""

    name: str
    """Its folder in `lambda_src`, such as `log_processor`."""
    content: bytes = field(repr=False)
    sha256: str
    """Of the content, in hexadecimal."""
    bucket: str
    key: str
    """`<name>/<sha256>.zip`: CloudFormation notices new code only by a new key."""


@dataclass(frozen=True)
class Stack:
    """One composed stack: its template, and where each parameter's value comes from."""

    id: str
    """Within its environment, such as `log-processor`."""
    name: str
    """In CloudFormation, such as `dev-log-processor`."""
    template: Mapping[str, Any]
    """Plain data, sections in their natural order."""
    values: Mapping[str, Value]
    assets: tuple[Asset, ...] = ()
    capabilities: tuple[str, ...] = ()
    termination_protection: bool = False
    """Whether CloudFormation refuses to delete the stack until that is switched off."""
    stack_policy: Mapping[str, Any] | None = None
    """What an update must not do, as plain data; None where nothing of it needs that."""
    after: tuple[str, ...] = ()
    """Ids of stacks that have to be there first, although no output of theirs is needed."""
    account: str | None = None
    """Where it stands in somebody else's account: its id. Who deploys the environment leaves it."""
    region: str | None = None
    """Where it stands in another region than the environment."""

    @property
    def elsewhere(self) -> bool:
        """Whether it is for another account or region than the environment's own."""
        return self.account is not None or self.region is not None

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters whose values the settings give."""
        return {name: value for name, value in self.values.items() if isinstance(value, str)}

    @property
    def wiring(self) -> dict[str, Output]:
        """The parameters whose values other stacks' outputs give."""
        return {name: value for name, value in self.values.items() if isinstance(value, Output)}


@dataclass(frozen=True)
class Assembly:
    """All stacks of one environment, in the order in which they can be created."""

    environment: str
    region: str
    tags: Mapping[str, str]
    """On every stack, and so on every resource of it."""
    stacks: tuple[Stack, ...]
    artifact_bucket: str | None = None
    """Where code is uploaded to, and templates that are too long for a request."""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """What goes with them and is no part of a stack, by its path beside the templates."""

    @property
    def here(self) -> tuple[Stack, ...]:
        """Those of the environment's own account and region: the ones that it deploys."""
        return tuple(stack for stack in self.stacks if not stack.elsewhere)

    @property
    def elsewhere(self) -> tuple[Stack, ...]:
        """Those for another account or region, which somebody else creates."""
        return tuple(stack for stack in self.stacks if stack.elsewhere)
