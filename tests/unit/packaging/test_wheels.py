"""Wheels for Lambda: the right one, checked, and once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from infra.errors import InputError, NotInstalledError
from infra.packaging.requirements import Pin
from infra.packaging.wheels import wheel
from infra.runtime import Architecture

from . import published

PLACE = "requirements.txt:1"


class Index:
    """A package index for one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "index"
        self.cache = folder / "cache"
        self.told: list[str] = []
        self.hashes: set[str] = set()

    def has(self, tags: str, version: str = "1.0") -> bytes:
        content = published.wheel("thing", version, {"thing.py": tags})
        self.hashes.add(published.published(self.folder, content, "thing", tags, version))
        return content

    def __call__(self, architecture: Architecture = "arm64", **more: tuple[str, ...]) -> bytes:
        pin = Pin("thing", "1.0", frozenset(), frozenset(self.hashes or {"0" * 64}), PLACE)
        return wheel(pin, architecture, self.told.append, **more).content


@pytest.fixture(name="index")
def _index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    index = Index(tmp_path)
    index.folder.mkdir()
    published.use(index.folder, index.cache, monkeypatch)
    return index


@pytest.mark.parametrize(
    "tags",
    [
        "cp313-cp313-manylinux_2_34_{}",
        "cp313-cp313-manylinux_2_28_{}",
        "cp313-cp313-manylinux_2_17_{}.manylinux2014_{}",
        "cp313-cp313-manylinux2014_{}",
        "cp39-abi3-manylinux_2_17_{}",
        "cp313-none-manylinux_2_17_{}",
        "py3-none-manylinux_2_17_{}",
        "py3-none-any",
        "py2.py3-none-any",
    ],
)
def test_whatever_runs_in_lambda_is_taken(index: Index, tags: str) -> None:
    """Any glibc up to Lambda's, the stable interface, pure Python; each for its processor."""
    right = index.has(tags.replace("{}", "aarch64"))
    for other in ("x86_64", "armv7l"):
        index.has(f"cp313-cp313-manylinux_2_17_{other}")
    assert index() == right


@pytest.mark.parametrize(
    "tags",
    [
        "cp313-cp313-manylinux_2_35_aarch64",
        "cp313-cp313-musllinux_1_2_aarch64",
        "cp313-cp313-macosx_11_0_arm64",
        "cp313-cp313-win_arm64",
        "cp313-cp313t-manylinux_2_17_aarch64",
        "cp312-cp312-manylinux_2_17_aarch64",
        "cp314-abi3-manylinux_2_17_aarch64",
        "cp313-cp313-manylinux_2_17_x86_64",
    ],
)
def test_nothing_else_is(index: Index, tags: str) -> None:
    """The message has the package, what there is none for, and what to do."""
    index.has(tags)
    with pytest.raises(InputError) as caught:
        index()
    assert str(caught.value) == (
        f"{PLACE}: thing 1.0 for arm64: the package index has no such version, or no wheel of it "
        "for Python 3.13 on arm64 with glibc 2.34 or older; choose a version that has one"
    )


def test_the_best_of_several_is_taken(index: Index) -> None:
    """The one that is made for just this runtime."""
    index.has("py3-none-any")
    index.has("cp312-abi3-manylinux_2_17_aarch64")
    index.has("cp313-cp313-manylinux_2_17_aarch64")
    best = index.has("cp313-cp313-manylinux_2_28_aarch64")
    assert index() == best


def test_the_other_processor_has_its_own(index: Index) -> None:
    """From the same pin, with the hashes of both."""
    arm64 = index.has("cp313-cp313-manylinux_2_17_aarch64")
    x86_64 = index.has("cp313-cp313-manylinux_2_5_x86_64.manylinux1_x86_64")
    assert (index("arm64"), index("x86_64")) == (arm64, x86_64)
    assert index.told == ["fetch thing 1.0 for arm64", "fetch thing 1.0 for x86_64"]


def test_what_was_fetched_is_kept(index: Index) -> None:
    """The second time nobody is asked."""
    content = index.has("py3-none-any")
    assert index() == content
    (index.folder / "thing-1.0-py3-none-any.whl").unlink()
    assert index() == content
    assert index.told == ["fetch thing 1.0 for arm64"]


def test_what_was_kept_is_checked(index: Index) -> None:
    """A cache that somebody has touched is not believed."""
    content = index.has("py3-none-any")
    index()
    [kept] = (index.cache / "infra" / "wheels").iterdir()
    kept.write_bytes(b"something else")
    assert index() == content
    assert kept.read_bytes() == content


def test_a_cache_that_cannot_be_written_is_done_without(index: Index) -> None:
    """It only saves time."""
    content = index.has("py3-none-any")
    index.cache.write_text("a file")
    assert index() == content


def test_another_file_than_the_pinned_one_is_refused(index: Index) -> None:
    """Whoever put it there."""
    index.has("py3-none-any")
    index.hashes = {"0" * 64}
    with pytest.raises(InputError) as caught:
        index()
    assert str(caught.value).startswith(
        f"{PLACE}: thing 1.0 for arm64: what the package index has for it has none of the hashes "
        "given. If it has a wheel for arm64, add that one's hash; "
    )
    assert not index.cache.exists()


def test_a_version_that_is_not_there_is_said_to_be_missing(index: Index) -> None:
    """Not that there is no network."""
    index.has("py3-none-any", version="2.0")
    with pytest.raises(InputError, match="the package index has no such version, or no wheel"):
        index()


def test_without_a_network_that_is_said(
    index: Index, refused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to do, and pip's own word."""
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{refused_port}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(InputError) as caught:
        index()
    said = str(caught.value)
    assert said.startswith(f"{PLACE}: thing 1.0 for arm64: the package index cannot be reached: ")
    assert said.endswith(
        "Connect to the network, or name an index that can be reached in PIP_INDEX_URL"
    )


def test_without_pip_that_is_said(index: Index) -> None:
    """Environments that other tools make may lack it."""
    with pytest.raises(NotInstalledError, match="pip, which fetches it, is not installed for"):
        index(pip=(sys.executable, "-S", "-P", "-m", "pip"))


def test_whatever_else_pip_says_is_passed_on(index: Index) -> None:
    """The last line of it is the reason."""
    broken = (sys.executable, "-c", "raise SystemExit('one\\nERROR: disk full')")
    with pytest.raises(InputError) as caught:
        index(pip=broken)
    assert str(caught.value) == (
        f"{PLACE}: thing 1.0 for arm64: pip could not fetch it: ERROR: disk full"
    )
