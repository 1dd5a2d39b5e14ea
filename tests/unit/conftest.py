"""What tests of the command share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.commands import Infra, in_process


@pytest.fixture
def infra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Infra:
    return in_process(tmp_path, monkeypatch, capfdbinary)
