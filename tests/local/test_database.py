"""The database's stack from creation through an update to deletion, with real servers behind it."""

from __future__ import annotations

import copy
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.assembly import assemble
from infra.aws.services import Aws
from infra.deploy.execution import carry_out
from infra.deploy.plan import creation
from infra.errors import AwsError, NotInstalledError
from infra.local import database_here
from infra.local.emulator import Emulator
from infra.local.psql import Refusal
from infra.model import Stack as Composed
from tests.conftest import unavailable
from tests.local.databases import (
    FAST,
    OWNER,
    Life,
    environment,
    life,
    overrides,
    played,
    stack_of,
    with_more,
)
from tests.local.inventory import everything
from tests.local.stacks import Client, Stack
from tests.local.updates import updated_with
from tests.local.ways import deleted


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    settings = environment("any", "shared").database
    assert settings is not None
    try:
        database_here.check_installed(settings)
    except NotInstalledError as error:
        unavailable(str(error))


def analyses(lived: Life) -> None:
    """Assert that the analyst reads on the replica what is there and what comes, and no more."""
    with played(lived) as on:
        on.table("shop", "public", "orders", 7)
        assert lived.count(on, "public.orders") == 7
        write = lived.ask(on, "INSERT INTO public.orders VALUES (0)")
        assert write == Refusal("ERROR:  cannot execute INSERT in a read-only transaction")
        on.role(OWNER)
        on.schema("shop", "sales", OWNER)
        on.table("shop", "sales", "early", 3, OWNER)
        assert lived.count(on, "sales.early") == "ERROR:  permission denied for schema sales"
        into = str(lived.count(on, "pg_class", "postgres"))
        assert into.endswith('FATAL:  permission denied for database "postgres"')


def analyses_after_the_schedule(lived: Life) -> None:
    """Assert that it serves the database and the owner who have come since the create."""
    with played(lived) as on:
        on.database("warehouse")
        for base in ("shop", "warehouse"):
            on.schema(base, "public", OWNER)
            on.table(base, "public", "early", 3, OWNER)
        denied = "ERROR:  permission denied for table early"
        assert lived.count(on, "public.early", "warehouse") == denied
        lived.scheduled()
        assert lived.count(on, "public.early", "warehouse") == 3
        on.table("shop", "public", "invoices", 5, OWNER)
        assert lived.count(on, "public.invoices") == 5


def reads_what_came_with_the_update(lived: Life) -> None:
    """Assert that the schema which is named now is read, with what comes into it."""
    with played(lived) as on:
        on.table("shop", "sales", "later", 4, OWNER)
        assert (lived.count(on, "sales.early"), lived.count(on, "sales.later")) == (3, 4)


def tells_the_truth(lived: Life) -> None:
    """Assert that RDS's API and the outputs name the servers that run."""
    master, replica = lived.described("Master"), lived.described("AnalystsReplica")
    where = lived.servers
    assert [(one["Endpoint"]["Address"], one["Endpoint"]["Port"]) for one in (master, replica)] == [
        (where.master.host, where.master.port),
        (where.replica.host, where.replica.port),
    ]
    with played(lived) as on:
        version = on.replica.value("SHOW server_version").split()[0]
        assert on.master.value("SHOW max_connections") == "200"
        assert on.replica.value("SHOW hot_standby_feedback") == "on"
        assert on.replica.value("SHOW statement_timeout") == "1h"
    assert {
        name: (master[name], replica[name])
        for name in ("EngineVersion", "MasterUsername", "DBName", "PubliclyAccessible")
    } == {
        "EngineVersion": (version, version),
        "MasterUsername": ("administrator", "administrator"),
        "DBName": ("shop", "shop"),
        "PubliclyAccessible": (False, True),
    }
    assert master["ReadReplicaDBInstanceIdentifiers"] == [replica["DBInstanceIdentifier"]]
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == master["DBInstanceIdentifier"]
    isolated = lived.settings.topology == "isolated"
    groups = {one["DBSubnetGroup"]["DBSubnetGroupName"] for one in (master, replica)}
    assert len(groups) == (2 if isolated else 1)


