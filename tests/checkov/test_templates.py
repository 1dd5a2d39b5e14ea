"""checkov itself over all environments, in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import unavailable

SCRIPT = Path(__file__).parents[2] / "scripts" / "checkov"
CANNOT_BE_HAD = 3


@pytest.mark.slow
@pytest.mark.thorough
def test_everything_that_checkov_finds_is_accepted_with_a_reason() -> None:
    """And nothing is accepted in vain; the table says which, where and why."""
    done = subprocess.run([SCRIPT, sys.executable], capture_output=True, text=True, check=False)
    if done.returncode == CANNOT_BE_HAD:
        unavailable(f"checkov cannot be fetched: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr
