"""The example environments from creation through updates to deletion, in the local AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from infra.assembly import assemble
from infra.aws.services import Aws
from infra.config import Environment, load
from infra.errors import AwsError
from infra.local import demo, receiver
from infra.local.demo import Local
from infra.local.differences import Address, for_receiver
from infra.local.emulator import Emulator
from infra.model import Assembly
from infra.stacks import log_processor
from tests.local.inventory import everything
from tests.local.stacks import Client, Stack
from tests.local.test_demo import CLASSIC, without
from tests.local.updates import MARK, updated, with_new_code
from tests.local.ways import created, deleted, retained

State = dict[str, Any]
CHANGES: dict[str, dict[str, Any]] = {
    "dev": {
        "log_expiry_days": 3,
        "function": {"reserved_concurrency": 7},
        "operations": {"thresholds": {"no_logs_minutes": 30}},
    },
    "prod": {
        "log_expiry_days": 3,
        "function": {"reserved_concurrency": 30},
        "operations": {"thresholds": {"no_logs_minutes": "never"}},
    },
}
"""What each example's log processor is changed to; its network to a single NAT gateway."""
BEFORE: dict[str, State] = {
    "dev": {"concurrency": None, "days": 14, "rings without logs": False, "new code": False},
    "prod": {"concurrency": None, "days": 365, "rings without logs": True, "new code": False},
}
AFTER: dict[str, State] = {
    "dev": {"concurrency": 7, "days": 3, "rings without logs": True, "new code": True},
    "prod": {"concurrency": 30, "days": 3, "rings without logs": False, "new code": True},
}


def environment(name: str, place: str, changes: Mapping[str, Any] | None = None) -> Environment:
    """An example for the bundled receiver, which finds nothing of its own name here."""
    data = load(name).model_dump(exclude_unset=True, by_alias=True)
    own = {
        "name": place,
        "artifact_bucket": f"{place}-code",
        "log_processor": {"bucket_name_prefix": place},
    }
    # The database has lives of its own, in test_database.py.
    data.pop("database", None)
    chosen = merged(merged(data, own), changes or {})
    return for_receiver(Environment.model_validate(chosen), None)[0]


