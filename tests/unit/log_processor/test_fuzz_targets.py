"""What must hold for any bytes, fed by hypothesis; `scripts/fuzz` feeds it by coverage."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.targets import KINDS, TARGETS

from .samples import EVENTS, line

SEEDS = {
    "lines": [bytes([place]) + line(kind).encode() for place, kind in enumerate(EVENTS)],
    "frames": [b"2A\0\0\0\x01", b"2A\0\0\0\0" * 3, b"1A\0\0\0\x01", b"2A\0"],
    "event": [json.dumps({"Records": [{"body": "{}", "messageId": "1"}]}).encode(), b"[]"],
    "request": [b"GET https://a/?token=secret&a=b HTTP/1.1", b"- - - "],
}


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
def test_it_holds_for_any_bytes(name: str, data: st.DataObject) -> None:
    """Bytes out of nothing, and what a valid input becomes when some of it is replaced."""
    seed = data.draw(st.sampled_from(SEEDS[name]))
    at = data.draw(st.integers(0, len(seed)))
    changed = st.binary(max_size=20).map(lambda some: seed[:at] + some + seed[at + len(some) :])
    TARGETS[name](data.draw(st.binary() | changed))


def test_the_seeds_are_of_the_kinds_that_they_name() -> None:
    """The first byte chooses the kind, in this order."""
    assert list(EVENTS) == list(KINDS[: len(EVENTS)])
