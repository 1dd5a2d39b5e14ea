"""What doctor finds, with an AWS of a few lines; tests/local has a real network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.aws.services import Account, Caller, DeployedStack, NetworkFacts, StackOutput
from infra.config import Environment
from infra.deploy.checkup import examine
from infra.deploy.checkup.check import Check, failed, not_checked, ok
from infra.errors import AwsError
from tests.unit.deploy.fakes import FakeAws
from tests.unit.test_database_settings import EXISTING, REPLICA, environment

TODAY = date(2027, 3, 20)
VPC = "vpc-0a1b2c3d"
WHOLE = {"shop-database": "CREATE_COMPLETE", "shop-database-watch": "UPDATE_COMPLETE"}


@dataclass
class FakeAccount(FakeAws):
    """An account with stacks of these statuses; `refused` is what may not be called."""

    statuses: dict[str, str] = field(default_factory=lambda: dict(WHOLE))
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def deployed(self, name: str) -> DeployedStack | None:
        self._check("DescribeStacks")
        if name not in self.statuses:
            return None
        outputs = self.told.get(name, {})
        listed = tuple(StackOutput(key, value, "") for key, value in outputs.items())
        return DeployedStack(name, self.statuses[name], "A reason.", listed)

    def facts(self, vpc_id: str, subnet_ids: Sequence[str]) -> NetworkFacts:
        self._check("DescribeRouteTables")
        return super().facts(vpc_id, subnet_ids)

    def caller(self) -> Caller:
        self._check("GetCallerIdentity")
        return Caller("123456789012", "arn:aws:iam::123456789012:user/me")

    def invoke(self, name: str, event: Any) -> Any:
        raise AssertionError("doctor changes nothing")

    def connect(self, environment: Environment) -> Account:
        return Account(environment.region, self, self, self, self)

    def _check(self, call: str) -> None:
        if call in self.refused:
            raise AwsError(f"{call} was refused.")


@pytest.fixture
def found(tmp_path: Path) -> Any:
    """What doctor finds of an environment with a database, by the check's name."""

    def examined(
        fake: FakeAccount | None = None, *, network: Any = EXISTING, **changes: Any
    ) -> dict[str, list[Check]]:
        file = tmp_path / "shop.yaml"
        file.write_text(yaml.safe_dump(environment(changes, network)))
        checks: dict[str, list[Check]] = {}
        for check in examine(str(file), (fake or FakeAccount()).connect, TODAY):
            checks.setdefault(check.name, []).append(check)
        return checks

    return examined


def test_an_environment_that_is_whole_has_nothing_but_good_checks(found: Any) -> None:
    """Each says what was looked at."""
    checks = [check for some in found().values() for check in some]
    assert checks == [
        ok("settings", "shop, eu-west-1: database, database-watch"),
        ok(
            "credentials",
            "arn:aws:iam::123456789012:user/me: account 123456789012, region eu-west-1",
        ),
        ok("stack shop-database", "CREATE_COMPLETE"),
        ok("stack shop-database-watch", "UPDATE_COMPLETE"),
        ok("subnets", f"all in {VPC}"),
        ok("public subnets", "2 subnets with a route to an internet gateway"),
        ok("zones of public subnets", "eu-west-1a, eu-west-1b"),
        ok("zones of private subnets", "eu-west-1a, eu-west-1b"),
        ok("DNS", f"{VPC} has DNS support and DNS host names"),
        ok("approvals", "none has expired or expires within 14 days"),
    ]


def test_all_that_is_wrong_with_a_network_is_told_at_once(found: Any) -> None:
    """With what to do about each."""
    fake = FakeAccount(private={"subnet-2a1b2c3d"}, without_names={VPC}, zones=("eu-west-1a",))
    checks = found(fake)
    assert [each.text.split(" has ")[0] for each in checks["public subnets"]] == [
        "Subnet subnet-2a1b2c3d"
    ]
    assert checks["zones of public subnets"] == [
        failed(
            "zones of public subnets",
            "subnet-2a1b2c3d, subnet-3a1b2c3d: all in the zone eu-west-1a, and RDS wants subnets "
            "in two or more. Name another one in the environment's file.",
        )
    ]
    assert [each.text.split(": ")[-1] for each in checks["DNS"]] == [
        f"aws ec2 modify-vpc-attribute --vpc-id {VPC} --enable-dns-support",
        f"aws ec2 modify-vpc-attribute --vpc-id {VPC} --enable-dns-hostnames",
    ]


