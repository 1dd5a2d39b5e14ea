"""What deploying would do, as data: no call is made here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.deploy.template import StoredTemplate, stored
from infra.deploy.wiring import Overrides
from infra.model import Assembly, Asset, Stack, Value
from infra.words import counted


@dataclass(frozen=True)
class UploadAsset:
    """Put a file where CloudFormation reads it."""

    asset: Asset

    def __str__(self) -> str:
        size = len(self.asset.content)
        return f"upload {self.asset.name} ({size:,} bytes) to s3://{self.asset.bucket}"


@dataclass(frozen=True)
class UploadTemplate:
    """Put a template that no request carries where CloudFormation reads it."""

    stack: Stack
    template: StoredTemplate

    def __str__(self) -> str:
        size, bucket = len(self.template.content), self.template.bucket
        return f"upload the template of {self.stack.name} ({size:,} bytes) to s3://{bucket}"


@dataclass(frozen=True)
class CreateStack:
    """Create a stack and wait for it."""

    stack: Stack
    tags: Mapping[str, str]
    values: Mapping[str, Value]
    """What its parameters get: text, or an output of a stack that an earlier step creates."""
    template: StoredTemplate | None = None
    """Where an earlier step puts its template, unless the request carries it."""

    def __str__(self) -> str:
        resources = counted(len(self.stack.template["Resources"]), "resource")
        protected = ", protected" if self.stack.termination_protection else ""
        return f"create stack {self.stack.name} ({resources}{protected})"


Step = UploadAsset | UploadTemplate | CreateStack


def creation(assembly: Assembly, overrides: Mapping[str, str] | None = None) -> tuple[Step, ...]:
    """The steps that create everything of the environment's own account and region, in order.

    An override gives a parameter another value in every stack that has it; one that no stack
    has is an InputError.
    """
    chosen = Overrides.of(assembly, overrides or {})
    steps: list[Step] = []
    for stack in assembly.here:
        steps += [UploadAsset(asset) for asset in stack.assets]
        template = stored(stack, assembly.artifact_bucket)
        steps += [UploadTemplate(stack, template)] if template else []
        steps.append(CreateStack(stack, assembly.tags, chosen.applied(stack), template))
    return tuple(steps)
