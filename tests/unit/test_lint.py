"""What lint says of templates that are wrong."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from infra.errors import InputError, NotInstalledError
from infra.lint import cloudformation_validate
from infra.lint.cfn_lint import findings
from infra.lint.engines import Report, examine
from infra.lint.finding import Finding
from infra.model import Assembly, Stack


def assembly_of(
    resources: Mapping[str, Any], region: str = "eu-west-1", **sections: Any
) -> Assembly:
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources, **sections}
    values = {name: str(one.pop("value")) for name, one in sections.get("Parameters", {}).items()}
    stack = Stack(id="queues", name="dev-queues", template=template, values=values)
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
            engine="cfn-lint",
        )
    ]


def test_a_finding_reads_as_one_line() -> None:
    """Place first, then who says so, rule and message."""
    whole = Finding("network", "Vpc", "", "E1", "error", "is wrong", "cfn-lint")
    part = Finding("network", "Vpc", "Tags[0].Key", "W2", "warning", "is odd", "cfn-lint")
    assert [str(whole), str(part)] == [
        "network: Vpc: cfn-lint E1 error: is wrong",
        "network: Vpc.Tags[0].Key: cfn-lint W2 warning: is odd",
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


SIZED: dict[str, dict[str, Any]] = {
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"S3Bucket": "code", "S3Key": "key"},
            "Handler": "h.h",
            "Runtime": "python3.13",
            "Role": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/r"},
            "MemorySize": {"Ref": "Memory"},
        },
    }
}


def test_the_second_engine_looks_at_the_values_of_parameters() -> None:
    """What the schema refuses is found although only the parameter file says it."""
    assembly = assembly_of(SIZED, Parameters={"Memory": {"Type": "Number", "value": 64}})
    assert findings(assembly) == []
    assert cloudformation_validate.findings(assembly) == [
        Finding(
            stack="queues",
            resource="Function",
            property="MemorySize",
            rule="F3034",
            level="error",
            message="64 is less than the minimum of 128",
            engine="cloudformation-validate",
        )
    ]


def test_both_engines_together_name_each_fault_once() -> None:
    """One rule at one place is one finding, whatever its letter and however it is worded."""
    report = examine(
        assembly_of(
            {
                **SIZED,
                "Odd": {"Type": "AWS::SQS::Nothing"},
                "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": "soon"}},
            },
            Parameters={
                "Memory": {"Type": "Number", "value": 64},
                "Unused": {"Type": "String", "value": "x"},
            },
        )
    )
    assert report.engines == ("cfn-lint", "cloudformation-validate")
    assert [
        (one.resource, one.property, one.engine, one.rule, one.level) for one in report.findings
    ] == [
        ("Function", "MemorySize", "cloudformation-validate", "F3034", "error"),
        ("Odd", "Type", "cfn-lint", "E3006", "error"),
        ("Parameters.Unused", "", "cfn-lint", "W2001", "warning"),
        ("Queue", "DelaySeconds", "cfn-lint", "E3012", "error"),
    ]


def test_the_second_engine_finds_a_place_as_the_first_one_does() -> None:
    """Of what both find, rule and place agree: so neither hides a fault of the other."""
    assembly = assembly_of(
        {
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"Tags": [{"Key": "a"}], "Colour": "red"},
            },
        },
        Parameters={"Unused": {"Type": "String", "value": "x"}},
        Outputs={"Url": {"Value": {"Ref": "Nothing"}}},
    )
    first, second = (
        {(one.resource, one.property, one.rule[1:]) for one in found}
        for found in (findings(assembly), cloudformation_validate.findings(assembly))
    )
    assert first == second
    assert ("Queue", "Tags[0]", "3003") in second


def test_the_name_of_a_secret_is_no_secret() -> None:
    """A password in a parameter that everybody can read is found; where one is kept, is not."""
    parameters = {
        name: {"Type": "String", "value": "x"}
        for name in ("SecretArn", "SecretGroupId", "MasterPassword")
    }
    queues = {
        f"{name}Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": name}}}
        for name in parameters
    }
    found = cloudformation_validate.findings(assembly_of(queues, Parameters=parameters))
    assert [(one.resource, one.rule) for one in found] == [("Parameters.MasterPassword", "W2509")]


def test_what_is_built_of_a_parameter_is_not_written_out() -> None:
    """An ARN that stands in the template is found; one that a value makes, is not."""
    roles = {
        "Built": {"Fn::Sub": "arn:aws:iam::${Account}:role/r"},
        "Written": "arn:aws:iam::123456789012:role/r",
    }
    parameters = {
        "Account": {"Type": "String", "value": "1", "Default": "210987654321"},
        "Memory": {"Type": "Number", "value": 512, "Default": 512},
    }
    functions = {name: deepcopy(SIZED["Function"]) for name in roles}
    for name, role in roles.items():
        functions[name]["Properties"]["Role"] = role
    found = cloudformation_validate.findings(assembly_of(functions, Parameters=parameters))
    assert [(one.resource, one.rule) for one in found] == [("Written", "W9013")]


def test_an_engine_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes one engine's silence for that of two."""
    monkeypatch.setitem(sys.modules, "cloudformation_validate", None)
    assembly = assembly_of({"Queue": {"Type": "AWS::SQS::Queue"}})
    assert examine(assembly) == Report((), ("cfn-lint",), ("cloudformation-validate",))
    with pytest.raises(NotInstalledError) as refused:
        cloudformation_validate.findings(assembly)
    assert str(refused.value) == (
        "cloudformation-validate is not installed; install it with: pip install 'infra[lint]'"
    )
