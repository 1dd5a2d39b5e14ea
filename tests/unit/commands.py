"""The command as a user runs it: in this process, which is fast, or in one of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from infra.cli import app
from tests.conftest import plain

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "infra"]


@dataclass(frozen=True)
class Done:
    """What a command has come to."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def events(self) -> list[bytes]:
        """The lines on stdout."""
        return self.stdout.splitlines()

    @property
    def talk(self) -> list[str]:
        """The lines on stderr."""
        return self.stderr.decode().splitlines()


@dataclass(frozen=True)
class Infra:
    """Runs the command in this process, in a folder of its own."""

    capture: pytest.CaptureFixture[bytes]

    def __call__(self, *arguments: str | Path) -> Done:
        with pytest.raises(SystemExit) as ended:
            app([str(each) for each in arguments], prog_name="infra")
        stdout, stderr = self.capture.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, stdout, stderr)


def in_process(
    place: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]
) -> Infra:
    """The command with nothing of the user's around it; `capture` is capfdbinary."""
    monkeypatch.chdir(place)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return Infra(capture)


def started(
    place: Path, *arguments: str | Path, stdout: int | IO[bytes] = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    """Start it in a process of its own; SIGINT interrupts it, however these tests were started."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=place,
        env={**plain(place), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def ended(running: subprocess.Popen[bytes], stdin: bytes = b"") -> Done:
    """Wait for what was started, and give it this on stdin."""
    with running:
        stdout, stderr = running.communicate(stdin, timeout=120)
    return Done(running.returncode, stdout or b"", stderr)
