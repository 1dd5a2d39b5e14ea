"""The packaged parsing under every Python of this machine that it promises to run under.

`re` differs between them: before 3.11.5 it gets possessive groups wrong
(https://github.com/python/cpython/issues/106052).
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.packaging import package
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.parsing import parse
from lambda_src.log_processor.reading import Block
from lambda_src.log_processor.schemas.original import original

from .samples import ALB_34, CLASSIC_12, CLASSIC_15, FIELDS, STATIC

OLDEST = (3, 11)
NAMES = ("python3", *(f"python3.{minor}" for minor in range(11, 16)))

ABOUT = "import platform, sys; print(sys.executable); print(platform.python_version())"

READ = """
import json, sys
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.parsing import parse
from lambda_src.log_processor.reading import Block
from lambda_src.log_processor.schemas.original import original

assert "boto3" not in sys.modules and "socket" not in sys.modules
asked = json.load(sys.stdin)
write = original(asked["static"])
for kind, text in asked["blocks"]:
    parsed = parse(Block(0, text.encode("latin-1")), Kind(kind))
    rejections = [[each.offset, each.reason] for each in parsed.rejections]
    print(json.dumps([write(parsed.tables, Origin("b", "k", "v")), rejections]))
"""

ODD = (
    "",
    "-",
    "-1",
    "--",
    "-a",
    "0",
    "0.1",
    "1.",
    ".5",
    "1_0",
    "1" * 9,
    "1" * 10,
    "1" * 19,
    "\u0663",
    "\u00e9",
    "a",
    'a"b',
    'a"',
    '"',
    '""',
    '"-"',
    '"-1"',
    '"0.1"',
    '"a b"',
    '"a "b" c"',
    '"a"b"',
    '"a',
    "\\",
    '"\\"',
    '"a\\"',
    '"a\\\\"',
    '"\\" b"',
    '"a \\" b"',
    '"\\x22"',
    "2026-08-01T23:39:43",
    '"2026-08-01T23:39:43.1+00:00"',
    "2026-13-01T23:39:43Z",
)
MORE = ("", " ", " -", ' - "-" "a b" c', ' "a\\" b"', ' "a', ' a"b', "  x", ' "a" "b\\"')
ALIKE = 12
"""Enough lines to be looked at side by side."""
HOSTILE = ('"', '"a ', '" ', '\\"', '\\" ', ' "', '"" ', '" "a', '\\\\" ', "- ", '"a" "')


def lines() -> Iterator[tuple[Kind, str]]:
    """Lines that are usual, odd, too short, too long and hostile."""
    for kind, fields in FIELDS.items():
        for line in (*of_every_width(fields), *with_something_odd(fields)):
            yield kind, line
    for line in (ALB_34, CLASSIC_15, CLASSIC_12, "", "\xff\xfe", " ", "h2", "2026-08-01T23:39:43Z"):
        for kind in Kind:
            yield kind, line
    yield Kind.ALB, ALB_34.replace("Mozilla", "\u2028\x00\r\U0001f600")


def of_every_width(fields: Sequence[str]) -> Iterator[str]:
    for width in range(1, len(fields) + 1):
        for more in MORE:
            yield " ".join(fields[:width]) + more
    for hostile in HOSTILE:
        yield f"{' '.join(fields)} {hostile * 100}"


def with_something_odd(fields: Sequence[str]) -> Iterator[str]:
    """At each place; and in two neighbours, where which reading fits can depend on both."""
    for place in range(len(fields)):
        for odd in ODD:
            yield " ".join((*fields[:place], odd, *fields[place + 1 :]))
    texts = next((at for at, field in enumerate(fields[:-1]) if field.startswith('"')), 0)
    for first, second in itertools.product(ODD, ODD):
        yield " ".join((*fields[:texts], first, second, *fields[texts + 2 :]))


def asked() -> list[tuple[str, str]]:
    """Blocks of the lines as bytes that JSON can carry, a character for each.

    Each line stands in one with all others of its kind, and in one with nothing but its like.
    """
    by_kind: dict[Kind, list[str]] = {}
    for kind, line in lines():
        by_kind.setdefault(kind, []).append(line)
    mixed = [(kind, "\n".join(some)) for kind, some in by_kind.items()]
    alike = [
        (kind, f"{' '.join(fields[:width])}{more}\n" * ALIKE)
        for kind, fields in FIELDS.items()
        for width in range(1, len(fields) + 1)
        for more in MORE[:4]
    ]
    encoded = [(kind.value, text.encode().decode("latin-1")) for kind, text in (*mixed, *alike)]
    return [*encoded, (Kind.ALB.value, ALB_34.replace("Mozilla", "\xff\xc3\xa9\xed\xa0\x80"))]


def expected(questions: Sequence[tuple[str, str]]) -> list[list[object]]:
    """What the interpreter that runs the tests makes of the blocks."""
    write = original(STATIC)
    results = [parse(Block(0, text.encode("latin-1")), Kind(kind)) for kind, text in questions]
    return [
        [
            write(result.tables, Origin("b", "k", "v")),
            [[each.offset, each.reason] for each in result.rejections],
        ]
        for result in results
    ]


def interpreters() -> dict[str, str]:
    """Each Python that can be found and is new enough, by its exact version."""
    named = [path for name in NAMES if (path := shutil.which(name))]
    pyenv = sorted(map(str, Path.home().glob(".pyenv/versions/*/bin/python3")))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(about, (sys.executable, "/usr/bin/python3", *pyenv, *named)))
    by_version: dict[str, str] = {}
    for executable, version in filter(None, found):
        if tuple(map(int, version.split(".")[:2])) >= OLDEST:
            by_version.setdefault(version, executable)
    return by_version


def about(python: str) -> tuple[str, str] | None:
    """Its executable and version; None where there is none, or nothing but a shim of one."""
    try:
        executable, version = printed([python, "-c", ABOUT], os.environ).splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    return executable, version


def printed(command: Sequence[str], environment: Mapping[str, str], given: str = "") -> str:
    """What a command prints; its exit code must be 0."""
    done = subprocess.run(
        command,
        env=dict(environment),
        input=given,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
        timeout=120,
    )
    return done.stdout


@pytest.fixture(name="code")
def _code(tmp_path: Path) -> Path:
    """The function's zip, which Python imports from as it is."""
    path = tmp_path / "log_processor.zip"
    path.write_bytes(package("log_processor", bucket="b").content)
    return path


def test_every_python_makes_the_same_of_the_same_lines(code: Path) -> None:
    """Which Python Lambda has must change neither an event nor a rejection."""
    questions = asked()
    right = expected(questions)
    assert any(events for events, _ in right)
    assert any(rejections for _, rejections in right)
    given = json.dumps({"static": STATIC, "blocks": questions})
    pythons = interpreters()
    differences = {}
    for version, python in pythons.items():
        # -S: no installed package is in reach, -P: nor what is in this folder.
        said = printed([python, "-S", "-P", "-c", READ], {"PYTHONPATH": str(code)}, given)
        results = [json.loads(line) for line in said.splitlines()]
        triples = zip(questions, results, right, strict=True)
        differences[version] = [triple for triple in triples if triple[1] != triple[2]]
    assert differences == {version: [] for version in pythons}