def merged(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {**data} | {
        key: merged(data.get(key, {}), value) if isinstance(value, dict) else value
        for key, value in changes.items()
    }


@dataclass
class Life:
    """An environment that has been created."""

    assembly: Assembly
    key_prefix: str
    local: Local
    client: Client
    folder: Path
    before: set[tuple[str, str]]
    """What there was before it."""
    played: list[str] = field(default_factory=list)

    @property
    def to(self) -> Address:
        assert self.local.receiver is not None
        return Address(*self.local.receiver.address)

    def play(self) -> None:
        """Send another object through, every line accounted for."""
        path = self.folder / f"{len(self.played)}.log"
        path.write_text(f"{CLASSIC}\n" * 3)
        result = demo.play(self.local, [path], self.key_prefix, lambda _: None)
        # The receiver goes on counting from one object to the next.
        assert [each.problem for each in result.objects] == [None]
        self.played.append(result.objects[0].file.key)
        assert self.local.receiver is not None
        assert self.local.receiver.total.different == 3 * len(self.played)

    def update(self, assembly: Assembly, **overrides: str) -> dict[str, str]:
        return updated(assembly, self.local.aws, self.client, self.to, **overrides)

    def resources(self) -> dict[str, dict[str, str]]:
        """Physical ids by title, by stack."""
        return {
            stack.id: Stack(self.client, stack.name).resources() for stack in self.assembly.here
        }

    def end(self) -> None:
        """Delete everything; the bucket with what is in it is all that is left."""
        bucket = self.local.outputs["BucketName"]
        left = retained(self.assembly, self.client)
        deleted(self.assembly, self.client)
        assert left == {("bucket", bucket)}
        code = ("bucket", self.assembly.artifact_bucket)
        assert everything(self.client) - self.before == left | {code}
        stored = self.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
        assert {each["Key"] for each in stored} >= set(self.played)


@contextmanager
def lived(
    environment: Environment, embed: bool, here: Emulator, aws: Aws, client: Client, folder: Path
) -> Iterator[Life]:
    assert environment.log_processor is not None
    assembly, before = assemble(environment, embed=embed), everything(client)
    with receiver.running(folder / "events.jsonl") as receives:
        outputs = created(assembly, aws, Address(*receives.address))[log_processor.ID]
        local = Local(here, aws, receives, outputs, 0)
        prefix = environment.log_processor.key_prefix
        yield Life(assembly, prefix, local, client, folder, before)


@pytest.mark.parametrize(("name", "embed"), [("dev", False), ("prod", True)])
def test_an_environment_is_created_changed_and_deleted(
    name: str, embed: bool, here: Emulator, aws: Aws, client: Client, tmp_path: Path
) -> None:
    """Parameters, structure and code change; nothing is replaced, and the function goes on."""
    place = f"lives-{name}"
    changes = {"network": {"nat": "one"}, "log_processor": CHANGES[name]}
    changed = with_new_code(assemble(environment(name, place, changes), embed=embed))
    with lived(environment(name, place), embed, here, aws, client, tmp_path) as life:
        life.play()
        made = life.resources()
        assert state(life) == BEFORE[name]
        assert set(life.update(changed).values()) == {"UPDATE_COMPLETE"}
        life.play()
        assert state(life) == AFTER[name]
        assert replaced(made, life.resources()) == {}
        life.end()


def state(life: Life) -> State:
    """What the changes are about, as the services say it."""
    outputs, client = life.local.outputs, life.client
    name = outputs["FunctionName"]
    concurrency = client("lambda").get_function_concurrency(FunctionName=name)
    lifecycle = client("s3").get_bucket_lifecycle_configuration(Bucket=outputs["BucketName"])
    alarms = client("cloudwatch").describe_alarms(AlarmNames=[f"{name}-no-logs"])
    lines = life.local.aws.logs.lines(outputs["LogGroupName"])
    return {
        "concurrency": concurrency.get("ReservedConcurrentExecutions"),
        "days": lifecycle["Rules"][0]["Expiration"]["Days"],
        "rings without logs": bool(alarms["MetricAlarms"]),
        "new code": MARK in {line.message for line in lines},
    }


def replaced(before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]) -> dict[str, str]:
    """What has another physical id than before, by title."""
    return {
        title: f"{id_} -> {after[stack][title]}"
        for stack, resources in before.items()
        for title, id_ in resources.items()
        if after[stack].get(title, id_) != id_
    }


def test_an_update_that_fails_leaves_everything_as_it_was(
    here: Emulator, aws: Aws, client: Client, tmp_path: Path
) -> None:
    """Here the role loses a right that the trigger then turns out to need; logs go on coming."""
    with lived(environment("dev", "lives-failed"), False, here, aws, client, tmp_path) as life:
        *others, stack = life.assembly.here
        broken = replace(life.assembly, stacks=(*others, without(stack, "sqs:ReceiveMessage")))
        made = life.resources()
        assert life.update(broken, MaximumConcurrency="9") == {
            "lives-failed-log-processor": "UPDATE_ROLLBACK_COMPLETE"
        }
        assert "ReceiveMessage" in Stack(client, stack.name).reason("ProcessorQueueMapping")
        assert life.resources() == made
        life.play()
        life.end()


def test_a_bucket_that_outlived_its_stack_is_not_taken_by_the_next_one(
    here: Emulator, aws: Aws, client: Client, tmp_path: Path
) -> None:
    """The stack is not made, and its end takes nothing of what is in the bucket."""
    chosen = environment("dev", "lives-again")
    with lived(chosen, False, here, aws, client, tmp_path) as life:
        life.play()
        life.end()
        left = everything(client)
        with pytest.raises(AwsError, match=r"LogBucket .* already exists"):
            created(replace(life.assembly, artifact_bucket="lives-once-more"), aws, life.to)
        deleted(life.assembly, client)
        assert everything(client) - left == {("bucket", "lives-once-more")}
        bucket = life.local.outputs["BucketName"]
        stored = client("s3").list_objects_v2(Bucket=bucket)["Contents"]
        assert [each["Key"] for each in stored] == life.played
