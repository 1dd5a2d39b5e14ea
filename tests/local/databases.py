"""Environments with a database and little else, created in the local AWS."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from infra.assembly import assemble
from infra.aws.services import Aws
from infra.config import Database, Environment, load
from infra.config.prefix_lists import s3_prefix_list_name
from infra.deploy.execution import Watcher, carry_out
from infra.deploy.plan import creation
from infra.local.database_stage import Servers, Stage, servers, stage
from infra.local.emulator import Emulator
from infra.local.psql import Answer, Refusal
from infra.model import Assembly
from infra.stacks import database
from tests.local.stacks import Client, Stack

OWNER = "shop_app"
FAST = Watcher(interval=0.1)

_KEPT = '"reporting user kept"'
"""In the line that the function writes at the end of each run."""


def environment(name: str, topology: str, **changes: Any) -> Environment:
    """The example, small and deletable, with an owner and a database that are not there yet."""
    data = load("reporting").model_dump(exclude_unset=True, by_alias=True)
    data |= {"name": name, "artifact_bucket": f"{name}-code"}
    data["database"] |= {"topology": topology, "deletion_protection": False}
    data["database"]["reporting_user"] |= {
        "databases": {"shop": ["public"], "warehouse": ["public"]},
        "owners": [OWNER],
    }
    data["database"] |= changes
    return Environment.model_validate(data)


def with_more(settings: Environment) -> Environment:
    """One schema more, one network more that may connect, and a larger class."""
    data = settings.model_dump(exclude_unset=True, by_alias=True)
    chosen = data["database"]
    chosen["reporting_user"]["databases"]["shop"] = ["public", "sales"]
    [replica] = chosen["replicas"]
    replica["instance_class"] = "db.t4g.medium"
    more = {"cidr": "192.0.2.0/24", "description": "Another office"}
    replica["approved"] = [*replica["approved"], more]
    return Environment.model_validate(data)


@dataclass(frozen=True)
class Life:
    """An environment that has been created."""

    settings: Database
    assembly: Assembly
    outputs: Mapping[str, str]
    """Of the database's stack."""
    here: Emulator
    aws: Aws
    client: Client

    @property
    def stack(self) -> Stack:
        return Stack(self.client, stack_of(self.assembly))

    @property
    def servers(self) -> Servers:
        return servers(self.settings, self.outputs, self.aws, self.here.rds_ca)

    def ask(self, on: Stage, statement: str, base: str = "shop") -> Answer | Refusal:
        """What the analyst is told on the replica."""
        on.wait_for_replica()
        return on.asked("", base, statement, Refusal("")).answer

    def count(self, on: Stage, table: str, base: str = "shop") -> int | str:
        """The rows that the analyst counts there, or what the server says."""
        answer = self.ask(on, f"SELECT count(*) FROM {table}", base)
        return int(answer.rows[0][0]) if isinstance(answer, Answer) else answer.words

    def described(self, name: str) -> dict[str, Any]:
        """What RDS's API tells of a server."""
        identifier = self.outputs[f"{name}Identifier"]
        found = self.client("rds").describe_db_instances(DBInstanceIdentifier=identifier)
        [instance] = found["DBInstances"]
        return dict(instance)

    def scheduled(self) -> None:
        """Let the rule of the schedule invoke its target, as EventBridge does, and wait for it."""
        before, events = self._runs(), self.client("events")
        rule = self.stack.resources()["ReportingUserSchedule"]
        # It has the schedule's permission and target; only that nobody waits for five minutes.
        events.put_rule(Name=rule, EventPattern='{"source": ["tests"]}')
        events.put_events(Entries=[{"Source": "tests", "DetailType": "now", "Detail": "{}"}])
        deadline = time.monotonic() + 60
        while self._runs() == before:
            assert time.monotonic() < deadline, "the schedule's function has not run"
            time.sleep(0.05)

    def _runs(self) -> int:
        lines = self.aws.logs.lines(self.outputs["ReportingLogGroupName"])
        return sum(_KEPT in line.message for line in lines)


def stack_of(assembly: Assembly) -> str:
    """The name of the database's stack."""
    return next(each.name for each in assembly.stacks if each.id == database.ID)


def overrides(aws: Aws) -> dict[str, str]:
    """What parameters get here."""
    return {"S3PrefixListId": aws.prefix_lists.id_of(s3_prefix_list_name(aws.region))}


def life(settings: Environment, here: Emulator, aws: Aws, client: Client) -> Life:
    """Create all its stacks."""
    assembly = assemble(settings)
    assert assembly.artifact_bucket is not None
    assert settings.database is not None
    aws.objects.create_bucket(assembly.artifact_bucket)
    outputs = carry_out(creation(assembly, overrides(aws)), aws, FAST)
    return Life(settings.database, assembly, outputs[database.ID], here, aws, client)


@contextmanager
def played(lived: Life) -> Iterator[Stage]:
    """Both servers, to do things on."""
    with stage(lived.servers) as on:
        yield on
