"""The packaged function under AWS's runtime client and interface emulator, as Lambda runs it."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from platform import python_version
from typing import Any

from infra.packaging import embedded, handler, package
from tests.conftest import reserved_port
from tests.unit.log_processor.samples import STATIC

from .processes import running, wait_until, wait_until_listening
from .s3 import PREFIX, STATE
from .tools import runtime_interface_emulator, runtime_packages

INDEX = "index.py"
PATIENCE = 900
"""Seconds; Lambda's longest timeout."""


@dataclass(frozen=True)
class Python:
    """An interpreter and its exact version."""

    executable: str = sys.executable
    release: str = python_version()


def unpacked(folder: Path) -> Path:
    """Unpack the function's zip as Lambda does it."""
    content = package("log_processor", bucket="artifacts").content
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
    return folder


def inline(folder: Path) -> Path:
    """Write the function's source as CloudFormation does it where that stands in a template."""
    (folder / INDEX).write_text(embedded("log_processor"), encoding="utf-8")
    return folder


class Function:
    """A function that can be invoked."""

    def __init__(self, port: int, emulator: int, log: Path) -> None:
        self._url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        self._emulator = emulator
        self._log = log
        # Whatever proxy the machine has, it leads nowhere near its loopback.
        self._direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __call__(self, event: object) -> Any:
        """Return what the function answers, or what Lambda says of its end."""
        request = urllib.request.Request(self._url, json.dumps(event).encode())
        try:
            answer = self._direct.open(request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode()
        # Of a timeout the emulator speaks in plain text.
        return json.loads(text) if text.startswith(("{", "[", '"')) else text

    @property
    def summaries(self) -> list[dict[str, Any]]:
        """The function's own log lines; the emulator writes others around them."""
        lines = self._log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith('{"timestamp"')]

    @property
    def pid(self) -> int:
        """The process that runs the function, which there is from the first invocation on."""
        wait_until(lambda: bool(children(self._emulator)), "the runtime runs", self._log)
        return children(self._emulator)[-1]

    def kill(self) -> None:
        """End the function's process without a word, as the kernel does when memory is out."""
        os.kill(self.pid, signal.SIGKILL)

    def freeze(self) -> None:
        """Let the function's process do nothing more."""
        os.kill(self.pid, signal.SIGSTOP)


@contextmanager
def function(
    code: Path,
    settings: Mapping[str, str],
    log: Path,
    *,
    python: Python | None = None,
    timeout: int = PATIENCE,
    within: Sequence[str] = (),
) -> Iterator[Function]:
    """Run the function until the block's end; `within` is a command that runs the one after it."""
    used = python or Python()
    called = "index.handle" if (code / INDEX).exists() else handler("log_processor")
    runtime = (used.executable, "-S", "-m", "awslambdaric", called)
    packages = runtime_packages(used.executable, used.release)
    lambdas = {
        "PATH": os.environ["PATH"],
        # The function's own come first, as in Lambda.
        "PYTHONPATH": f"{code}:{packages}",
        "LAMBDA_TASK_ROOT": str(code),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    with reserved_port() as port, reserved_port() as internal_port:
        emulator = (
            str(runtime_interface_emulator()),
            "--runtime-interface-emulator-address",
            f"127.0.0.1:{port}",
            "--runtime-api-address",
            f"127.0.0.1:{internal_port}",
        )
        with running(
            (*emulator, *within, *runtime), {**lambdas, **settings}, log, folder=code
        ) as process:
            wait_until_listening(process, port, log)
            yield Function(port, process.pid, log)


def environment(s3: int, receiver: int, **more: str) -> dict[str, str]:
    """Return the settings of a function that reaches nothing but these ports of loopback."""
    return {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{s3}",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://127.0.0.1:{s3}",
        "LOGSTASH_HOST": "127.0.0.1",
        "LOGSTASH_PORT": str(receiver),
        "EVENT_COMPONENT": STATIC["Component"],
        "EVENT_SOURCE_MODULE_NAME": STATIC["SourceModuleName"],
        "EVENT_ENVIRONMENT": STATIC["Environment"],
        "EVENT_APPLICATION": STATIC["Application"],
        "EVENT_TYPE": STATIC["Type"],
        "STATE_LOCATION": f"s3://{STATE}/{PREFIX}",
        **more,
    }


def children(parent: int) -> list[int]:
    """Return the processes that a process has started and that have not ended, oldest first."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, of = file.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(of) == parent and state != "Z":
            found.append(int(file.parent.name))
    return sorted(found)
