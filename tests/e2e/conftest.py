"""What all end-to-end tests share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.unit.log_processor.test_other_pythons import interpreters

from .functions import Python, inline, unpacked


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(unpacked, id="zip"),
        pytest.param(inline, id="embedded", marks=pytest.mark.thorough),
    ],
)
def code(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The function's code where Lambda has it, carried in either way."""
    laid: Path = request.param(tmp_path_factory.mktemp("task"))
    return laid


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a Python under each one that this machine has."""
    if "python" in metafunc.fixturenames:
        found = _pythons()
        metafunc.parametrize("python", found, ids=[each.release for each in found])


@cache
def _pythons() -> tuple[Python, ...]:
    return tuple(Python(executable, release) for release, executable in interpreters().items())
