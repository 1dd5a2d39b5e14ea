"""Many lines in, one table out, or none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor import bulk
from lambda_src.log_processor.formats import ABSENT, FORMATS, NLB, Quoting
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.single import FIELD_LIMIT, Record, record
from lambda_src.log_processor.tables import Table

from .hostile_lines import MANY, equal_lines, many_lines
from .samples import FIELDS, line

PIECES = ("", " ", "  ", '"', '" "', '" ', ' "', "\\", '\\"', "\\\\", "\n", "-", "x")

each_kind = pytest.mark.parametrize("kind", FORMATS)


def table(kind: Kind, lines: list[str]) -> Table | None:
    plain = all(text.isascii() and text.isprintable() for text in lines)
    text = "".join(f"{each}\n" for each in lines)
    return bulk.table(FORMATS[kind], text, range(len(lines)), plain=plain)


def records(found: Table) -> list[Record]:
    """Return the lines of a table one by one, as the log wrote them."""
    extra = found.extra or [()] * len(found)
    rows = zip(*found.raw().columns, strict=True)
    return [Record(*each) for each in zip(rows, extra, strict=True)]


@pytest.mark.parametrize(
    ("kind", "width"),
    [
        (kind, width)
        for kind, format_ in FORMATS.items()
        for width in range(format_.widths[0], format_.widths[-1] + 1)
        if format_.takes(width)
    ],
)
def test_lines_that_agree_become_a_table(kind: Kind, width: int) -> None:
    """Whatever their width, with ABSENT in the columns that they are too short for."""
    lines = [" ".join(FIELDS[kind][:width])] * MANY
    found = table(kind, lines)
    assert found is not None
    assert records(found) == [record(FORMATS[kind], text) for text in lines]
    assert set(map(tuple, found.columns[width:])) <= {(ABSENT,) * MANY}
    assert (len(found), found.extra, found.format) == (MANY, None, FORMATS[kind])


@each_kind
def test_fields_beyond_the_known_columns_are_kept(kind: Kind) -> None:
    """Of each line, in its order."""
    ours = "a" if FORMATS[kind].quoting is Quoting.NONE else '"a b"'
    found = table(kind, [f"{line(kind)} {number} {ours} " for number in range(MANY)])
    assert found is not None
    assert found.extra == [(str(number), ours.strip('"'), "") for number in range(MANY)]


ALB_LINE = line(Kind.ALB)
STRANGERS = {
    "fewer fields": ALB_LINE.rpartition(" ")[0],
    "more fields": ALB_LINE + " -",
    "a field split": ALB_LINE.replace(" TLSv1.2 ", " TLS v1.2 "),
    "two fields joined and one split": line(Kind.ALB, type="h2 x").replace(" TLSv1.2", ""),
    "empty": "",
    "another column quoted": line(Kind.ALB, domain_name="-", ssl_cipher='"x"'),
    "quotes inside a field": line(Kind.ALB, domain_name="-", ssl_cipher='x""'),
    "a quote moved out": line(Kind.ALB, user_agent='"curl" "', trace_id="-"),
    "quotes in quotes": line(Kind.ALB, user_agent='"a "b" c"', trace_id="-"),
    "no number": line(Kind.ALB, sent_bytes="x"),
    "an unusual number": line(Kind.ALB, sent_bytes="007"),
    "no time": line(Kind.ALB, time="-"),
    "an unusual time": line(Kind.ALB, time="2026-08-01T23:39:43+00:00"),
}


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("place", [0, 1, MANY // 2, MANY])
def test_one_that_does_not_agree_leaves_no_table(stranger: str, place: int) -> None:
    """No line is read by another one's shape."""
    lines = [ALB_LINE] * MANY
    lines.insert(place, stranger)
    assert table(Kind.ALB, lines) is None


@each_kind
def test_shifts_that_cancel_each_other_leave_no_table(kind: Kind) -> None:
    """The number of all fields together says nothing about each line's."""
    usual, shorter = line(kind), line(kind).rpartition(" ")[0]
    for longer in (f"{usual} x", f"x {usual}"):
        assert table(kind, [usual, shorter, longer, usual]) is None
        assert table(kind, [usual, longer, shorter, usual]) is None


def test_quotes_that_cancel_each_other_leave_no_table() -> None:
    """A text that goes on in the next line is none."""
    opening = line(Kind.ALB, request_transform_status='"x')
    closing = line(Kind.ALB, request_transform_status='y"')
    assert table(Kind.ALB, [opening, closing] * MANY) is None
    assert table(Kind.ALB, [closing, opening] * MANY) is None


@each_kind
def test_lines_of_too_many_fields_become_no_table(kind: Kind) -> None:
    """The limit is that of a single line."""
    most = line(kind) + " x" * (FIELD_LIMIT - len(FIELDS[kind]))
    assert table(kind, [most] * MANY) is not None
    assert table(kind, [most + " x"] * MANY) is None


@pytest.mark.parametrize("text", ['"x"', '"x""%"-"b"', 'a"b', '""', '"'])
def test_quotes_where_a_format_has_none_are_for_single_lines(text: str) -> None:
    """A health check has no quoted column, but could have: quotes around a field are not its."""
    assert table(Kind.ALB_HEALTH_CHECK, [line(Kind.ALB_HEALTH_CHECK, target_addr=text)] * 9) is None


