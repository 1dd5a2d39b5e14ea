"""`infra outputs` and `infra doctor` on the local AWS: what is there, and what is broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from infra.assembly import outline
from infra.aws.services import Aws
from infra.config import load
from infra.deploy.execution import Watcher, carry_out
from infra.deploy.plan import creation
from infra.local.emulator import Emulator
from infra.stacks import network
from tests.local.stacks import Client, Stack
from tests.unit.commands import Done, Infra, in_process

NAME = "looked-after"


@pytest.fixture
def infra(
    here: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Infra:
    """The command, with an environment like `reporting` in its folder."""
    data = load("reporting").model_dump(mode="json", exclude_unset=True, by_alias=True)
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump({**data, "name": NAME}))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", here.credentials.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", here.credentials.secret_key)
    return in_process(tmp_path, monkeypatch, capfdbinary)


@pytest.fixture
def made(infra: Infra, aws: Aws, client: Client) -> Iterator[Stack]:
    """Its network's stack, and no other."""
    assembly = outline(load("shop.yaml"))
    alone = [each for each in assembly.stacks if each.id == network.ID]
    carry_out(creation(replace(assembly, stacks=tuple(alone))), aws, Watcher(interval=0.02))
    stack = Stack(client, f"{NAME}-network")
    yield stack
    stack.delete()


def lines(done: Done) -> list[str]:
    return done.stdout.decode().splitlines()


def test_outputs_are_those_of_the_stacks_that_are_there(
    infra: Infra, here: Emulator, made: Stack
) -> None:
    """Each as CloudFormation tells it."""
    done = infra("outputs", "shop.yaml", "--endpoint-url", here.endpoint_url)
    head, *rows = lines(done)
    assert (done.code, head) == (0, f"{NAME}-network CREATE_COMPLETE")
    assert dict(row.split()[:2] for row in rows) == made.outputs()
    assert rows[0].split(maxsplit=2)[2] == "The VPC"
    assert f"{NAME}-database is not deployed" in done.talk


def test_a_broken_route_is_told(infra: Infra, here: Emulator, made: Stack, client: Client) -> None:
    """And names that are switched off; what was whole before is said to be that."""
    command = ("doctor", "shop.yaml", "--endpoint-url", here.endpoint_url)
    told, outputs = made.outputs(), made.resources()
    whole = infra(*command)
    assert (whole.code, lines(whole)[2:]) == (
        0,
        [
            f"ok           stack {NAME}-network: CREATE_COMPLETE",
            *(
                f"not checked  stack {NAME}-{each}: not deployed"
                for each in ("endpoints", "database", "database-watch")
            ),
            f"ok           subnets: all in {told['VpcId']}",
            "ok           public subnets: 2 subnets with a route to an internet gateway",
            "ok           zones of public subnets: eu-west-1a, eu-west-1b",
            "ok           zones of private subnets: eu-west-1a, eu-west-1b",
            f"ok           DNS: {told['VpcId']} has DNS support and DNS host names",
            "ok           approvals: none has expired or expires within 14 days",
        ],
    )
    assert lines(whole)[1].startswith("ok           credentials: arn:aws:")
    ec2 = client("ec2")
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [told["VpcId"]]}])[
        "RouteTables"
    ]
    [public] = [
        table["RouteTableId"]
        for table in tables
        if any(str(each.get("GatewayId")).startswith("igw-") for each in table["Routes"])
    ]
    assert public in outputs.values()
    ec2.delete_route(RouteTableId=public, DestinationCidrBlock="0.0.0.0/0")
    ec2.modify_vpc_attribute(VpcId=told["VpcId"], EnableDnsHostnames={"Value": False})
    broken = infra(*command)
    failed = [line for line in lines(broken) if line.startswith("failed")]
    assert broken.code == 1
    assert failed == [
        *(
            f"failed       public subnets: Subnet {each} has no route to an internet gateway: "
            "nobody would reach the public replica. Name public subnets in "
            "network.public_subnet_ids, or give its route table a route 0.0.0.0/0 to one."
            for each in told["PublicSubnetIds"].split(",")
        ),
        f"failed       DNS: {told['VpcId']} has DNS host names switched off, without which RDS "
        "makes no server with a public address: aws ec2 modify-vpc-attribute --vpc-id "
        f"{told['VpcId']} --enable-dns-hostnames",
    ]
