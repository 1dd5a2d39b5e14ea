"""The function behind the synthesised security group's rules: it reaches Logstash, S3, and no more.

Its network is a namespace that these tests make, and so is all that it could reach. What the
VPC's own resolver is asked passes every security group; that is so in AWS too.
"""

from __future__ import annotations

import json
import os
import sys
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from infra.assembly import assemble
from infra.config import Environment, load
from tests.policies.resolver import Concrete, concrete
from tests.unit.log_processor.samples import ALB_KEY

from .functions import Python
from .namespaces import INTERFACE, in_a_new_one
from .processes import running
from .s3 import PREFIX, STATE
from .security_groups import egress, groups_of, ingress, ruleset
from .tools import runtime_interface_emulator, runtime_packages
from .world import LINES, Place

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")

ROOT = Path(__file__).parents[2]
VPC = IPv4Network("10.20.0.0/16")
FUNCTION = "10.20.128.10"
S3_NETWORK, S3 = "198.51.100.0/24", ("tcp", "198.51.100.10", 443)
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-AbCdEf"
INBOUND = 8080

REACHED: dict[str, Place] = {
    "Logstash": ("tcp", "10.90.16.7", 5045),
    "another of Logstash's addresses": ("tcp", "10.90.16.200", 5045),
    "S3": S3,
    "the VPC's resolver": ("udp", str(VPC[2]), 53),
    "the VPC's resolver, for long answers": ("tcp", str(VPC[2]), 53),
    "the VPC's resolver by its other address": ("udp", "169.254.169.253", 53),
}
IN_THE_VPC: dict[str, Place] = {"an endpoint in the VPC": ("tcp", "10.20.64.5", 443)}
DROPPED: dict[str, Place] = {
    "Logstash's host by SSH": ("tcp", "10.90.16.7", 22),
    "Logstash's own API": ("tcp", "10.90.16.7", 9600),
    "Elasticsearch beside it": ("tcp", "10.90.16.7", 9200),
    "the next port": ("tcp", "10.90.16.7", 5046),
    "Logstash over UDP": ("udp", "10.90.16.7", 5045),
    "the network beside Logstash's": ("tcp", "10.90.17.7", 5045),
    "S3 over plain HTTP": ("tcp", "198.51.100.10", 80),
    "S3's port in another network": ("tcp", "198.51.101.10", 443),
    "the internet": ("tcp", "203.0.113.9", 443),
    "a mail server": ("tcp", "203.0.113.9", 25),
    "a resolver elsewhere": ("udp", "203.0.113.53", 53),
    "a resolver elsewhere, over TCP": ("tcp", "203.0.113.53", 53),
    "the resolver's host by another way": ("tcp", str(VPC[2]), 80),
    "a database in the VPC": ("tcp", "10.20.128.99", 5432),
    "a neighbour over plain HTTP": ("tcp", "10.20.128.99", 80),
}


def settings(**logstash: Any) -> Environment:
    """`dev`, with Logstash at an address of its network and port."""
    data = load("dev").model_dump(exclude_unset=True, by_alias=True)
    data["log_processor"]["logstash"] |= {"host": "10.90.16.7", **logstash}
    return Environment.model_validate(data)


@pytest.mark.parametrize(
    ("logstash", "opened"),
    [({}, False), ({"protocol": "tls", "secret_arn": SECRET}, True)],
    ids=["as dev is", "with a secret, whose endpoint is in the VPC"],
)
def test_the_security_group_lets_the_function_reach_what_it_is_for(
    logstash: dict[str, Any], opened: bool, code: Path, tmp_path: Path
) -> None:
    """Everything answers without the rules; with them all else times out, also what comes in."""
    stacks = concrete(assemble(settings(**logstash)))
    everything = {**REACHED, **IN_THE_VPC, **DROPPED}
    found = played(scenario(stacks, everything, code, tmp_path), tmp_path)
    allowed = {*REACHED, *(IN_THE_VPC if opened else ())}
    assert found["before"] == dict.fromkeys([*everything, "the function itself"], "reached")
    assert found["after"] == {
        name: "reached" if name in allowed else "timed out" for name in found["before"]
    }
    assert found["function"] == {
        "answer": {"batchItemFailures": []},
        "outcome": "delivered",
        "read": LINES,
        "delivered": LINES,
    }
    assert found["lines"] == LINES


def scenario(
    stacks: tuple[Concrete, ...], probes: dict[str, Place], code: Path, folder: Path
) -> dict[str, Any]:
    """All that the world has to know."""
    (function,) = (
        each
        for stack in stacks
        for each in stack.of_type("AWS::Lambda::Function")
        if "LOGSTASH_HOST" in each.properties.get("Environment", {}).get("Variables", {})
    )
    groups = groups_of(function, stacks)
    out, into = egress(groups, stacks), ingress(groups, stacks)
    listed = {rule["DestinationPrefixListId"] for rule in out if "DestinationPrefixListId" in rule}
    return {
        "ruleset": ruleset(
            out, into, interface=INTERFACE, networks=dict.fromkeys(listed, S3_NETWORK), vpc=VPC
        ),
        "probes": probes,
        "function": FUNCTION,
        "inbound": INBOUND,
        "s3": S3,
        "key": ALB_KEY,
        "code": str(code),
        "folder": str(folder),
        # As the template has them, but for the protocol: what is tried here is the network.
        "variables": {
            **function.properties["Environment"]["Variables"],
            "LOGSTASH_PROTOCOL": "tcp",
            "LOGSTASH_SECRET": "",
            "STATE_LOCATION": f"s3://{STATE}/{PREFIX}",
            "AWS_ENDPOINT_URL_S3": f"http://{S3[1]}:{S3[2]}",
        },
    }


def played(told: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What comes of a scenario, in a world that ends with it."""
    # What is fetched from package indexes is fetched while there is a way to them.
    runtime_interface_emulator()
    runtime_packages(Python().executable, Python().release)
    scenario, outcome, log = folder / "scenario", folder / "outcome", folder / "world"
    scenario.write_text(json.dumps(told))
    command = (*in_a_new_one(), sys.executable, "-m", "tests.e2e.world")
    with running((*command, str(scenario), str(outcome)), os.environ, log, folder=ROOT) as world:
        assert world.wait(120) == 0, log.read_text()
    found: dict[str, Any] = json.loads(outcome.read_text())
    return found
