"""`infra demo` of environments that are set up in other ways than the shipped ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from infra.assembly import assemble
from infra.config import Environment, load
from infra.local import demo
from infra.local.outcome import Result
from infra.local.progress import Finished, Noted, Progress
from tests.conftest import plain
from tests.local.conftest import wait_until_nothing_is_left
from tests.local.test_demo import CLASSIC

ROOT = Path(__file__).parents[2]
THEIRS = {"existing_bucket": "their-logs", "state_bucket_name_prefix": "shop-state"}
LINES = f"{CLASSIC}\nnonsense\n{CLASSIC}\n"


def data(bucket: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    """The environment `dev` with other settings of its log processor."""
    found = load("dev").model_dump(mode="json", exclude_unset=True, by_alias=True)
    if bucket is not None:
        del found["log_processor"]["bucket_name_prefix"]
        found["log_processor"] |= bucket
    found["log_processor"] |= settings
    return found


def played(settings: dict[str, Any], *files: Path) -> tuple[Result, list[str]]:
    """The result, and every line of progress that the user would see."""
    told: list[Progress] = []
    assembly = assemble(Environment.model_validate(settings))
    with demo.environment(assembly, None, told.append) as local:
        result = demo.play(local, files, "", told.append)
    texts = [one.text for one in told if isinstance(one, Finished | Noted)]
    return result, texts


def test_buckets_that_exist_elsewhere_are_made_beforehand(tmp_path: Path) -> None:
    """It is said that they are, and that here all is in one account."""
    path = tmp_path / "x.log"
    path.write_text(LINES)
    settings = data(
        THEIRS,
        existing_bucket_account="210987654321",
        access_log={"bucket": "shop-requests", "prefix": ""},
    )
    result, texts = played(settings, path)
    assert result.problems == ()
    assert result.objects[0].attempts[-1].bucket == "their-logs"
    assert [text for text in texts if "bucket" in text][:4] == [
        "create the bucket for code that a real account has",
        "create the bucket shop-requests, which exists in a real account",
        "create the bucket their-logs, which exists in a real account",
        "the log bucket is in the stacks' own account here, 123456789012",
    ]


def test_without_a_queue_objects_wait_for_their_turn(tmp_path: Path) -> None:
    """However few invocations there may be, none is taken for a failed attempt."""
    function = {"log_retention_days": 7, "reserved_concurrency": 2}
    retries = {"maximum_retries": 0}
    result, _ = played(data(trigger="direct", function=function, asynchronous=retries))
    assert result.problems == ()
    assert (result.total("read"), result.total("delivered"), result.queue) == (20_000, 19_997, None)
    assert [len(each.attempts) for each in result.objects] == [1] * 13


def test_the_command_runs_an_environment_of_ones_own(tmp_path: Path) -> None:
    """With a bucket of somebody else's and EventBridge; there is no queue to tell of."""
    temporary, file, log = tmp_path / "temporary", tmp_path / "shop.yaml", tmp_path / "x.log"
    temporary.mkdir()
    file.write_text(yaml.safe_dump(data(THEIRS, trigger="eventbridge")))
    log.write_text(LINES)
    done = subprocess.run(
        [sys.executable, "-m", "infra", "demo", "--env", str(file), "--json", str(log)],
        cwd=ROOT,
        env=plain(temporary),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    said = json.loads(done.stdout)
    assert (done.returncode, said["accounted"], said["read"], said["rejected"]) == (0, True, 3, 1)
    assert (said["queue"], said["deadLetters"]) == (None, 0)
    assert "create the bucket their-logs, which exists in a real account" in done.stderr
    assert wait_until_nothing_is_left(temporary) == ([], [])
