"""Programs that no Python package installs, fetched once into `.cache/tools`."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.conftest import unavailable

CACHE = Path(__file__).parents[2] / ".cache" / "tools"

# AWS publishes the emulator in the wheel of its SAM command line.
SAM = "aws-sam-cli==1.170.0"
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}

RSYSLOG = ("rsyslog", "libestr0", "libfastjson4", "liblognorm5")


def runtime_interface_emulator() -> Path:
    """Return AWS's emulator of the service that runs functions, or skip where none can be had."""
    try:
        return _cached("aws-lambda-rie", _fetch_emulator)
    except subprocess.CalledProcessError as error:
        unavailable(f"{SAM} cannot be fetched: {error.stderr.strip()}")


def rsyslog() -> Path:
    """Return a folder with rsyslog unpacked, or skip the test where Debian's tools are missing."""
    missing = [tool for tool in ("apt-get", "dpkg") if shutil.which(tool) is None]
    if missing and not (CACHE / "rsyslog").exists():
        unavailable(f"{' and '.join(missing)} not found: rsyslog comes as Debian packages")
    try:
        return _cached("rsyslog", _fetch_rsyslog)
    except subprocess.CalledProcessError as error:
        unavailable(f"rsyslog's Debian packages cannot be fetched: {error.stderr.strip()}")


def _cached(name: str, fetch: Callable[[Path], Path]) -> Path:
    """Return the tool from the cache; it appears there complete or not at all."""
    target = CACHE / name
    if not target.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            made = fetch(Path(scratch))
            try:
                made.rename(target)
            except OSError:  # another test process was faster
                assert target.exists()
    return target


def _fetch_emulator(scratch: Path) -> Path:
    _run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", SAM, cwd=scratch)
    [wheel] = scratch.glob("*.whl")
    member = f"samcli/local/rapid/aws-lambda-rie-{ARCHITECTURES[platform.machine()]}"
    with zipfile.ZipFile(wheel) as archive:
        binary = Path(archive.extract(member, scratch))
    binary.chmod(0o755)
    return binary


def _fetch_rsyslog(scratch: Path) -> Path:
    _run("apt-get", "download", *RSYSLOG, cwd=scratch)
    root = scratch / "root"
    for package in scratch.glob("*.deb"):
        _run("dpkg", "-x", str(package), str(root), cwd=scratch)
    return root


def _run(*command: str, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)