def test_other_columns_in_quotes_are_for_single_lines() -> None:
    """Side by side only the load balancer's own way is read."""
    assert table(Kind.CLASSIC, [line(Kind.CLASSIC, elb='"shop"', user_agent="-")] * MANY) is None


def test_an_escaped_quote_in_a_bare_field_is_for_single_lines() -> None:
    """There it leaves the fields in doubt, and the line is rejected."""
    lines = [line(Kind.CLASSIC)] * MANY
    assert table(Kind.CLASSIC, [*lines, line(Kind.CLASSIC, elb='a\\"b')]) is None


@pytest.mark.parametrize(
    ("kind", "field", "text", "plain", "escaped"),
    [
        (Kind.NLB, "alpn_client_preference_list", "-", True, False),
        (Kind.NLB, "alpn_client_preference_list", '"h2","http/1.1"', True, True),
        (Kind.NLB, "domain_name", 'a\\"\\\\"b\\', True, True),
        (Kind.NLB, "domain_name", "\u00e9", False, False),
        (Kind.ALB, "user_agent", '"curl"', True, False),
        (Kind.ALB, "user_agent", '"\\x22\\\\"', True, True),
        (Kind.ALB, "user_agent", '"\u2028\\"', False, False),
        (Kind.CLASSIC, "user_agent", '"curl"', True, False),
        (Kind.CLASSIC, "user_agent", '"\\"a\\" \\\\ \\\\\\" b \\x\\\\"', True, True),
        (Kind.CLASSIC, "user_agent", '"\u00e9\\"a\\" \\\\ \\x\\\\"', False, False),
    ],
)
def test_backslashes_and_quotes_in_texts_come_back(
    kind: Kind, field: str, text: str, plain: bool, escaped: bool
) -> None:
    """A plain table has them as JSON wants them, and knows how the log wrote them."""
    more = " x\\y" if escaped else ""
    lines = [line(kind, **{field: text}) + more] * MANY
    found = table(kind, lines)
    assert found is not None
    assert (found.plain, found.escaped) == (plain, escaped)
    assert records(found) == [record(FORMATS[kind], each) for each in lines]
    raw = found.raw()
    assert not raw.escaped
    assert raw.raw() is raw
    inner = [json.loads(f'"{each}"') for each in found.column(field)] if plain else None
    assert inner in (None, raw.column(field))


def test_many_different_numbers_are_checked_as_well() -> None:
    """Only few texts are remembered; all are looked at."""
    for start in range(0, 10_000, 1000):
        numbers = range(start, start + 1000)
        lines = [line(Kind.ALB, sent_bytes=str(number)) for number in numbers]
        found = table(Kind.ALB, lines)
        assert found is not None
        assert found.column("sent_bytes") == list(map(str, numbers))
    assert table(Kind.ALB, [*lines, line(Kind.ALB, sent_bytes="x")]) is None


@given(st.sampled_from(list(FORMATS)), st.data())
def test_a_table_is_what_single_lines_give(kind: Kind, data: st.DataObject) -> None:
    """Whatever the lines are: there is the right table, or none."""
    format_ = FORMATS[kind]
    mark = " " if format_.quoting is Quoting.NONE else '"'
    texts = [each.decode("utf-8", "backslashreplace") for each in data.draw(many_lines(kind))]
    number = data.draw(st.sampled_from(texts)).count(mark)
    alike = [text for text in texts if text.count(mark) == number]
    for some in (texts, alike, alike[:1], alike[-1:], alike[-2:]):
        found = table(kind, some) if some else None
        if found is not None:
            assert records(found) == [record(format_, text) for text in some]


@given(st.sampled_from(list(FORMATS)), st.data())
def test_a_few_characters_anywhere_are_read_as_in_single_lines(
    kind: Kind, data: st.DataObject
) -> None:
    """Put in, or in the place of others: spaces and quotes move from one field to another."""
    text = "\n".join([line(kind)] * MANY)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        piece = data.draw(st.sampled_from(PIECES))
        text = text[:at] + piece + text[at + data.draw(st.integers(0, 2)) :]
    lines = text.split("\n")
    found = table(kind, lines)
    if found is not None:
        assert records(found) == [record(FORMATS[kind], each) for each in lines]


@each_kind
def test_lines_among_which_nothing_stands_are_taken_side_by_side(kind: Kind) -> None:
    """What the properties call equal lines is indeed read here."""
    texts = [each.decode() for each in equal_lines(kind)]
    found = table(kind, texts)
    assert found is not None
    assert records(found) == [record(FORMATS[kind], text) for text in texts]


def test_the_table_keeps_what_it_is_asked_to() -> None:
    """Offsets, columns and extra fields are cut in the same way."""
    text = "".join(f"{line(Kind.NLB)} {number}\n" for number in range(3))
    found = bulk.table(NLB, text, [0, 7, 9], plain=True)
    assert found is not None
    kept = found.kept([True, False, True])
    assert (kept.offsets, kept.extra, len(kept)) == ([0, 9], [("0",), ("2",)], 2)
    assert kept.column("version") == ["2.0", "2.0"]
    assert (kept.format, kept.plain, kept.escaped) == (NLB, True, True)
