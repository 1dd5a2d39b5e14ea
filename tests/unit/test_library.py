"""The log processor as a part of somebody's own template."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from troposphere import GetAtt, Parameter, Ref, Template, ec2

from infra.errors import InputError
from infra.library import LogProcessor, Place, add_log_processor
from infra.lint.engines import examine
from infra.lint.references import undefined
from infra.model import Assembly, Stack
from infra.render import to_plain

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SETTINGS: dict[str, Any] = {
    "log_expiry_days": 14,
    "logstash": {"host": "logstash.example.net", "port": 5045, "cidr": "10.90.16.0/24"},
    "event": {"component": "load-balancer"},
    "function": {"log_retention_days": 7},
}
OURS = {"bucket_name_prefix": "shop-lb-logs"}
THEIRS = {"existing_bucket": "their-logs", "state_bucket_name_prefix": "shop-state"}


def their_template() -> tuple[Template, Place]:
    template = Template(Description="somebody's own stack")
    vpc = template.add_resource(ec2.VPC("TheirVpc", CidrBlock="10.50.0.0/16"))
    subnet = template.add_resource(
        ec2.Subnet("TheirSubnet", VpcId=Ref(vpc), CidrBlock="10.50.1.0/24")
    )
    place = Place("shop", "dev", "eu-west-1", Ref(vpc), [Ref(subnet)], GetAtt(vpc, "CidrBlock"))
    return template, place


def assembly_of(template: Template) -> Assembly:
    plain = to_plain(template)
    assert undefined(plain) == []
    defaults = {
        name: str(one["Default"]) for name, one in plain["Parameters"].items() if "Default" in one
    }
    return Assembly("test", "eu-west-1", {}, (Stack("their", "their", plain, defaults),))


def test_the_example_of_the_readme_gives_a_template_that_no_engine_finds_anything_in() -> None:
    """Whoever copies it has a stack that can be deployed as it is, without a parameter to give."""
    (example,) = re.findall(r"<!-- library -->\n```python\n(.*?)```", README, re.DOTALL)
    command = [sys.executable, "-c", example]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    plain = json.loads(done.stdout)
    assert undefined(plain) == []
    assert [name for name, one in plain["Parameters"].items() if "Default" not in one] == []
    stack = Stack("their", "their", plain, {})
    assert examine(Assembly("test", "eu-west-1", {}, (stack,))).findings == ()


@pytest.mark.parametrize("bucket", [OURS, THEIRS], ids=["ours", "theirs"])
@pytest.mark.parametrize("trigger", ["queue", "direct", "eventbridge"])
def test_every_way_fits_into_a_template_that_has_more(bucket: dict[str, str], trigger: str) -> None:
    """What was there stays, and their VPC is referred to, with no parameter for it."""
    template, place = their_template()
    settings = LogProcessor.model_validate(SETTINGS | bucket | {"trigger": trigger})
    add_log_processor(template, settings, place)
    assembly = assembly_of(template)
    plain = assembly.stacks[0].template
    function = plain["Resources"]["ProcessorFunction"]["Properties"]
    assert {"TheirVpc", "TheirSubnet"} <= plain["Resources"].keys()
    assert not {"VpcId", "PrivateSubnetIds", "CodeS3Key"} & plain["Parameters"].keys()
    assert function["VpcConfig"]["SubnetIds"] == [{"Ref": "TheirSubnet"}]
    assert examine(assembly).findings == ()


def test_a_zip_is_named_where_code_is_not_to_stand_in_the_template() -> None:
    """It has to be in the bucket before the stack is made."""
    template, place = their_template()
    settings = LogProcessor.model_validate(SETTINGS | OURS)
    added = add_log_processor(template, settings, place, code_bucket="artifacts")
    (asset,) = added.assets
    parameters = to_plain(template)["Parameters"]
    assert (asset.bucket, asset.key) == (
        parameters["CodeS3Bucket"]["Default"],
        parameters["CodeS3Key"]["Default"],
    )


def test_tracing_may_leave_to_the_vpc_that_stands_in_the_template() -> None:
    """Its network is an expression there, not a parameter."""
    template, place = their_template()
    function = SETTINGS["function"] | {"tracing": True}
    settings = LogProcessor.model_validate(SETTINGS | OURS | {"function": function})
    add_log_processor(template, settings, place)
    group = to_plain(template)["Resources"]["ProcessorSecurityGroup"]["Properties"]
    assert group["SecurityGroupEgress"][-1] == {
        "Description": "X-Ray, through an interface endpoint",
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "CidrIp": {"Fn::GetAtt": ["TheirVpc", "CidrBlock"]},
    }


def test_a_name_that_is_taken_is_said() -> None:
    """Two parameters of one name would be one."""
    template, place = their_template()
    template.add_parameter(Parameter("LogstashHost", Type="String"))
    settings = LogProcessor.model_validate(SETTINGS | OURS)
    with pytest.raises(InputError, match=r"cannot take the log processor: .*LogstashHost"):
        add_log_processor(template, settings, place)