def test_an_own_network_is_looked_at_as_its_stack_tells_it(found: Any) -> None:
    """And not at all before it is there."""
    new = {"cidr": "10.20.0.0/16", "zones": 2, "nat": "none"}
    assert found(network=new)["network"] == [
        not_checked("network", "its stack is not deployed, or tells nothing yet")
    ]
    told = {"VpcId": "vpc-1", "PublicSubnetIds": "s-1,s-2", "PrivateSubnetIds": "s-3,s-4"}
    statuses = {"shop-network": "CREATE_COMPLETE"}
    fake = FakeAccount(statuses=statuses, told={"shop-network": told}, private={"s-1", "s-3"})
    [check] = found(fake, network=new)["public subnets"]
    assert check.text.startswith("Subnet s-1 has no route to an internet gateway")


def test_what_may_not_be_asked_is_not_checked(found: Any) -> None:
    """One refusal hides nothing else."""
    checks = found(FakeAccount(refused={"DescribeStacks", "DescribeRouteTables"}))
    assert checks["stacks"] == [not_checked("stacks", "DescribeStacks was refused.")]
    assert checks["network"] == [not_checked("network", "DescribeRouteTables was refused.")]
    assert [each.state for each in checks["approvals"]] == ["ok"]


def test_without_credentials_nobody_is_asked(found: Any) -> None:
    """The settings are looked at all the same."""
    checks = found(FakeAccount(refused={"GetCallerIdentity"}))
    assert checks["credentials"] == [failed("credentials", "GetCallerIdentity was refused.")]
    why = "nobody can be asked without credentials"
    assert checks["stacks"] + checks["network"] == [
        not_checked("stacks", why),
        not_checked("network", why),
    ]


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        ("UPDATE_IN_PROGRESS", "not checked", "look again when that has ended"),
        ("ROLLBACK_COMPLETE", "failed", "delete-stack --stack-name shop-database"),
        ("DELETE_FAILED", "failed", "describe-stack-events --stack-name shop-database"),
        ("UPDATE_ROLLBACK_FAILED", "failed", "continue-update-rollback --stack-name shop-database"),
        ("UPDATE_ROLLBACK_COMPLETE", "failed", "the last change was taken back"),
    ],
)
def test_a_stack_that_is_not_whole_has_its_way_on(
    found: Any, status: str, state: str, words: str
) -> None:
    """CloudFormation's word, its reason, and a command."""
    [check] = found(FakeAccount(statuses={"shop-database": status}))["stack shop-database"]
    assert (check.state, check.text.startswith(status)) == (state, True)
    assert words in check.text


def test_approvals_that_end_are_told(found: Any) -> None:
    """Two weeks before, and from then on."""
    soon = {"cidr": "198.51.100.17/32", "description": "Somebody", "expires": "2027-04-01"}
    checks = found(replicas=[REPLICA | {"approved": [soon]}])
    assert checks["approvals"] == [
        failed(
            "approvals",
            "database.replicas[0].approved[0]: the approval of 198.51.100.17/32 (Somebody) "
            "expires in 12 days, on 2027-04-01; take it out then",
        )
    ]


def test_settings_that_cannot_be_used_stop_all_the_rest(found: Any) -> None:
    """Each problem is a check of its own."""
    checks = found(multi_az="perhaps", max_connections=1)
    assert [each.state for each in checks["settings"]] == ["failed", "failed"]
    names = ("credentials", "stacks", "network", "approvals")
    assert [checks[name][0].state for name in names] == ["not checked"] * 4


@pytest.mark.parametrize(
    ("subnets", "text"),
    [
        (["subnet-1"], "eu-west-1a, with which all ends"),
        (["subnet-1", "subnet-2"], "eu-west-1a, eu-west-1b"),
    ],
)
def test_without_a_database_one_zone_is_enough(
    tmp_path: Path, subnets: list[str], text: str
) -> None:
    """And names are wanted for endpoints alone."""
    data = environment(
        {}, {"vpc_id": VPC, "private_subnet_ids": [f"{each}a1b2c3d" for each in subnets]}
    )
    file = tmp_path / "shop.yaml"
    file.write_text(yaml.safe_dump({**data, "database": None}))
    fake = FakeAccount(without_names={VPC})
    checks = {check.name: check for check in examine(str(file), fake.connect, TODAY)}
    assert checks["zones of private subnets"] == ok("zones of private subnets", text)
    assert "without which endpoints are not found by their names" in checks["DNS"].text
    assert "approvals" not in checks


def test_an_own_network_without_a_database_is_left_alone() -> None:
    """Nothing in it has to be public."""
    checks = {check.name: check for check in examine("dev", FakeAccount().connect, TODAY)}
    why = "it is the environment's own, and has no database in it"
    assert checks["network"] == not_checked("network", why)
