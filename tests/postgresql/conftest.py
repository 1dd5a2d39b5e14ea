"""The servers that all these tests share, a pair for each version."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .servers import VERSIONS, Pair, Shop, pair_of, shop_of


@pytest.fixture(
    scope="session",
    params=[*VERSIONS[:-1], pytest.param(VERSIONS[-1], marks=pytest.mark.thorough)],
)
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Primary and standby."""
    with pair_of(request.param) as running:
        yield running


@pytest.fixture
def shop(pair: Pair) -> Iterator[Shop]:
    """An application's database, of which nothing is left after the test."""
    with shop_of(pair) as here:
        yield here
