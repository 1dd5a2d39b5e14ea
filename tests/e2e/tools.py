"""Programs and packages that the tests' own environment lacks, fetched once into `.cache/tools`."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from os import environ
from pathlib import Path

from tests.conftest import unavailable
from tests.fetching import CACHE, cached, run

# AWS publishes the emulator in the wheel of its SAM command line.
SAM = "aws-sam-cli==1.170.0"
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}

# What Lambda's own runtimes for Python have.
RUNTIME = ("awslambdaric", "boto3")

RSYSLOG = ("rsyslog-gnutls", "rsyslog-openssl")
SYSLOG_NG = ("syslog-ng-core",)
NFTABLES = ("nftables",)

# Elastic's own client knows the type of every request; its versions follow Elasticsearch's.
ELASTICSEARCH_TYPES = {
    "elasticsearch8": "npm:@elastic/elasticsearch@8.19.1",
    "elasticsearch9": "npm:@elastic/elasticsearch@9.4.3",
    "typescript": "5.9.3",
}


def runtime_interface_emulator() -> Path:
    """Return AWS's emulator of the service that runs functions."""
    return cached("aws-lambda-rie", SAM, _fetch_emulator)


def runtime_packages(python: str, release: str) -> Path:
    """Return a folder with AWS's runtime client and boto3 for a Python, which has this release."""
    wanted = [f"{name}=={version(name)}" for name in RUNTIME]

    def fetch(scratch: Path) -> Path:
        folder = scratch / "packages"
        pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
        run(*pip, "--target", str(folder), *wanted, cwd=scratch)
        return folder

    name = f"python-{release}-{'-'.join(wanted).replace('==', '-')}"
    return cached(name, f"{' and '.join(wanted)} for Python {release}", fetch)


def rsyslog() -> Path:
    """Return a folder with rsyslog unpacked."""
    return _unpacked(RSYSLOG)


def syslog_ng() -> Path:
    """Return a folder with syslog-ng unpacked; as a package it would replace rsyslog."""
    return _unpacked(SYSLOG_NG)


def elasticsearch_types() -> Path:
    """Return a folder with Elastic's clients as packages of npm, and a compiler for TypeScript."""
    if shutil.which("npm") is None:
        unavailable("npm not found; on Debian: apt-get install npm")
    wanted = [f"{name}@{source}" for name, source in ELASTICSEARCH_TYPES.items()]

    def fetch(scratch: Path) -> Path:
        folder = scratch / "packages"
        folder.mkdir()
        (folder / "package.json").write_text('{"private": true}')
        quiet = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts")
        run("npm", "install", *quiet, *wanted, cwd=folder)
        return folder

    return cached("elasticsearch-types-8.19.1-9.4.3", f"{' and '.join(wanted)} of npm", fetch)


def nftables() -> Path:
    """Return a folder with nftables unpacked."""
    return _unpacked(NFTABLES)


def with_libraries(root: Path) -> Mapping[str, str]:
    """Return an environment in which a program from such a folder finds its libraries."""
    folders = {str(file.parent) for file in root.rglob("lib*.so.*")}
    return environ | {"LD_LIBRARY_PATH": ":".join(sorted(folders))}


def _unpacked(packages: tuple[str, ...]) -> Path:
    missing = [tool for tool in ("apt-get", "apt-cache", "dpkg") if shutil.which(tool) is None]
    if missing and not (CACHE / "_".join(packages)).exists():
        unavailable(f"{' and '.join(missing)} not found: {packages} are Debian packages")
    what = f"{' and '.join(packages)} of Debian, whose lists `apt-get update` brings,"
    return cached("_".join(packages), what, lambda scratch: _fetch_debian(packages, scratch))


def _fetch_emulator(scratch: Path) -> Path:
    run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", SAM, cwd=scratch)
    [wheel] = scratch.glob("*.whl")
    member = f"samcli/local/rapid/aws-lambda-rie-{ARCHITECTURES[platform.machine()]}"
    with zipfile.ZipFile(wheel) as archive:
        binary = Path(archive.extract(member, scratch))
    binary.chmod(0o755)
    return binary


def _fetch_debian(packages: tuple[str, ...], scratch: Path) -> Path:
    run("apt-get", "download", *_with_dependencies(packages, scratch), cwd=scratch)
    root = scratch / "root"
    for package in scratch.glob("*.deb"):
        run("dpkg", "-x", str(package), str(root), cwd=scratch)
    return root


def _with_dependencies(packages: tuple[str, ...], scratch: Path) -> list[str]:
    """Return the packages, what they extend, and their libraries: their names change by release."""
    found: set[str] = set()
    following = set(packages)
    while following:
        found |= following
        said = run("apt-cache", "depends", "--important", *sorted(following), cwd=scratch)
        names = set(re.findall(r"^  Depends: ((?:lib|rsyslog)[^\s<]*)$", said, re.MULTILINE))
        following = names - found - {"libc6", "libgcc-s1"}
    return sorted(found)
