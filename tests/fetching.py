"""What the tests' own environment lacks, fetched once into `.cache/tools`."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.conftest import unavailable

CACHE = Path(__file__).parents[1] / ".cache" / "tools"


def cached(name: str, what: str, fetch: Callable[[Path], Path]) -> Path:
    """Return it from the cache, where it appears complete or not at all; or skip the test.

    `fetch` makes it in the folder that it is given, and says where.
    """
    target = CACHE / name
    if not target.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            try:
                made = fetch(Path(scratch))
            except subprocess.CalledProcessError as error:
                unavailable(f"{what} cannot be fetched: {error.stderr.strip()}")
            try:
                made.rename(target)
            except OSError:  # another test process was faster
                assert target.exists()
    return target


def run(*command: str, cwd: Path) -> str:
    """Return what the command prints; what it complains of is in the error."""
    done = subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout
