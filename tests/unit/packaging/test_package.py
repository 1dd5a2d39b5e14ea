"""The zip of a function: the same bytes from the same sources, and it works."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra import packaging
from infra.errors import InputError
from infra.packaging import SOURCES, package

FIXED = ((1980, 1, 1, 0, 0, 0), 0o100644 << 16, zipfile.ZIP_STORED, 3)


def test_the_key_names_the_content() -> None:
    """CloudFormation notices new code by its key, so the key is made of the content's hash."""
    asset = package("log_processor", bucket="artifacts")
    sha256 = hashlib.sha256(asset.content).hexdigest()
    assert (asset.name, asset.sha256, asset.bucket, asset.key) == (
        "log_processor",
        sha256,
        "artifacts",
        f"log_processor/{sha256}.zip",
    )


def test_the_zip_holds_all_sources_of_the_function_and_nothing_else() -> None:
    """No byte code, no caches; sorted, stored, with a fixed time and mode."""
    asset = package("log_processor", bucket="artifacts")
    with zipfile.ZipFile(io.BytesIO(asset.content)) as archive:
        entries = archive.infolist()
        held = {entry.filename: archive.read(entry) for entry in entries}
    files = [SOURCES / "__init__.py", *(SOURCES / "log_processor").rglob("*.py")]
    files.sort(key=lambda file: file.parts)
    sources = {file.relative_to(SOURCES.parent).as_posix(): file.read_bytes() for file in files}
    assert list(held.items()) == list(sources.items())
    assert "lambda_src/log_processor/delivery/receiver.py" in held
    assert {
        (entry.date_time, entry.external_attr, entry.compress_type, entry.create_system)
        for entry in entries
    } == {FIXED}


def test_modes_and_times_of_the_sources_do_not_show(tmp_path: Path) -> None:
    """Another checkout, with another umask at another time, gives the same bytes."""
    expected = package("log_processor", bucket="b")
    copy = tmp_path / "lambda_src"
    shutil.copytree(SOURCES, copy)
    for file in copy.rglob("*.py"):
        file.chmod(0o600)
        os.utime(file, (1, 1))
    (copy / "log_processor" / "notes.txt").write_text("somebody's own")
    assert package("log_processor", bucket="b", sources=copy) == expected


def test_the_handler_can_be_imported_from_the_zip_alone(tmp_path: Path) -> None:
    """Nothing of the checkout is needed where the function runs."""
    file = tmp_path / "function.zip"
    file.write_bytes(package("log_processor", bucket="b").content)
    code = (
        "import sys, lambda_src.log_processor.handler as it; print(it.__file__, it.handle.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={"PYTHONPATH": str(file), "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (
        f"{file}/lambda_src/log_processor/handler.py handle\n",
        "",
    )
    assert packaging.handler("log_processor") == "lambda_src.log_processor.handler.handle"


def test_an_unknown_function_is_named_with_the_nearest_one() -> None:
    """A mistyped name is answered with what there is."""
    with pytest.raises(InputError, match=r'did you mean "log_processor"'):
        package("log_procesor", bucket="b")
