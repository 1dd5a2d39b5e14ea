"""A template that holds the function's code, created as `aws cloudformation deploy` does it."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3

from infra.assembly import assemble
from infra.aws.connection import connect
from infra.aws.services import Aws, NewStack, StackEvent, StackState
from infra.config import load
from infra.deploy.execution import Watcher, carry_out
from infra.deploy.plan import CreateStack, creation
from infra.local import demo, emulator, receiver
from infra.local.demo import Local
from infra.local.emulator import Emulator
from infra.stacks import log_processor
from tests.local.conftest import REGION
from tests.local.test_demo import CLASSIC, objects_below

TEMPLATES = "templates"


@dataclass(frozen=True)
class ThroughS3:
    """Creates stacks as with --s3-bucket: the request names a template that stands in S3."""

    aws: Aws
    here: Emulator

    def create(self, stack: NewStack) -> str:
        self.aws.objects.put(TEMPLATES, stack.name, stack.template.encode())
        answer = client(self.here).create_stack(
            StackName=stack.name,
            TemplateURL=f"{self.here.endpoint_url}/{TEMPLATES}/{stack.name}",
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in stack.parameters.items()
            ],
            Capabilities=list(stack.capabilities),
        )
        return str(answer["StackId"])

    def state(self, name: str) -> StackState:
        return self.aws.stacks.state(name)

    def events(self, name: str) -> list[StackEvent]:
        return self.aws.stacks.events(name)


def client(here: Emulator) -> Any:
    return boto3.client(
        "cloudformation",
        endpoint_url=here.endpoint_url,
        region_name=here.region,
        aws_access_key_id=here.credentials.access_key,
        aws_secret_access_key=here.credentials.secret_key,
    )


def test_a_log_file_runs_through_with_nothing_but_the_template(tmp_path: Path) -> None:
    """Under the function's own role: lines are delivered, and what is rejected is kept."""
    path = tmp_path / "x.log"
    path.write_text(f"{CLASSIC}\nnonsense\n{CLASSIC}\n")
    assembly = assemble(load("dev"), embed=True)
    with ExitStack() as held:
        here = held.enter_context(emulator.running(REGION))
        receives = held.enter_context(receiver.running(here.home / "events.jsonl"))
        aws = connect(here.region, here.endpoint_url, here.credentials)
        aws.objects.create_bucket(TEMPLATES)
        plan = creation(assembly, overrides(aws, *receives.address))
        assert all(isinstance(step, CreateStack) for step in plan)
        through_s3 = replace(aws, stacks=ThroughS3(aws, here))
        outputs = carry_out(plan, through_s3, Watcher(interval=0.05))[log_processor.ID]
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
