"""From lines to events in memory: ours beside aws-log-parser, Vector, and a look-ahead split."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.parsing import parse
from lambda_src.log_processor.reading import blocks
from lambda_src.log_processor.schemas import Schema, writer
from tests.bench import samples
from tests.bench.table import Result, compared
from tests.bench.timing import ROUNDS, best_seconds

LINES = 20_000
CHUNK_BYTES = 256 * 1024
STATIC = {
    "Component": "load-balancer",
    "SourceModuleName": "ELB",
    "Environment": "dev",
    "Application": "shop",
    "Type": "logs",
}
VECTOR_FIELDS = 29
"""What Vector's parser in pyvrl knows of a line; it refuses one that is longer."""


def ours(lines: list[str], kind: Kind) -> Callable[[], int]:
    """Return what parses and serialises the lines as the function does, and counts them."""
    data = "".join(f"{line}\n" for line in lines).encode()
    chunks = [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]
    write = writer(Schema.ORIGINAL, STATIC)
    origin = Origin("logs", "key", "version")

    def run() -> int:
        size = 0
        for block in blocks(chunks):
            size += len(write(parse(block, kind).tables, origin).encode())
        return size

    return run


def application() -> list[Result]:
    """Compare the parsing of ALB lines with Python's parser and with Vector's."""
    lines = samples.without_ipv6(samples.alb(LINES))
    shorter = [" ".join(_fields(line)[:VECTOR_FIELDS]) for line in lines]
    contenders = {
        "ours": ours(lines, Kind.ALB),
        "aws-log-parser": _aws_log_parser(lines[:4000]),
        "vector": _vector(". = parse_aws_alb_log!(.message)", shorter),
        "vector, JSON": _vector(". = encode_json(parse_aws_alb_log!(.message))", shorter),
    }
    counts = {name: len(lines) for name in contenders} | {"aws-log-parser": 4000}
    seconds = best_seconds(contenders)
    rates = {name: counts[name] / spent for name, spent in seconds.items()}
    parser, vector = f"aws-log-parser {version('aws-log-parser')}", f"pyvrl {version('pyVRL')}"
    return [
        compared("ALB lines, parsed and serialised", rates, "aws-log-parser", parser, 12),
        compared("the same", rates, "vector", f"{vector}, {VECTOR_FIELDS} fields", 2),
        compared("the same", rates, "vector, JSON", f"{vector}, as JSON", None),
    ]


def classic(folder: Path) -> list[Result]:
    """Compare the parsing of classic lines with a regular expression in Node.js."""
    lines = samples.classic(LINES)
    what = "classic lines, parsed and serialised"
    node = shutil.which("node")
    if node is None:
        return [Result(what, "", "Node.js is not there", "", "≥ 3", None)]
    log = folder / "classic.log"
    log.write_text("".join(f"{line}\n" for line in lines))
    script = Path(__file__).parent / "first_version.js"
    best: dict[str, float] = {"ours": 0.0, "node": 0.0}
    for _ in range(ROUNDS):
        spent = best_seconds({"ours": ours(lines, Kind.CLASSIC)}, rounds=2)["ours"]
        best["ours"] = max(best["ours"], len(lines) / spent)
        said = subprocess.run(
            [node, str(script), "parse", str(log)], capture_output=True, text=True, check=True
        )
        best["node"] = max(best["node"], json.loads(said.stdout)["linesPerSecond"])
    name = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    return [compared(what, best, "node", f"look-ahead split, Node.js {name.stdout.strip()}", 3)]


def _aws_log_parser(lines: list[str]) -> Callable[[], object]:
    from aws_log_parser import AwsLogParser, LogType

    parser = AwsLogParser(log_type=LogType.LoadBalancer)
    return lambda: sum(1 for _ in parser.parse(lines))


def _vector(program: str, lines: list[str]) -> Callable[[], object]:
    import pyvrl

    transform = pyvrl.Transform(program)
    return lambda: sum(1 for line in lines if transform.remap({"message": line}))


def _fields(line: str) -> list[str]:
    return re.findall(r'"[^"]*"|[^ ]+', line)
