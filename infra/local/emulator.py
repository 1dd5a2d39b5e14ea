"""Start the local AWS, know when it is ready, and end it with everything that it started."""

from __future__ import annotations

import http.client
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from infra.aws.connection import Credentials
from infra.errors import AwsError, NotInstalledError
from infra.local.launcher import LOG_NAME
from infra.local.surroundings import ACCESS_KEY, ACCOUNT, RDS_CA, SECRET_KEY, surroundings

MINISTACK, BOTO3 = "1.5.33", "1.43.106"
"""The versions that our plug-in is tested with: it uses private names of MiniStack, which pins
botocore exactly. The extra `local` of setup.cfg has the same."""

_PACKAGE_ROOT = Path(__file__).parents[2]
_READY_WITHIN = 30.0
_ENDS_WITHIN = 10.0


@dataclass(frozen=True)
class Emulator:
    """A running local AWS."""

    region: str
    port: int
    home: Path
    """Its temporary folder; gone when it ends."""

    account = ACCOUNT
    credentials = Credentials(ACCESS_KEY, SECRET_KEY)

    @property
    def endpoint_url(self) -> str:
        """Where every service of it is reached."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def rds_ca(self) -> Path:
        """The CA of its database servers, as PEM; there once there has been one."""
        return self.home / RDS_CA

    def last_words(self, lines: int = 20) -> str:
        """The end of what it has logged."""
        try:
            text = (self.home / LOG_NAME).read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])


@contextmanager
def running(region: str) -> Iterator[Emulator]:
    """A local AWS for the time of the block; nothing of it is left afterwards."""
    check_installed()
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local.launcher"],
        cwd=_PACKAGE_ROOT,
        env=surroundings(region, os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    home: Path | None = None
    try:
        emulator = _announced(process, region)
        home = emulator.home
        _wait_until_ready(emulator, process)
        yield emulator
    finally:
        _end(process, home)


def check_installed(version_of: Callable[[str], str] = version) -> None:
    """Raise NotInstalledError unless exactly the pinned MiniStack is here."""
    try:
        found = version_of("ministack")
    except PackageNotFoundError:
        found = "none"
    if found != MINISTACK:
        raise NotInstalledError(
            f"The local AWS needs MiniStack {MINISTACK}; installed is {found}. "
            f"Install it with: pip install ministack=={MINISTACK} boto3=={BOTO3}"
        )


def _announced(process: subprocess.Popen[bytes], region: str) -> Emulator:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise AwsError("The local AWS did not start: its process ended at once (see above).")
    said = json.loads(line)
    return Emulator(region, said["port"], Path(said["home"]))


def _wait_until_ready(emulator: Emulator, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while not _is_healthy(emulator.port):
        ended = _has_ended(process)
        if ended or time.monotonic() > deadline:
            raise AwsError(_not_ready(ended, emulator.last_words()))
        time.sleep(0.02)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """The guard closes its output when the emulator has ended, and says nothing else."""
    assert process.stdout is not None
    return bool(select.select([process.stdout], [], [], 0)[0])


def _not_ready(ended: bool, log: str) -> str:
    what = "ended while starting" if ended else f"was not ready within {_READY_WITHIN:.0f} s"
    return f"The local AWS {what}. Its last lines:\n{log or '(it logged nothing)'}"


def _is_healthy(port: int) -> bool:
    # http.client knows no proxies, unlike urllib.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        answer = connection.getresponse()
        return answer.status == 200 and b'"services"' in answer.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes], home: Path | None) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
    if home is not None:
        # The guard has done this, unless it was killed itself.
        shutil.rmtree(home, ignore_errors=True)
