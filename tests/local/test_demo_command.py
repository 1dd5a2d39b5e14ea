"""`infra demo` as a user runs it: what stands where, exit codes, and nothing left behind."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import plain
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
    """One with an AWS set-up that would break everything that read it."""
    return {
        **plain(temporary),
        "AWS_PROFILE": "no-such-profile",
        "AWS_ENDPOINT_URL": "http://192.0.2.1",
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_DEFAULTS_MODE": "no-such-mode",
        "HTTP_PROXY": "http://192.0.2.1:1",
    }


def run(temporary: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=environment(temporary),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@contextmanager
def started(temporary: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command while it runs; it ends with the block, whatever happens there."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=environment(temporary),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


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


@pytest.mark.parametrize("address", ["udp://a:1", "tcp://a", "tls://a:b", "tcp://a:0", "a:5045"])
def test_a_receiver_that_is_no_address_is_refused(temporary: Path, address: str) -> None:
    """The message shows the form that is wanted."""
    done = run(temporary, "--to", address)
    assert (done.returncode, done.stderr) == (
        1,
        f"infra: --to '{address}' is no receiver: write tcp://HOST:PORT, with one of tcp://, "
        "tls://, lumberjack://, lumberjack+tls://\n",
    )


def told(begin: str) -> Callable[[subprocess.Popen[str], Path], bool]:
    """Wait for a line; without a terminal it comes when its step is done."""

    def has_come(running: subprocess.Popen[str], temporary: Path) -> bool:
        assert running.stderr is not None
        return any(line.startswith(begin) for line in running.stderr)

    return has_come


def guard_runs(running: subprocess.Popen[str], temporary: Path) -> bool:
    """Wait for the launcher, which has made nothing yet."""
    return seen(running, lambda: bool(launchers_below(running.pid)))


def folder_is_made(running: subprocess.Popen[str], temporary: Path) -> bool:
    """Wait for the first thing that could be left behind."""
    return seen(running, lambda: any(temporary.glob("infra-local-*")))


def emulator_is_forked(running: subprocess.Popen[str], temporary: Path) -> bool:
    """Wait for the launcher's own child, which has not said yet where it is reached."""
    return seen(
        running, lambda: any(launchers_below(guard) for guard in launchers_below(running.pid))
    )


def seen(running: subprocess.Popen[str], fact: Callable[[], bool]) -> bool:
    """Look very often, until it is so or the command has ended."""
    while not (so := fact()) and running.poll() is None:
        time.sleep(0.001)
    return so


def launchers_below(parent: int) -> list[int]:
    """The children of this process that are launchers of a local AWS."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # The parent is the second field after the name, which may hold anything.
            status = (process / "stat").read_text().rpartition(")")[2].split()
            command = (process / "cmdline").read_text()
        except OSError:
            continue
        if int(status[1]) == parent and "infra.local.launcher" in command:
            found.append(int(process.name))
    return found


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")


MOMENTS = [
    pytest.param(guard_runs, id="guard runs", marks=on_linux),
    pytest.param(folder_is_made, id="folder is made"),
    pytest.param(emulator_is_forked, id="emulator is forked", marks=on_linux),
    pytest.param(told("start the local AWS"), id="local AWS is up"),
    pytest.param(told("upload log_processor"), id="code is uploaded"),
    pytest.param(told("put 13 log objects"), id="objects are on their way"),
]
SIGNALS = [
    *((each, signal.SIGINT, 130) for each in MOMENTS),
    *((each, signal.SIGKILL, -9) for each in MOMENTS),
    # It takes the same way as SIGINT.
    *((each, signal.SIGTERM, 143) for each in MOMENTS[-2:]),
]


@pytest.mark.parametrize(
    ("moment", "number", "code"),
    [
        pytest.param(*each.values, number, code, id=f"{number.name}-{each.id}", marks=each.marks)
        for each, number, code in SIGNALS
    ],
)
def test_a_signal_at_any_moment_leaves_nothing_behind(
    temporary: Path,
    moment: Callable[[subprocess.Popen[str], Path], bool],
    number: signal.Signals,
    code: int,
) -> None:
    """No process, no folder, and the exit code of the signal."""
    # A receiver that never reads: however late the signal comes, nothing has ended by itself.
    with (
        socket.create_server(("127.0.0.1", 0), backlog=128) as silent,
        started(temporary, "--to", f"tcp://127.0.0.1:{silent.getsockname()[1]}") as running,
    ):
        assert moment(running, temporary)
        running.send_signal(number)
        output, _ = running.communicate(timeout=120)
        assert (running.returncode, output) == (code, "")
    assert wait_until_nothing_is_left(temporary) == ([], [])


def test_keep_stays_until_it_is_told_to_end(temporary: Path, log: Path) -> None:
    """It says how to look around, and its exit code is still the verdict's."""
    with started(temporary, "--keep", str(log)) as running:
        assert running.stderr is not None
        events = next(line for line in running.stderr if "events.jsonl" in line)
        received = Path(events.split()[2]).read_text()
        assert json.loads(received)["LoadBalancerName"] == "shop"
        running.send_signal(signal.SIGINT)
        output, _ = running.communicate(timeout=120)
        assert running.returncode == 0
    assert "every line accounted for: 2 read = 1 delivered + 1 rejected" in output
    assert wait_until_nothing_is_left(temporary) == ([], [])


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-"])
def test_a_stream_that_is_closed_disturbs_nothing(closed: str, temporary: Path, log: Path) -> None:
    """Cron and service managers start commands with less than three."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *COMMAND, str(log)],
        cwd=ROOT,
        env=environment(temporary),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0
    assert wait_until_nothing_is_left(temporary) == ([], [])
