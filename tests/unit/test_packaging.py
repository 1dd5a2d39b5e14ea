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


def test_the_key_names_the_content() -> None:
    """CloudFormation notices new code by its key, so the key is made of the content's hash."""
    asset = packaging.package("log_processor", bucket="artifacts")
    sha256 = hashlib.sha256(asset.content).hexdigest()
    assert (asset.name, asset.sha256, asset.bucket, asset.key) == (
        "log_processor",
        sha256,
        "artifacts",
        f"log_processor/{sha256}.zip",
    )


def test_the_zip_holds_the_sources_and_nothing_else() -> None:
    """No byte code, no caches; sorted, stored, with a fixed time and mode."""
    asset = packaging.package("log_processor", bucket="artifacts")
    with zipfile.ZipFile(io.BytesIO(asset.content)) as archive:
        entries = archive.infolist()
    folder = packaging.SOURCES / "log_processor"
    files = sorted(folder.rglob("*.py"), key=lambda file: file.parts)
    sources = [file.relative_to(folder.parent).as_posix() for file in files]
    assert [entry.filename for entry in entries] == sources
    assert "log_processor/delivery/receiver.py" in sources
    assert {
        (entry.date_time, entry.external_attr, entry.compress_type, entry.create_system)
        for entry in entries
    } == {((1980, 1, 1, 0, 0, 0), 0o100644 << 16, zipfile.ZIP_STORED, 3)}


def test_modes_and_times_of_the_sources_do_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another checkout, with another umask at another time, gives the same bytes."""
    expected = packaging.package("log_processor", bucket="b")
    shutil.copytree(packaging.SOURCES / "log_processor", tmp_path / "log_processor")
    for file in (tmp_path / "log_processor").rglob("*.py"):
        file.chmod(0o600)
        os.utime(file, (1, 1))
    monkeypatch.setattr(packaging, "SOURCES", tmp_path)
    assert packaging.package("log_processor", bucket="b") == expected


def test_the_handler_can_be_imported_from_the_zip_alone(tmp_path: Path) -> None:
    """Nothing of the checkout is needed where the function runs."""
    file = tmp_path / "function.zip"
    file.write_bytes(packaging.package("log_processor", bucket="b").content)
    code = "from log_processor.handler import handle; print(handle.__module__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(file), "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("log_processor.handler\n", "")


def test_an_unknown_function_is_named_with_the_nearest_one() -> None:
    """A mistyped name is answered with what there is."""
    with pytest.raises(InputError, match=r'did you mean "log_processor"'):
        packaging.package("log_procesor", bucket="b")
