"""The events of several tables, in the order of their lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.schemas.order import Written, joined


def written(offsets: list[int], width: int) -> Written:
    """Return events of as many pieces, each telling its offset."""
    pieces = [piece for at in offsets for piece in [f"{at}", *[";"] * (width - 1)]]
    return Written(offsets, pieces, width)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9))), st.lists(st.integers(1, 5)))
def test_events_stand_in_the_order_of_their_lines(
    lines: list[tuple[int, int]], widths: list[int]
) -> None:
    """Whichever tables they come from, and however many pieces each event has."""
    offsets: dict[int, list[int]] = {}
    of_table: dict[int, int] = {}
    at = 0
    for table, length in lines:
        offsets.setdefault(table, []).append(at)
        of_table[at] = table
        at += length
    width = {table: (widths[table] if table < len(widths) else 2) for table in range(4)}
    expected = "".join(f"{at}{';' * (width[table] - 1)}" for at, table in of_table.items())
    tables = [written(some, width[table]) for table, some in offsets.items()]
    assert joined(tables) == joined(tables[::-1]) == expected


def test_no_tables_are_no_events() -> None:
    """A block may hold nothing but rejected lines."""
    assert joined([]) == ""
    assert joined([written([], 3)]) == ""
    assert joined([written([], 3), written([4], 2), written([], 3)]) == "4;"


def test_a_stray_line_may_stand_anywhere() -> None:
    """Before, between and behind those of the largest table."""
    largest = written([10, 20, 30], 1)
    strays = [written([0, 25], 1), written([15, 40], 1)]
    assert joined([*strays, largest]) == "010152025304" + "0"
