"""Whom a local server's processes belong to: us, or somebody else where we are root."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InfraError

_CANDIDATES = ("postgres", "nobody")
_PATIENCE_SECONDS = 120
_LONGEST_PLACE = 60
"""In bytes: below it stands the server's socket, whose path has at most 103 of them on macOS.

https://man7.org/linux/man-pages/man7/unix.7.html allows 107."""


class PostgresqlError(InfraError):
    """A server that did not start, or that refused a statement of ours."""


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    uid: int | None = None
    """None for whoever we are."""
    gid: int | None = None

    def run(self, *command: str | Path, **environment: str) -> str:
        """What a command prints; a PostgresqlError with what it complained of."""
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [str(part) for part in command],
            env=surroundings() | environment,
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_SECONDS,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else (),
        )
        if done.returncode:
            raise PostgresqlError(f"{Path(command[0]).name} failed: {done.stderr.strip()}")
        return done.stdout

    def write(self, file: Path, text: str) -> None:
        """Write a file that nobody else may read."""
        file.touch(0o600)
        file.write_text(text)
        self.own(file)

    def own(self, place: Path) -> None:
        """Make a file or folder the account's."""
        if self.uid is not None and self.gid is not None:
            os.chown(place, self.uid, self.gid)

    def can_enter(self, place: Path) -> bool:
        """Whether it gets to a folder that is not its own."""
        folders = (place, *place.resolve().parents)
        return self.uid is None or all(
            each.is_dir() and each.stat().st_mode & 0o001 for each in folders
        )

    def place(self, preferred: Path | None = None) -> Path:
        """A folder for temporary ones that it can enter, and whose path is short enough."""
        first = preferred or tempfile.gettempdir()
        places = [Path(each) for each in (first, "/tmp", "/var/tmp")]  # noqa: S108
        for each in places:
            if self.can_enter(each) and len(os.fsencode(each)) <= _LONGEST_PLACE:
                return each
        raise PostgresqlError(
            f"no other user may enter any of {', '.join(map(str, places))}, and PostgreSQL "
            "refuses to run as root: set TMPDIR to a folder that others may enter, or run this as "
            "another user"
        )


def unprivileged() -> Account:
    """Whoever we are, or somebody else if we are root, whom PostgreSQL refuses."""
    if os.getuid() != 0:
        return Account()
    for name in _CANDIDATES:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresqlError(
        "PostgreSQL refuses to run as root, and this machine has none of the users "
        f"{', '.join(_CANDIDATES)} to run it as: run this as another user"
    )


def surroundings() -> dict[str, str]:
    """Nothing of the user's environment that changes what PostgreSQL does or says."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
