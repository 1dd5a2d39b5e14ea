"""All engines over one assembly, and each fault once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infra.lint import cfn_lint, cloudformation_validate
from infra.lint.finding import Finding
from infra.model import Assembly


@dataclass(frozen=True)
class Report:
    """What was found, and who has looked."""

    findings: tuple[Finding, ...]
    """In the order of the stacks, then by place."""
    engines: tuple[str, ...]
    """Those that looked."""
    absent: tuple[str, ...]
    """Those that are not installed, and so did not."""


def examine(assembly: Assembly) -> Report:
    """Every engine that is installed over every stack.

    cfn-lint comes first: it refuses a region that does not exist. The other engine is an extra.
    """
    found = cfn_lint.findings(assembly)
    if not cloudformation_validate.is_installed():
        return Report(tuple(found), (cfn_lint.NAME,), (cloudformation_validate.NAME,))
    found += _new(cloudformation_validate.findings(assembly), found)
    order = [stack.id for stack in assembly.stacks]
    found.sort(key=lambda finding: (order.index(finding.stack), finding))
    return Report(tuple(found), (cfn_lint.NAME, cloudformation_validate.NAME), ())


def _new(found: Iterable[Finding], known: Iterable[Finding]) -> list[Finding]:
    """Those of `found` that the other engine did not have already.

    One that names a resource alone is known if its rule was broken anywhere in that resource.
    """
    faults = {fault for finding in known for fault in (_fault(finding), _fault(finding, ""))}
    return [finding for finding in found if _fault(finding) not in faults]


def _fault(finding: Finding, property_: str | None = None) -> tuple[str, ...]:
    """What is the same however it is worded: both number their rules alike.

    Before the number E, W and I stand for the level, and F for what a schema refuses:
    E3002 and F3002 are one rule.
    """
    place = finding.property if property_ is None else property_
    return finding.stack, finding.resource, place, finding.rule[1:]
