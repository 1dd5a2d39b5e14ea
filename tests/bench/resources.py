"""What the function's process takes: memory, time as objects grow, and time to import it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from tests.bench.parsing import STATIC
from tests.bench.table import Result

SMALL_LINES = 18_500
"""About 10 MiB; a hundred times as many are about 1 GiB."""

FACTOR = 100
IMPORT_ROUNDS = 11


def memory_and_growth() -> list[Result]:
    """Compare an object of 10 MiB with one of 1 GiB."""
    with _process("tests.bench.s3") as s3, _process("tests.bench.receiver") as receiver:
        small = [_invocation(s3, receiver, SMALL_LINES) for _ in range(3)]
        large = _invocation(s3, receiver, SMALL_LINES * FACTOR)
    assert large["lines"] == SMALL_LINES * FACTOR
    least = max(each["mebibytes"] for each in small)
    seconds = min(each["seconds"] for each in small)
    memory, growth = large["mebibytes"] / least, large["seconds"] / seconds
    return [
        Result(
            "peak memory of the process, ALB object of 1 GiB",
            f"{large['mebibytes']:.0f} MiB",
            f"{least:.0f} MiB: object of 10 MiB",
            f"{memory:.2f}",
            "≤ 110 MiB, ≤ 1.10",
            large["mebibytes"] <= 110 and memory <= 1.1,
        ),
        Result(
            f"processor time, {FACTOR} times the lines",
            f"{large['seconds']:.1f} s",
            f"{seconds:.2f} s",
            f"{growth:.0f}",
            "≤ 105",
            growth <= 105,
        ),
    ]


def importing() -> list[Result]:
    """Compare importing the handler with importing boto3."""
    without = [_import_seconds("boto3") for _ in range(IMPORT_ROUNDS)]
    added = [
        _import_seconds("boto3", "lambda_src.log_processor.handler") - _import_seconds("boto3")
        for _ in range(IMPORT_ROUNDS)
    ]
    base, more = median(without), median(added)
    return [
        Result(
            "importing the handler, on top of boto3",
            f"{more * 1000:.0f} ms",
            f"{base * 1000:.0f} ms: boto3",
            f"{more / base:.2f}",
            "≤ 60 ms",
            more <= 0.06,
        )
    ]


def _import_seconds(*modules: str) -> float:
    imports = "; ".join(f"import {name}" for name in modules)
    code = f"import time; {imports}; print(time.process_time())"
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(said.stdout)


def _invocation(s3: int, receiver: int, lines: int) -> dict[str, Any]:
    names = {
        "Component": "COMPONENT",
        "SourceModuleName": "SOURCE_MODULE_NAME",
        "Environment": "ENVIRONMENT",
        "Application": "APPLICATION",
        "Type": "TYPE",
    }
    settings = {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{s3}",
        "LOGSTASH_HOST": "127.0.0.1",
        "LOGSTASH_PORT": str(receiver),
        "STATE_LOCATION": "s3://logs/state/",
        **{f"EVENT_{names[key]}": value for key, value in STATIC.items()},
    }
    name = f"123456789012_elasticloadbalancing_eu-west-1_app.web-{lines}.log"
    key = f"AWSLogs/123456789012/elasticloadbalancing/{name}"
    said = subprocess.run(
        [sys.executable, "-m", "tests.bench.invocation", key],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode:
        raise RuntimeError(said.stderr)
    result: dict[str, Any] = json.loads(said.stdout)
    return result


@contextmanager
def _process(module: str) -> Iterator[int]:
    """Start a server and yield its port."""
    with subprocess.Popen(
        [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()
