"""Lines that are usual, odd, cut, mixed up or hostile, for properties that hold for all lines."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from lambda_src.log_processor.formats import FORMATS
from lambda_src.log_processor.kinds import Kind

from .samples import FIELDS

MANY = 30
"""Enough equal lines to be looked at side by side, also when others stand among them."""

odd_texts = st.text(alphabet='ab" \\-1.,\x00\r\x7f\u0085\u2028\u00e9\U0001f600', max_size=6)
odd_fields = odd_texts | st.sampled_from(
    [
        "-",
        "-1",
        "0.001",
        "7",
        "007",
        "2026-08-01T23:39:43Z",
        "a",
        '"-"',
        '"a b"',
        '""',
        '"x\\"',
        '"\\" y"',
        # Two quotes, as a quoted field has: only where they stand tells the difference.
        'a""b',
        '"a"b',
        'a" "b',
        '" "',
        '"a" b',
        '"\u2028"',
        '"\\"',
    ]
)
garbage = odd_texts.map(str.encode) | st.binary(max_size=20).map(
    lambda line: line.replace(b"\n", b"\xff")
)


@st.composite
def strays(draw: st.DrawFn, kind: Kind) -> bytes:
    """A line that is like those of its kind but for something in it."""
    widths = st.sampled_from(FORMATS[kind].widths) | st.integers(0, len(FIELDS[kind]))
    fields = [*FIELDS[kind][: draw(widths)], *draw(st.lists(odd_fields, max_size=2))]
    if fields:
        places = st.integers(0, len(fields) - 1)
        for place in draw(st.sets(places, max_size=2)):
            fields[place] = draw(odd_fields)
        one, other = draw(places), draw(places)
        if draw(st.booleans()):
            fields[one], fields[other] = fields[other], fields[one]
    line = " ".join(fields).encode()
    at = draw(st.integers(0, len(line)))
    cut = draw(st.sampled_from([0, 0, 0, 1, len(line)]))
    return line[:at] + draw(st.just(b"") | garbage) + line[at + cut :]


any_stray = st.sampled_from(list(FORMATS)).flatmap(strays) | garbage


def equal_lines(kind: Kind, count: int = MANY) -> list[bytes]:
    """Lines of a kind that agree on everything but some of their texts."""
    return [_with_number(FIELDS[kind], number).encode() for number in range(count)]


def _with_number(fields: Sequence[str], number: int) -> str:
    line = " ".join(fields)
    return line.replace("192.0.2.", f"{number}.0.2.").replace(" 200 ", f" {number} ")


@st.composite
def many_lines(draw: st.DrawFn, kind: Kind) -> list[bytes]:
    """Equal lines of a kind, one after the other, and anything among or around them.

    What stands among them may come often as well, so that it too is read side by side.
    """
    lines = equal_lines(kind, draw(st.integers(MANY, MANY + 9)))
    others = draw(st.lists(strays(kind) | any_stray, max_size=8))
    for other in others:
        at = draw(st.integers(0, len(lines)))
        lines[at:at] = [other] * draw(st.sampled_from([1, 1, 1, 12]))
    return lines
