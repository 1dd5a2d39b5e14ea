"""Templates as text: in natural order, and read back as what they were."""

from __future__ import annotations

import json

import pytest
import yaml
from cfn_flip import to_json as yaml_to_json
from troposphere import Output, Parameter, Ref, Template, sqs

from infra.assembly import assemble
from infra.config import load
from infra.render import to_json, to_plain, to_yaml


def test_sections_and_resource_keys_stand_in_their_natural_order() -> None:
    """A reader finds parameters before resources and the type of a resource first."""
    template = Template(Description="d")
    template.add_output(Output("Url", Value="x"))
    template.add_resource(
        sqs.Queue("Second", DelaySeconds=1, DependsOn="First", DeletionPolicy="Retain")
    )
    template.add_resource(sqs.Queue("First"))
    template.add_parameter(Parameter("P", Type="String"))
    template.set_version("2010-09-09")
    plain = to_plain(template)
    assert list(plain) == [
        *("AWSTemplateFormatVersion", "Description", "Parameters", "Resources", "Outputs"),
    ]
    assert list(plain["Resources"]) == ["Second", "First"]
    assert list(plain["Resources"]["Second"]) == [
        *("Type", "DependsOn", "DeletionPolicy", "Properties"),
    ]


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_yaml_and_json_say_the_same(name: str) -> None:
    """Whichever format is asked for, CloudFormation reads one template."""
    for stack in assemble(load(name)).stacks:
        assert json.loads(yaml_to_json(to_yaml(stack.template))) == json.loads(
            to_json(stack.template)
        )


def test_text_that_yaml_would_read_as_something_else_stays_text() -> None:
    """`no`, versions and octal-looking account ids come back as they were."""
    values = ["no", "on", "2012-10-17", "0123", "1:20", "~", "null", "1e3", " x ", "a: b", "#{V}"]
    assert yaml.safe_load(to_yaml({"Values": values})) == {"Values": values}


def test_a_substitution_of_several_lines_keeps_its_lines() -> None:
    """A change of one line of it is a change of one line of the file, and it is read back whole."""
    plain = {"Body": {"Fn::Sub": '{"a":"${AWS::Region}",\n"b":' + "9" * 300 + "}"}}
    text = to_yaml(plain)
    assert text.splitlines()[1:] == ['  {"a":"${AWS::Region}",', f'  "b":{"9" * 300}}}']
    assert json.loads(yaml_to_json(text)) == plain


def test_intrinsic_functions_have_their_short_form() -> None:
    """`!Ref X` reads better than `Ref: X`."""
    template = Template()
    template.add_resource(sqs.Queue("Q", QueueName=Ref("Name")))
    assert "QueueName: !Ref 'Name'" in to_yaml(to_plain(template))
