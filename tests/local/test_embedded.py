"""A template that holds the function's code: nothing else has to be there before."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

from infra.assembly import assemble
from infra.aws.connection import connect
from infra.aws.services import Aws
from infra.config import load
from infra.deploy.execution import Watcher, carry_out
from infra.deploy.plan import UploadAsset, creation
from infra.local import demo, emulator, receiver
from infra.local.demo import Local
from infra.stacks import log_processor
from tests.local.conftest import REGION
from tests.local.test_demo import CLASSIC, objects_below


def test_a_log_file_runs_through_with_nothing_but_the_template(tmp_path: Path) -> None:
    """Under the function's own role: lines are delivered, and what is rejected is kept."""
    path = tmp_path / "x.log"
    path.write_text(f"{CLASSIC}\nnonsense\n{CLASSIC}\n")
    assembly = assemble(load("dev"), embed=True)
    with ExitStack() as held:
        here = held.enter_context(emulator.running(REGION))
        receives = held.enter_context(receiver.running(here.home / "events.jsonl"))
        aws = connect(here.region, here.endpoint_url, here.credentials)
        assert assembly.artifact_bucket is not None
        aws.objects.create_bucket(assembly.artifact_bucket)
        plan = creation(assembly, overrides(aws, *receives.address))
        assert not any(isinstance(step, UploadAsset) for step in plan)
        outputs = carry_out(plan, aws, Watcher(interval=0.05))[log_processor.ID]
        local = Local(here, aws, receives, outputs, hidden=60)
        result = demo.play(local, [path], "", lambda _: None)
        kept = objects_below(local, outputs["BucketName"], "state/rejected/")
    assert (result.problems, result.sent) == ((), 2)
    assert [json.loads(line)["line"] for each in kept for line in each.splitlines()] == ["nonsense"]


def overrides(aws: Aws, host: str, port: int) -> dict[str, str]:
    return {
        "LogstashHost": host,
        "LogstashPort": str(port),
        "LogstashCidr": f"{host}/32",
        "S3PrefixListId": aws.prefix_lists.id_of(f"com.amazonaws.{aws.region}.s3"),
    }
