"""`infra doctor` as a user runs it where there is nobody to ask; tests/local has an AWS."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.commands import Infra


def test_settings_that_cannot_be_used_are_a_failed_check(infra: Infra) -> None:
    """A line for each problem, all of the rest not checked, and exit code 1."""
    Path("shop.yaml").write_text("name: shop\nzones: 2\n")
    done = infra("doctor", "shop.yaml")
    states = [line[:11].strip() for line in done.stdout.decode().splitlines()]
    assert (done.code, states) == (1, ["failed"] * 5 + ["not checked"] * 4)
    assert done.stdout.startswith(b"failed       settings: shop.yaml:")
    assert done.talk == ["0 ok, 5 failed, 4 not checked"]


def test_a_script_reads_json(infra: Infra, refused_port: int) -> None:
    """A list of checks; what was not reached is in the words of the call."""
    url = f"http://127.0.0.1:{refused_port}"
    done = infra("doctor", "dev", "--json", "--profile", "nobody", "--endpoint-url", url)
    checks = json.loads(done.stdout)
    assert (done.code, [each["check"] for each in checks]) == (
        1,
        ["settings", "credentials", "stacks", "network"],
    )
    assert checks[0] == {
        "check": "settings",
        "state": "ok",
        "text": "dev, eu-west-1: network, log-processor",
    }
    assert "nobody" in checks[1]["text"]
