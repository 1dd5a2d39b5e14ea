"""The local AWS starts, is nobody else's, and leaves nothing behind however it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.errors import AwsError
from infra.local import emulator
from infra.local.emulator import Emulator
from tests.local.conftest import REGION, processes_knowing, wait_until_nothing_is_left

PARENT = """
import sys
from infra.local import emulator
with emulator.running("eu-west-1") as here:
    print(here.port, flush=True)
    sys.stdin.read()
"""


def test_at_the_end_of_its_block_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process, no folder, no process id file, no open port."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with emulator.running(REGION) as here:
        assert len(processes_knowing(tmp_path)) == 2
        assert here.home.is_dir()
    assert (processes_knowing(tmp_path), list(tmp_path.iterdir())) == ([], [])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", here.port), timeout=5)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_parent_however_that_ends(tmp_path: Path, number: signal.Signals) -> None:
    """Not even a killed parent leaves it behind."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline()
        assert len(processes_knowing(tmp_path)) == 3
        parent.send_signal(number)
        parent.wait(10)
    assert wait_until_nothing_is_left(tmp_path) == ([], [])


def test_an_early_death_is_explained_by_its_last_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to look for a log that is gone."""
    (tmp_path / "ministack").mkdir()
    broken = tmp_path / "ministack" / "__init__.py"
    broken.write_text("raise RuntimeError('broken on purpose')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(AwsError) as caught, emulator.running(REGION):
        pass
    first, *_, last = str(caught.value).splitlines()
    assert first == "The local AWS ended while starting. Its last lines:"
    assert last == "RuntimeError: broken on purpose"


def test_it_listens_on_loopback_alone(here: Emulator) -> None:
    """Nobody else on the network reaches it."""
    table = Path("/proc/net/tcp").read_text().splitlines()[1:]
    listening = {line.split()[1] for line in table if line.split()[3] == "0A"}
    port = f"{here.port:04X}"
    assert {one for one in listening if one.endswith(f":{port}")} == {f"0100007F:{port}"}
