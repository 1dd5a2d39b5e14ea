"""`infra demo` as a user runs it: what stands where, exit codes, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local.conftest import wait_until_nothing_is_left
from tests.local.test_demo import CLASSIC

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "infra", "demo"]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The folder for everything temporary, so that what is left can be seen."""
    place = tmp_path / "temporary"
    place.mkdir()
    return place


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "x.log"
    path.write_text(f"{CLASSIC}\nnonsense\n")
    return path


def environment(temporary: Path) -> dict[str, str]:
    """The user's own, with an AWS set-up that would break everything that read it."""
    return {
        **os.environ,
        "TMPDIR": str(temporary),
        "AWS_PROFILE": "no-such-profile",
        "AWS_ENDPOINT_URL": "http://192.0.2.1",
        "HTTP_PROXY": "http://192.0.2.1:1",
        "COLUMNS": "80",
    }


def run(temporary: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=environment(temporary),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_verdict_stands_on_stdout_and_progress_on_stderr(temporary: Path, log: Path) -> None:
    """Without a terminal there are no colours, and no line of the table is over 80 columns."""
    done = run(temporary, "--file", str(log), str(log))
    assert done.returncode == 0
    assert "every line accounted for: 4 read = 2 delivered + 2 rejected" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    table = done.stdout.partition("decoded by")[0].splitlines()
    assert max(map(len, table)) <= 80
    assert "start the local AWS" in done.stderr
    assert wait_until_nothing_is_left(temporary) == ([], [])


def test_json_is_all_that_stands_on_stdout(temporary: Path, log: Path) -> None:
    """Another program can read it, and a failure is exit code 1 there too."""
    broken = log.with_name("broken.gz")
    broken.write_bytes(b"\x1f\x8bbroken")
    done = run(temporary, "--json", str(log), str(broken))
    said = json.loads(done.stdout)
    assert (done.returncode, said["accounted"]) == (1, False)
    assert [one["outcome"] for one in said["objects"]] == ["delivered", "failed"]


def test_unusable_arguments_are_refused_before_anything_starts(temporary: Path) -> None:
    """All wrong files are named at once."""
    done = run(temporary, "missing-1.log", "--file", "missing-2.log")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "infra: These log files cannot be used:\n"
        "infra:   missing-1.log: does not exist\n"
        "infra:   missing-2.log: does not exist\n"
    )


@pytest.mark.parametrize("address", ["tls://a:1", "tcp://a", "tcp://a:b", "tcp://a:0", "a:5045"])
def test_a_receiver_that_is_no_address_is_refused(temporary: Path, address: str) -> None:
    """The message shows the form that is wanted."""
    done = run(temporary, "--to", address)
    assert (done.returncode, done.stderr) == (
        1,
        f"infra: --to '{address}' is no receiver: write tcp://HOST:PORT\n",
    )


@pytest.mark.parametrize("when", ["start the local AWS", "upload log_processor", "1 of 10"])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_signal_at_any_moment_leaves_nothing_behind(
    temporary: Path, when: str, number: signal.Signals, code: int
) -> None:
    """No process, no folder, and the exit code of the signal."""
    with subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=environment(temporary),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        assert any(line.startswith(when) for line in running.stderr)
        running.send_signal(number)
        running.stderr.read()
        assert running.wait(20) == code
    assert wait_until_nothing_is_left(temporary) == ([], [])


def test_keep_stays_until_it_is_told_to_end(temporary: Path, log: Path) -> None:
    """It says how to look around, and its exit code is still the verdict's."""
    with subprocess.Popen(
        [*COMMAND, "--keep", str(log)],
        cwd=ROOT,
        env=environment(temporary),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        events = next(line for line in running.stderr if "events.jsonl" in line)
        received = Path(events.split()[2]).read_text()
        assert json.loads(received)["LoadBalancerName"] == "shop"
        running.send_signal(signal.SIGINT)
        output, _ = running.communicate(timeout=20)
        assert running.returncode == 0
    assert "every line accounted for: 2 read = 1 delivered + 1 rejected" in output
    assert wait_until_nothing_is_left(temporary) == ([], [])
