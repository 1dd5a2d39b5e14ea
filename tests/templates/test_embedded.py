"""Templates that hold the functions' code are like the others in all else."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from infra.assembly import assemble
from infra.config import load, shipped
from infra.lint.cfn_lint import findings
from infra.lint.references import undefined
from infra.model import Assembly

LOCATION = ("CodeS3Bucket", "CodeS3Key")


@pytest.fixture(params=sorted(shipped()), name="name")
def _name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def embedded(name: str) -> Assembly:
    return assemble(load(name), embed=True)


def test_nothing_is_found_in_them(name: str) -> None:
    """CloudFormation takes them as they are."""
    assembly = embedded(name)
    assert findings(assembly) == []
    assert not any(undefined(stack.template) for stack in assembly.stacks)
    assert not any(stack.assets for stack in assembly.stacks)


def test_only_where_the_code_is_differs(name: str) -> None:
    """The same parameters, resources and rights, whichever way the code is carried."""
    for ours, packaged in zip(embedded(name).stacks, assemble(load(name)).stacks, strict=True):
        assert without_code(ours.template) == without_code(packaged.template)
        assert ours.wiring == packaged.wiring


def without_code(template: Mapping[str, Any]) -> dict[str, Any]:
    left = copy.deepcopy(dict(template))
    interface = left.get("Metadata", {}).get("AWS::CloudFormation::Interface", {})
    for location in LOCATION:
        left["Parameters"].pop(location, None)
        interface.get("ParameterLabels", {}).pop(location, None)
    for group in interface.get("ParameterGroups", ()):
        group["Parameters"] = [each for each in group["Parameters"] if each not in LOCATION]
    for resource in left["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            del resource["Properties"]["Code"], resource["Properties"]["Handler"]
    return left