def admits(lived: Life) -> set[str]:
    """The networks that may connect to the replica."""
    [group] = lived.described("AnalystsReplica")["VpcSecurityGroups"]
    found = lived.client("ec2").describe_security_groups(GroupIds=[group["VpcSecurityGroupId"]])
    [rules] = [each["IpPermissions"] for each in found["SecurityGroups"]]
    return {network["CidrIp"] for rule in rules for network in rule["IpRanges"]}


EVERYTHING = {
    "multi_az": True,
    "monitoring_seconds": 60,
    "log_exports": {"kinds": ["postgresql", "upgrade"], "retention_days": 7},
    "rotation": {
        "every_days": 30,
        "function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:rotates",
    },
}
"""What the shared one does without."""


@pytest.mark.parametrize("topology", ["shared", "isolated"])
def test_an_analyst_reads_from_the_create_to_the_end(
    topology: str, here: Emulator, aws: Aws, client: Client
) -> None:
    """Created once he works; changed settings are followed; deleted leaves nothing behind.

    Of the isolated one the servers are gone before: that does not hold the deletion up.
    """
    changes = EVERYTHING if topology == "isolated" else {}
    settings = environment(f"database-{topology}", topology, **changes)
    before = everything(client)
    lived = life(settings, here, aws, client)
    made, where = lived.stack.resources(), lived.servers
    tells_the_truth(lived)
    analyses(lived)
    if topology == "isolated":
        analyses_after_the_schedule(lived)
    changed = assemble(with_more(settings))
    ends = updated_with(changed, aws, client, overrides(aws))
    assert ends[stack_of(changed)] == "UPDATE_COMPLETE"
    assert {title: lived.stack.resources().get(title) for title in made} == made
    assert lived.described("AnalystsReplica")["DBInstanceClass"] == "db.t4g.medium"
    assert admits(lived) == {"203.0.113.0/24", "198.51.100.17/32", "192.0.2.0/24"}
    reads_what_came_with_the_update(lived)
    if topology == "isolated":
        end_servers(lived)
    deleted(lived.assembly, client)
    assert everything(client) - before == {("bucket", lived.assembly.artifact_bucket)}
    assert refuses(where.master.port)
    assert refuses(where.replica.port)


def end_servers(lived: Life) -> None:
    """Delete them behind the stack's back."""
    for name in ("AnalystsReplica", "Master"):
        lived.client("rds").delete_db_instance(
            DBInstanceIdentifier=lived.outputs[f"{name}Identifier"], SkipFinalSnapshot=True
        )


def refuses(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Of somebody who takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield silent.getsockname()[1]


def test_a_master_that_does_not_answer_fails_the_stack(
    silent_port: int, here: Emulator, aws: Aws, client: Client
) -> None:
    """The reason says which server and what to look at, and nothing of the stack is left."""
    assembly = assemble(environment("database-silent", "shared"))
    assert assembly.artifact_bucket is not None
    aws.objects.create_bucket(assembly.artifact_bucket)
    *others, stack, _watch = assembly.stacks
    before_it = replace(assembly, stacks=tuple(others))
    outputs = carry_out(creation(before_it), aws, FAST)
    before = everything(client)
    alone = replace(assembly, stacks=(looking_elsewhere(stack, silent_port),))
    with pytest.raises(AwsError) as caught:
        carry_out(creation(alone, overrides(aws)), aws, FAST, outputs)
    said = str(caught.value)
    assert "ReportingUser (Custom::ReportingUser) failed: the server localhost:" in said
    assert "does not answer: check that the instance is available" in said
    assert "is ROLLBACK_COMPLETE" in said
    assert everything(client) == before
    for each in (stack, *reversed(others)):
        Stack(client, each.name).delete()


def looking_elsewhere(stack: Composed, port: int) -> Composed:
    """The stack, whose function looks for the master on another port, and not for long."""
    template = copy.deepcopy(dict(stack.template))
    resources = template["Resources"]
    resources["ReportingUser"]["Properties"]["Port"] = str(port)
    resources["ReportingUserFunction"]["Properties"]["Timeout"] = 3
    return replace(stack, template=template)
