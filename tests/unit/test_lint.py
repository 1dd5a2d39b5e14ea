"""What lint says of templates that are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra.errors import InputError
from infra.lint.cfn_lint import findings
from infra.lint.finding import Finding
from infra.model import Assembly, Stack


def assembly_of(resources: Mapping[str, Any], region: str = "eu-west-1") -> Assembly:
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    stack = Stack(id="queues", name="dev-queues", template=template, values={})
    return Assembly("dev", region, {}, (stack,))


def test_a_finding_names_stack_resource_property_and_rule() -> None:
    """Whoever reads it knows where to look without opening the template."""
    rules = [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "ROT13"}}]
    encryption = {"ServerSideEncryptionConfiguration": rules}
    assembly = assembly_of(
        {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketEncryption": encryption}}}
    )
    assert findings(assembly) == [
        Finding(
            stack="queues",
            resource="Bucket",
            property="BucketEncryption.ServerSideEncryptionConfiguration[0]"
            ".ServerSideEncryptionByDefault.SSEAlgorithm",
            rule="E3030",
            level="error",
            message="'ROT13' is not one of ['aws:kms', 'AES256', 'aws:kms:dsse']",
        )
    ]


def test_a_finding_reads_as_one_line() -> None:
    """Place first, then rule and message."""
    whole = Finding("network", "Vpc", "", "E1", "error", "is wrong")
    part = Finding("network", "Vpc", "Tags[0].Key", "W2", "warning", "is odd")
    assert [str(whole), str(part)] == [
        "network: Vpc: E1 error: is wrong",
        "network: Vpc.Tags[0].Key: W2 warning: is odd",
    ]


def test_a_circle_of_references_is_found() -> None:
    """Neither resource could be created first."""
    waits = {"A": "B", "B": "A"}
    assembly = assembly_of(
        {name: {"Type": "AWS::SQS::Queue", "DependsOn": other} for name, other in waits.items()}
    )
    assert {finding.rule for finding in findings(assembly)} == {"E3004"}


def test_a_fault_outside_resources_names_its_section() -> None:
    """An output or a parameter has a place too."""
    stack = assembly_of({"Q": {"Type": "AWS::SQS::Queue"}}).stacks[0]
    template = {**stack.template, "Outputs": {"Url": {"Value": {"Ref": "Nothing"}}}}
    broken = Stack(id=stack.id, name=stack.name, template=template, values={})
    (finding,) = findings(Assembly("dev", "eu-west-1", {}, (broken,)))
    assert (finding.resource, finding.property, finding.rule) == (
        "Outputs.Url",
        "Value.Ref",
        "E6101",
    )


def test_an_unknown_region_is_named_with_the_nearest_one() -> None:
    """A mistyped region is not a traceback."""
    with pytest.raises(InputError) as refused:
        findings(assembly_of({"Q": {"Type": "AWS::SQS::Queue"}}, region="eu-wset-1"))
    assert str(refused.value) == (
        "region 'eu-wset-1': cfn-lint does not know it (did you mean \"eu-west-1\"?); "
        "correct it in the settings, or upgrade cfn-lint if the region is new"
    )
