"""The package as a user installs it: working anywhere, with the sources of its functions."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from infra.assembly import assemble
from infra.config import load
from infra.synth import files
from tests.conftest import plain

ROOT = Path(__file__).parents[2]
SOURCES = ("infra", "lambda_src", "setup.cfg", "pyproject.toml", "README.md")


@pytest.fixture(name="installed", scope="module")
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the package in it, dependencies taken from the one of the tests."""
    room = tmp_path_factory.mktemp("installed")
    for name in SOURCES:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, room / name)
    venv.create(room / "venv", symlinks=True)
    folders = {"base": str(room / "venv"), "platbase": str(room / "venv")}
    packages = Path(sysconfig.get_path("purelib", vars=folders))
    (packages / "tests-environment.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(room / "venv" / "bin" / "python")]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--disable-pip-version-check", str(room)],
        check=True,
        timeout=120,
    )
    for name in SOURCES[:2]:
        shutil.rmtree(room / name)
    return room / "venv" / "bin" / "infra"


@pytest.mark.parametrize("embed", [False, True], ids=["packaged", "embedded"])
def test_the_installed_command_synthesises_what_the_checkout_does(
    installed: Path, tmp_path: Path, embed: bool
) -> None:
    """Function sources and example environments came along."""
    subprocess.run(
        [installed, "synth", "prod", "--out", "tree", *(["--embed"] if embed else [])],
        cwd=tmp_path,
        env=plain(tmp_path),
        check=True,
        capture_output=True,
        timeout=120,
    )
    tree = files(assemble(load("prod"), embed=embed), "yaml")
    assert {path: (tmp_path / "tree" / path).read_bytes() for path in tree} == tree


def test_the_installed_command_runs_the_demo(installed: Path, tmp_path: Path) -> None:
    """The local AWS finds its plug-in, and the function its sources, outside the checkout too."""
    (tmp_path / "old.log").write_text("cut short\n")
    done = subprocess.run(
        [installed, "demo", "--json", "--file", "old.log"],
        cwd=tmp_path,
        env=plain(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, json.loads(done.stdout)["accounted"]) == (0, True), done.stderr
