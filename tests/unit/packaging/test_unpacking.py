"""What of a wheel stands beside a function's own files."""

from __future__ import annotations

import pytest

from infra.errors import InputError
from infra.packaging.archive import File
from infra.packaging.requirements import Pin
from infra.packaging.unpacking import unpacked
from infra.packaging.wheels import Wheel

from . import published


def of(name: str, content: bytes, version: str = "1.0", *extras: str) -> Wheel:
    place = f"requirements.txt:{name}"
    return Wheel(Pin(name, version, frozenset(extras), frozenset(), place), content)


def test_files_stand_at_the_top_and_what_lambda_has_no_use_for_does_not() -> None:
    """Licences go along, and what importlib.metadata and scanners read; programs do not."""
    content = published.wheel(
        "thing",
        files={
            "thing/__init__.py": "x",
            "thing/native.so": b"\x7fELF",
            "thing/tool": "#!/bin/sh",
            "thing/__pycache__/a.cpython-313.pyc": "",
            "thing/old.pyc": "",
            "thing/": "",
            "thing-1.0.data/purelib/pure.py": "pure",
            "thing-1.0.data/platlib/deep/plat.py": "plat",
            "thing-1.0.data/scripts/run": "",
            "thing-1.0.data/data/share/man": "",
            "thing-1.0.data/headers/a.h": "",
            "thing-1.0.dist-info/licenses/vendor/LICENSE.txt": "deep licence",
            "thing-1.0.dist-info/LICENCE.md": "licence",
            "thing-1.0.dist-info/NOTICE": "notice",
            "thing-1.0.dist-info/entry_points.txt": "entries",
            "thing-1.0.dist-info/top_level.txt": "",
            "thing-1.0.dist-info/sboms/a.json": "",
        },
        executable=["thing/tool"],
    )
    assert unpacked([of("thing", content)], "arm64") == {
        "thing/__init__.py": File(b"x"),
        "thing/native.so": File(b"\x7fELF"),
        "thing/tool": File(b"#!/bin/sh", is_executable=True),
        "pure.py": File(b"pure"),
        "deep/plat.py": File(b"plat"),
        "thing-1.0.dist-info/licenses/vendor/LICENSE.txt": File(b"deep licence"),
        "thing-1.0.dist-info/LICENCE.md": File(b"licence"),
        "thing-1.0.dist-info/NOTICE": File(b"notice"),
        "thing-1.0.dist-info/entry_points.txt": File(b"entries"),
        "thing-1.0.dist-info/METADATA": File(b"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n"),
    }


@pytest.mark.parametrize("path", ["../outside.py", "/etc/passwd", "thing/../../outside.py"])
def test_a_file_outside_is_refused(path: str) -> None:
    """Nobody unpacks it to wherever it wants to."""
    with pytest.raises(InputError, match=r"requirements\.txt:thing: thing 1\.0 has a file '"):
        unpacked([of("thing", published.wheel("thing", files={path: ""}))], "arm64")


def test_what_a_package_needs_has_to_be_pinned_too() -> None:
    """Else the function would miss it when it runs: all that is missing is told at once."""
    needs = [
        "Absent>=2",
        "there<2",
        "elsewhere; sys_platform == 'win32'",
        "only-there; platform_machine == 'x86_64'",
        "unasked; extra == 'other'",
        "asked>1; extra == 'more'",
    ]
    wheels = [
        of("thing", published.wheel("thing", requires=needs), "1.0", "more"),
        of("there", published.wheel("there", "2.0"), "2.0"),
    ]
    with pytest.raises(InputError) as caught:
        unpacked(wheels, "arm64")
    assert str(caught.value).splitlines() == [
        "requirements.txt:thing: thing 1.0 needs Absent>=2; add it there, with version and hashes",
        "requirements.txt:there: there 2.0 is not what thing 1.0 needs: there<2",
        "requirements.txt:thing: thing 1.0 needs asked>1; add it there, with version and hashes",
    ]


def test_packages_may_share_a_file_that_is_the_same() -> None:
    """As parts of one namespace do; another content under one name is refused."""
    one, same, other = (
        of(name, published.wheel(name, files={"space/__init__.py": text, f"space/{name}.py": ""}))
        for name, text in (("one", "a"), ("same", "a"), ("other", "b"))
    )
    assert "space/same.py" in unpacked([one, same], "arm64")
    with pytest.raises(InputError) as caught:
        unpacked([one, other], "arm64")
    assert str(caught.value) == (
        "requirements.txt:other: other 1.0 has another space/__init__.py than one before it; "
        "take one of the two packages"
    )
