"""What there is of an environment: its stacks, and what they tell."""

from __future__ import annotations

from dataclasses import dataclass

from infra.aws.services import DeployedStack, DeployedStacks
from infra.model import Assembly, Stack


@dataclass(frozen=True)
class Found:
    """A stack of the environment, and what there is of it."""

    stack: Stack
    deployed: DeployedStack | None
    """None where it is not there."""


def look_up(assembly: Assembly, stacks: DeployedStacks) -> list[Found]:
    """Every stack of the environment's own account and region, in the order of creating them."""
    return [Found(stack, stacks.deployed(stack.name)) for stack in assembly.here]
