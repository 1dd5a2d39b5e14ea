"""`infra package` as a user sees it: what it prints, writes, and leaves behind."""

from __future__ import annotations

import hashlib
import io
import os
import pty
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.packaging import functions, package

from .commands import ROOT
from .packaging import published
from .packaging.sources import written


class Project:
    """The command, with functions of a test's own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.index = place / "index"
        self.index.mkdir()
        (place / "tmp").mkdir()
        (place / "infra").symlink_to(ROOT / "infra")
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(place),
            "TMPDIR": str(place / "tmp"),
            "XDG_CACHE_HOME": str(place / "cache"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.index),
        }

    def has(self, function: str, requirement: str = "") -> None:
        texts = {f"{function}/handler.py": "def handle(event, context): pass\n"}
        written(self.place, texts)
        if requirement:
            (self.place / "lambda_src" / function / "requirements.txt").write_text(requirement)

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "infra", "package", *arguments],
            cwd=self.place,
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, **more: str) -> tuple[int, list[str], list[str]]:
        with self.start(*arguments, **more) as process:
            stdout, stderr = process.communicate(timeout=120)
        return process.returncode, stdout.splitlines(), stderr.splitlines()


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def thing(project: Project, tags: str = "py3-none-any") -> str:
    """A package that the index has, as a requirement."""
    sha256 = published.published(project.index, published.wheel("thing"), "thing", tags)
    return f"thing==1.0 --hash=sha256:{sha256}\n"


def test_all_functions_are_packaged_each_told_in_a_line(project: Project) -> None:
    """Path, hash and size; the path below the folder is the key in the bucket."""
    project.has("one")
    project.has("two", thing(project))
    code, lines, talk = project("--out", "build")
    assert (code, talk) == (0, ["fetch thing 1.0 for arm64"])
    told = [line.split("\t") for line in lines]
    assert [path.rpartition("/")[0] for path, _, _ in told] == ["build/one", "build/two"]
    for path, sha256, size in told:
        content = (project.place / path).read_bytes()
        assert (sha256, int(size)) == (hashlib.sha256(content).hexdigest(), len(content))
        assert path.endswith(f"/{sha256}.zip")
    with zipfile.ZipFile(project.place / told[1][0]) as archive:
        assert archive.namelist() == [
            "lambda_src/__init__.py",
            "lambda_src/two/__init__.py",
            "lambda_src/two/handler.py",
            "thing-1.0.dist-info/METADATA",
            "thing.py",
        ]


def test_a_second_run_fetches_nothing_and_makes_the_same(project: Project) -> None:
    """Even when the index is gone."""
    project.has("f", thing(project))
    code, lines, _ = project("f")
    (project.index / "thing-1.0-py3-none-any.whl").unlink()
    assert (code, project("f")) == (0, (0, lines, []))
    assert lines[0].startswith("out/packages/f/")


def test_each_processor_has_its_own_package(project: Project) -> None:
    """From one requirements.txt, with the hashes of both wheels."""
    pin = "thing==1.0"
    for machine in ("aarch64", "x86_64"):
        content = published.wheel("thing", files={"thing.so": machine})
        tags = f"cp313-cp313-manylinux_2_28_{machine}"
        sha256 = published.published(project.index, content, "thing", tags)
        pin += f" \\\n  --hash=sha256:{sha256}"
    project.has("f", pin)
    for arch, held in (("arm64", b"aarch64"), ("x86_64", b"x86_64")):
        code, [line], _ = project("f", "--arch", arch)
        with zipfile.ZipFile(project.place / line.split("\t")[0]) as archive:
            assert (code, archive.read("thing.so")) == (0, held)


def test_the_shipped_functions_are_the_ones_that_synth_takes(tmp_path: Path) -> None:
    """One way of packaging, whoever asks for it."""
    done = subprocess.run(
        [sys.executable, "-m", "infra", "package", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert [line.split("\t")[1] for line in done.stdout.splitlines()] == [
        package(name, bucket="b").sha256 for name in functions()
    ]


def test_what_is_wrong_is_a_message(project: Project) -> None:
    """An unknown function, a pin without hash: exit code 1, and what to do."""
    project.has("f", "thing==1.0\n")
    assert project("g") == (
        1,
        [],
        [f"infra: no function 'g' in {project.place}/lambda_src; there are: f"],
    )
    code, lines, [message] = project("f")
    assert (code, lines) == (1, [])
    assert message.startswith(
        f"infra: {project.place}/lambda_src/f/requirements.txt:1: thing has no --hash=sha256:…; "
    )


@pytest.fixture(name="silent")
def _silent() -> Iterator[socket.socket]:
    """An index that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield server


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_download_leaves_nothing(
    project: Project, silent: socket.socket, number: signal.Signals, code: int
) -> None:
    """Neither files nor processes, whoever interrupts it."""
    project.has("f", f"thing==1.0 --hash=sha256:{'0' * 64}\n")
    del project.environment["PIP_NO_INDEX"], project.environment["PIP_FIND_LINKS"]
    url = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
    with project.start("f", PIP_INDEX_URL=url) as process:
        connection, _ = silent.accept()
        with connection:
            process.send_signal(number)
            process.communicate(timeout=60)
    assert process.returncode == code
    assert list((project.place / "tmp").iterdir()) == []
    assert not (project.place / "cache").exists()
    assert not (project.place / "out").exists()
    assert not processes_in(project.place / "tmp")


def processes_in(folder: Path) -> list[str]:
    """The processes whose temporary files would be there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={folder}" in (process / "environ").read_text(errors="replace"):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_on_a_terminal_one_sees_what_it_waits_for(project: Project) -> None:
    """And nothing of it stays there."""
    project.has("f", thing(project))
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "infra", "package"],
        cwd=project.place,
        env=project.environment | {"TERM": "xterm", "COLUMNS": "80", "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = io.BytesIO()
        while chunk := read(ours):
            shown.write(chunk)
    os.close(ours)
    assert process.returncode == 0
    assert "fetch thing 1.0 for arm64 …" in shown.getvalue().decode()


def read(terminal: int) -> bytes:
    """What has come; nothing at its end, which Linux says by an error."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
