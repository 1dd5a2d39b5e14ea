"""Packages of others out of the real index, in the zips that Lambda takes."""

from __future__ import annotations

import io
import platform
import struct
import sys
import zipfile
from pathlib import Path

import pytest

from infra.errors import InputError
from infra.packaging import package
from infra.runtime import Architecture
from tests.conftest import unavailable
from tests.unit.log_processor.test_other_pythons import interpreters, printed
from tests.unit.packaging.sources import written

COMPILED = """\
orjson==3.11.4 \\
    --hash=sha256:38aa9e65c591febb1b0aed8da4d469eba239d434c218562df179885c94e1a3ad \\
    --hash=sha256:1469d254b9884f984026bd9b0fa5bbab477a4bfe558bba6848086f6d43eb5e73
"""
PURE = """\
asn1crypto==1.5.1 \\
    --hash=sha256:db4e40728b728508912cbb3d44f19ce188f218e9eba635821bb4b68564f8fd67
pg8000==1.31.6 \\
    --hash=sha256:1ffe27af94fa5b37ce6885b98d591dc75562ff076859bf50ca7729af59345a80
python-dateutil==2.9.0.post0 \\
    --hash=sha256:a8b2bc7bffae282281c8140a97d3aa9c14da0b136dfe83f850eea9a5f7470427
scramp==1.5.0 \\
    --hash=sha256:8280608f568e81da9e9c9d69cac1331b836622d9b48bf5c5e400e16129c6d1fa
six==1.17.0 \\
    --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274
"""
MACHINES = {"arm64": 183, "x86_64": 62}
"""https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html: EM_AARCH64, EM_X86_64."""


@pytest.fixture(name="sources")
def _sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Functions that need packages, and nothing fetched yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sources = written(
        tmp_path,
        {
            "fast/handler.py": "import orjson\ndef handle(event, context): "
            "return orjson.dumps(event).decode()\n",
            "postgres/handler.py": "import pg8000.dbapi\ndef handle(event, context): "
            "return pg8000.__version__\n",
        },
    )
    (sources / "fast" / "requirements.txt").write_text(COMPILED)
    (sources / "postgres" / "requirements.txt").write_text(PURE)
    return sources


def packaged(sources: Path, function: str, architecture: Architecture) -> bytes:
    try:
        asset = package(function, bucket="b", architecture=architecture, sources=sources)
    except InputError as error:
        if "cannot be reached" in str(error):
            unavailable(str(error))
        raise
    return asset.content


def unzipped(content: bytes, folder: Path) -> Path:
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
    return folder


def called(python: str, folder: Path, function: str) -> str:
    code = f"import lambda_src.{function}.handler as it; print(it.handle({{'a': [1]}}, None))"
    return printed([python, "-S", "-P", "-c", code], {"PYTHONPATH": str(folder)})


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_a_compiled_package_is_the_one_for_the_processor(
    sources: Path, tmp_path: Path, architecture: Architecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the same bytes, also when it is fetched anew; and it runs where that can be tried."""
    content = packaged(sources, "fast", architecture)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    assert packaged(sources, "fast", architecture) == content
    folder = unzipped(content, tmp_path / "task")
    [library] = (folder / "orjson").glob("*.so")
    assert struct.unpack_from("<H", library.read_bytes(), 18)[0] == MACHINES[architecture]
    assert {each.name for each in folder.glob("orjson-*/**/*") if each.is_file()} >= {
        "METADATA",
        "LICENSE-MIT",
    }
    if architecture == {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine()):
        for version, python in interpreters().items():
            if version.startswith("3.13.") and sys.platform == "linux":
                assert called(python, folder, "fast") == '{"a":[1]}\n'


def test_pure_packages_are_the_same_for_both_and_run(sources: Path, tmp_path: Path) -> None:
    """A driver with all that it needs; its version is asked for through its metadata."""
    content = packaged(sources, "postgres", "arm64")
    assert packaged(sources, "postgres", "x86_64") == content
    folder = unzipped(content, tmp_path / "task")
    assert called(sys.executable, folder, "postgres") == "1.31.6\n"
    assert {each.name for each in folder.glob("pg8000-*/**/*")} == {
        "METADATA",
        "licenses",
        "LICENSE",
    }


def test_what_is_missing_of_them_is_found_before_lambda_finds_it(sources: Path) -> None:
    """A pin that somebody took out."""
    file = sources / "postgres" / "requirements.txt"
    file.write_text(PURE[PURE.index("pg8000") :])
    with pytest.raises(InputError, match=r"scramp 1\.5\.0 needs asn1crypto.*; add it there"):
        packaged(sources, "postgres", "arm64")
