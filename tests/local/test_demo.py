"""The demo's engine with the real stacks, the packaged function and real sockets."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from infra.assembly import assemble
from infra.config import load
from infra.errors import InputError
from infra.local import demo
from infra.local.demo import Local
from infra.local.differences import Address, for_receiver
from infra.local.outcome import Result
from infra.local.progress import Finished, Progress, Told
from infra.model import Assembly, Stack
from tests.local.stacks import client_of
from tests.unit.log_processor.lumberjack_server import acknowledging
from tests.unit.log_processor.receivers import receiving

CLASSIC = (
    "2026-10-14T09:00:00.000000Z shop 192.0.2.1:5000 10.0.0.1:80 0.1 0.2 0.3 200 200 1 2 "
    '"GET http://a:80/ HTTP/1.1"'
)


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    return assemble(load("dev"))


def played(
    assembly: Assembly, files: Sequence[Path], to: Address | None = None
) -> tuple[Result, list[Progress]]:
    told: list[Progress] = []
    with demo.environment(assembly, to, told.append) as local:
        return demo.play(local, files, "", told.append), told


def test_every_line_of_the_sample_traffic_is_accounted_for(assembly: Assembly) -> None:
    """The files' count, the function's and the receiver's agree, and the queues are empty."""
    result, told = played(assembly, ())
    assert result.problems == ()
    assert {name: result.total(name) for name in ("read", "delivered", "rejected")} == {
        "read": 20_000,
        "delivered": 19_997,
        "rejected": 3,
    }
    assert result.received is not None
    assert result.received[::3] == (19_997, 19_997)
    assert json.loads(result.first_event or "")["LoadBalancerName"]
    assert [each.total for each in told if isinstance(each, Told)] == [13] * 13
    assert [each for each in told if isinstance(each, Finished)]


def test_the_users_own_files_of_any_name_and_kind(assembly: Assembly, tmp_path: Path) -> None:
    """Odd names, one name twice, no lines at all, gzip or not; a broken file alone fails."""
    contents = {
        "a/höl z+% [x]&=?.log": f"{CLASSIC}\n{CLASSIC}".encode(),
        "a/same.log": f"{CLASSIC}\n".encode(),
        "b/same.log": f"{CLASSIC}\nnonsense\n".encode(),
        "b/line\nbreak.log": f"{CLASSIC}\n".encode(),
        "b/empty.log": b"",
        "b/packed": gzip.compress(f"{CLASSIC}\n".encode()),
        "b/broken.log.gz": gzip.compress(CLASSIC.encode() * 99)[:-20],
    }
    paths = []
    for name, content in contents.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        paths.append(path)
    result, _ = played(assembly, paths)
    assert {
        str(each.file.path.relative_to(tmp_path)): (
            each.outcome,
            each.last.read if each.last else None,
            each.last.rejected if each.last else None,
        )
        for each in result.objects
        if "broken" not in each.file.path.name
    } == {
        "a/höl z+% [x]&=?.log": ("delivered", 2, 0),
        "a/same.log": ("delivered", 1, 0),
        "b/same.log": ("delivered", 2, 1),
        "b/line\nbreak.log": ("delivered", 1, 0),
        "b/empty.log": ("delivered", 0, 0),
        "b/packed": ("delivered", 1, 0),
    }
    [problem] = [one for one in result.problems if "gz: failed" in one]
    assert "broken.log.gz: failed: the gzip data" in problem
    assert not result.accounted


def test_a_port_where_nobody_listens_fails_the_object(
    assembly: Assembly, refused_port: int, tmp_path: Path
) -> None:
    """The function's own error is told, and nobody waits for the next attempt."""
    path = tmp_path / "x.log"
    path.write_text(CLASSIC)
    result, _ = played(assembly, [path], Address("127.0.0.1", refused_port))
    assert [each.outcome for each in result.objects] == ["failed"]
    assert "Connection refused" in result.problems[0]
    assert result.received is None


def test_lumberjack_receivers_are_served_too(assembly: Assembly, tmp_path: Path) -> None:
    """A receiver of the user's own is sent what its address says."""
    path = tmp_path / "x.log"
    path.write_text(f"{CLASSIC}\n{CLASSIC}\n")
    with receiving(acknowledging()) as receiver:
        to = Address("127.0.0.1", receiver.port, "lumberjack")
        environment, _ = for_receiver(load("dev"), to)
        result, _ = played(assemble(environment), [path], to)
    assert (result.problems, result.sent) == ((), 2)


def test_the_function_keeps_rejected_lines_where_its_role_lets_it(tmp_path: Path) -> None:
    """As one JSON object a line, below state/ in the bucket of the log itself."""
    path = tmp_path / "x.log"
    path.write_text(f"{CLASSIC}\nnonsense\n")
    told: list[Progress] = []
    with demo.environment(assemble(load("dev")), None, told.append) as local:
        result = demo.play(local, [path], "", told.append)
        bucket = local.outputs["BucketName"]
        kept = [
            json.loads(line)
            for each in objects_below(local, bucket, "state/rejected/")
            for line in each.splitlines()
        ]
    (object_,) = result.objects
    assert [(one["key"], one["offset"], one["line"]) for one in kept] == [
        (object_.file.key, len(CLASSIC) + 1, "nonsense")
    ]
    assert result.problems == ()


@pytest.mark.parametrize(
    ("action", "says"), [("s3:GetObject", "AccessDenied"), ("s3:PutObject", "cannot be written")]
)
def test_the_function_runs_under_its_own_role(
    action: str, says: str, assembly: Assembly, tmp_path: Path
) -> None:
    """Without a right it cannot do what it needs: least privilege is tested for real."""
    path = tmp_path / "x.log"
    path.write_text(f"{CLASSIC}\nnonsense\n")
    stacks = tuple(without(stack, action) for stack in assembly.stacks)
    result, _ = played(replace(assembly, stacks=stacks), [path])
    assert [each.outcome for each in result.objects] == ["failed"]
    assert says in result.problems[0]


def test_an_environment_without_log_processor_is_refused(assembly: Assembly) -> None:
    """There is nothing to show, and the message says what to do."""
    without = replace(assembly, stacks=assembly.stacks[:1])
    with pytest.raises(InputError, match=r"^Environment dev has no log processor to show"):
        played(without, ())


def test_a_template_that_cloudformation_would_refuse_is_refused(assembly: Assembly) -> None:
    """The local AWS takes references to nothing; we do not."""
    network = assembly.stacks[0]
    template = {**network.template, "Outputs": {"No": {"Value": {"Ref": "Nothing"}}}}
    broken = replace(network, template=template)
    with pytest.raises(InputError, match=r"Outputs\.No: Ref names Nothing"):
        played(replace(assembly, stacks=(broken, *assembly.stacks[1:])), ())


def without(stack: Stack, action: str) -> Stack:
    """The stack with an action taken out of every role."""
    template = copy.deepcopy(dict(stack.template))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"].get("Policies", ()):
                document = policy["PolicyDocument"]
                document["Statement"] = [
                    one for one in document["Statement"] if action not in one["Action"]
                ]
    return replace(stack, template=template)


def objects_below(local: Local, bucket: str, prefix: str) -> list[str]:
    """The texts of the objects whose keys begin so."""
    s3 = client_of(local.emulator)("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    return [s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys]
