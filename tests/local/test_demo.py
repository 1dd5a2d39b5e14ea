"""The demo's engine with the real stacks, the packaged function and real sockets."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.assembly import assemble
from infra.config import load
from infra.errors import InputError
from infra.local import demo
from infra.local.demo import Address
from infra.local.outcome import Result
from infra.local.progress import Finished, Progress, Told
from infra.model import Assembly, Stack

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
    assert result.received.events == 19_997
    assert json.loads(result.first_event or "")["LoadBalancerName"]
    assert [each.total for each in told if isinstance(each, Told)] == [10] * 10
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


def test_the_function_runs_under_its_own_role(assembly: Assembly, tmp_path: Path) -> None:
    """Without the right to read the object, it cannot: least privilege is tested for real."""
    path = tmp_path / "x.log"
    path.write_text(CLASSIC)
    powerless = replace(assembly, stacks=tuple(map(without_reading, assembly.stacks)))
    result, _ = played(powerless, [path])
    assert [each.outcome for each in result.objects] == ["failed"]
    assert "AccessDenied" in result.problems[0]


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


def without_reading(stack: Stack) -> Stack:
    """The stack with s3:GetObject taken out of every role."""
    template = copy.deepcopy(dict(stack.template))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"].get("Policies", ()):
                document = policy["PolicyDocument"]
                document["Statement"] = [
                    one for one in document["Statement"] if not reads_objects(one)
                ]
    return replace(stack, template=template)


def reads_objects(statement: dict[str, Any]) -> bool:
    actions = statement["Action"]
    return "s3:GetObject" in (actions if isinstance(actions, list) else [actions])
