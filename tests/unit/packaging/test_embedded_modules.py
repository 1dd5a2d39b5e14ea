"""The log processor's own tests, with the modules that stand in a template."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TESTS = "tests/unit/log_processor"

APART = (
    # They look at files, or run the zip.
    "test_handler.py::test_importing_does_nothing_and_needs_nothing_of_ours",
    "test_other_pythons.py",
    # It takes long, and is about what the modules do and not about how they are carried.
    "test_forwarding.py::test_memory_does_not_grow_with_the_object",
)

ENOUGH = 1000
"""Tests that are known to be there."""

PLUGINS = ("-p", "tests.unit.packaging.embedded_plugin", "-p", "no:cacheprovider")


@pytest.mark.slow
@pytest.mark.thorough
def test_embedded_modules_behave_as_the_sources_do() -> None:
    """Nothing of what was cut out of them was needed."""
    deselected = [f"--deselect={TESTS}/{each}" for each in APART]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *PLUGINS, "--hypothesis-profile=few", *deselected, TESTS],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "-q -n 0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"(\d+) passed", done.stdout)
    assert counted is not None
    assert int(counted[1]) > ENOUGH
