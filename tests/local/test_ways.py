"""Log files run through in every way that there is: three triggers, two buckets, two carriages.

Stacks are created and deleted through CloudFormation's API, functions run under their own roles,
and every line is counted: in the files, by the function, and by the receiver.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from infra.aws.services import Aws
from infra.local import demo, receiver, sample
from infra.local.demo import Local
from infra.local.differences import Address
from infra.local.emulator import Emulator
from infra.local.outcome import COUNTS, Summary
from infra.stacks import log_processor
from tests.local.inventory import everything
from tests.local.stacks import Client, Stack
from tests.local.test_demo import CLASSIC, objects_below
from tests.local.theirs import Configuration, configuration_of, notified
from tests.local.updates import updated
from tests.local.ways import (
    EVERY,
    KEY_PREFIX,
    TRIGGERS,
    Way,
    created,
    deleted,
    retained,
    their_bucket,
)

ODD = "höl z+% [x]&=?.log"
CUT = "2026-10-14T09:00:00.000000Z shop 192.0.2.1"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two kinds of logs, plain and compressed, one with a line too short; and the test file."""
    folder = tmp_path_factory.mktemp("logs")
    plain, *_, packed, control = _written(folder)
    lines = plain.read_text().splitlines(keepends=True)[:100]
    plain = plain.rename(folder / ODD)
    plain.write_text("".join([*lines[:50], f"{CUT}\n", *lines[50:]]))
    lines = gzip.decompress(packed.read_bytes()).decode().splitlines(keepends=True)[:200]
    packed.write_bytes(gzip.compress("".join(lines).encode()))
    return [plain, packed, control]


def _written(folder: Path) -> tuple[Path, ...]:
    """Of the sample: a classic log, an application load balancer's, and the test file."""
    every = list(sample.write(folder, Emulator.account, "eu-west-1"))
    [application] = [path for path in every if "app.beta" in path.name]
    return every[1], application, every[-1]


@contextmanager
def notifications(way: Way, name: str, client: Client) -> Iterator[Configuration | None]:
    """What others are told of on an environment's bucket, if it is somebody else's."""
    if way.bucket == "ours":
        yield None
        return
    with notified(client, their_bucket(name)) as configuration:
        yield configuration


@pytest.mark.parametrize(
    "way",
    [
        # What carries the code and what triggers the function have nothing to do with each other.
        pytest.param(way, id=str(way), marks=pytest.mark.thorough)
        if way.code == "embedded" and way.trigger != TRIGGERS[0]
        else pytest.param(way, id=str(way))
        for way in EVERY
    ],
)
def test_every_line_is_accounted_for_and_only_the_bucket_is_left(
    way: Way, here: Emulator, aws: Aws, client: Client, files: list[Path], tmp_path: Path
) -> None:
    """Nobody else's notifications are touched, and no other object is told of."""
    assembly = way.assembly()
    with (
        notifications(way, str(way), client) as theirs,
        receiver.running(tmp_path / "events.jsonl") as receives,
    ):
        before = everything(client)
        outputs = created(assembly, aws, Address(*receives.address))[log_processor.ID]
        bucket, state = outputs["BucketName"], outputs.get("StateBucketName", outputs["BucketName"])
        local = Local(here, aws, receives, outputs, hidden=0)
        aws.objects.put(bucket, f"elsewhere/{KEY_PREFIX}/AWSLogs/x.log", f"{CUT}\n".encode())
        result = demo.play(local, files, KEY_PREFIX, lambda _: None)
        assert result.problems == ()
        assert [result.total(name) for name in COUNTS] == [301, 300, 0, 1, 0]
        assert receives.total[::3] == (300, 300)
        assert [each.outcome for each in result.objects] == ["delivered", "delivered", "skipped"]
        assert keys_told(local) == {each.file.key for each in result.objects}
        assert rejected_lines(local, state) == [CUT]
        if theirs is not None:
            assert others_on(client, bucket, outputs["FunctionName"]) == theirs
        left = retained(assembly, client)
        deleted(assembly, client)
        assert left == {("bucket", state)}
        assert everything(client) - before == left | {("bucket", assembly.artifact_bucket)}
        if theirs is not None:
            assert configuration_of(client, bucket) == theirs


def keys_told(local: Local) -> set[str]:
    """The keys of all objects that the function was told of."""
    lines = local.aws.logs.lines(local.outputs["LogGroupName"])
    return {summary.key for line in lines if (summary := Summary.parse(line.message))}


def rejected_lines(local: Local, bucket: str) -> list[str]:
    kept = objects_below(local, bucket, "state/rejected/")
    return [json.loads(line)["line"] for each in kept for line in each.splitlines()]


def others_on(client: Client, bucket: str, stack: str) -> Configuration:
    """The notifications on the bucket but for that of the stack."""
    found = configuration_of(client, bucket)
    ours = f"{stack}-LogNotification"
    return {
        kind: [one for one in entries if one["Id"] != ours] if entries else entries
        for kind, entries in found.items()
    }


@pytest.mark.parametrize(
    ("bucket", "triggers"),
    [("ours", (*TRIGGERS, TRIGGERS[0])), ("theirs", TRIGGERS)],
)
def test_the_trigger_may_be_changed_later(
    bucket: str, triggers: Sequence[str], here: Emulator, aws: Aws, client: Client, tmp_path: Path
) -> None:
    """Objects go on coming, and others are told of theirs.

    What is protected would keep its queue: the local AWS does not ask the stack policy.
    """
    ways = [Way(trigger, bucket, "zip") for trigger in triggers]
    name, settings = f"changed-{bucket}", {"operations": {"protected": False}}
    first, *others = (way.assembly(name, **settings) for way in ways)
    with (
        notifications(ways[0], name, client) as theirs,
        receiver.running(tmp_path / "events.jsonl") as receives,
    ):
        to = Address(*receives.address)
        local = Local(here, aws, receives, created(first, aws, to)[log_processor.ID], hidden=0)
        play_one(local, tmp_path / "0.log")
        stack = Stack(client, local.outputs["FunctionName"])
        for number, changed in enumerate(others, 1):
            assert updated(changed, aws, client, to) == {stack.name: "UPDATE_COMPLETE"}
            play_one(replace(local, outputs=stack.outputs()), tmp_path / f"{number}.log")
            if theirs is not None:
                assert others_on(client, their_bucket(name), stack.name) == theirs
        assert receives.total.different == len(others) + 1
        deleted(first, client)


def play_one(local: Local, path: Path) -> None:
    """Send an object of one line through."""
    path.write_text(f"{CLASSIC}\n")
    result = demo.play(local, [path], KEY_PREFIX, lambda _: None)
    assert [each.problem for each in result.objects] == [None]
