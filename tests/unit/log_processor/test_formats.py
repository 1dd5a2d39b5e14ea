"""What holds for the columns of all formats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.formats import (
    ABSENT,
    COUNT,
    EVENT_TIME,
    FORMATS,
    MILLISECONDS,
    SECONDS,
    TEXT,
    TIME,
    Format,
    Quoting,
    Type,
)
from lambda_src.log_processor.kinds import Kind

from .samples import FIELDS

TYPES = {
    "event time": EVENT_TIME,
    "time": TIME,
    "seconds": SECONDS,
    "milliseconds": MILLISECONDS,
    "count": COUNT,
}
each_format = pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
each_type = pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)


def test_every_kind_of_log_has_a_format() -> None:
    """What is no log, or not known, has none."""
    assert set(FORMATS) == set(Kind) - {Kind.CONTROL, Kind.UNKNOWN}
    assert {kind: format_.kind for kind, format_ in FORMATS.items()} == {k: k for k in FORMATS}


@each_format
def test_the_widest_documented_line_has_all_columns(format_: Format) -> None:
    """The last width of a format is the number of its columns, and widths grow."""
    assert format_.widths[-1] == len(format_.columns) == len(set(format_.names))
    assert list(format_.widths) == sorted(set(format_.widths))


@each_format
def test_each_key_of_an_event_has_one_column(format_: Format) -> None:
    """No key is used twice, none is empty, and none is what every event carries."""
    keys = [column.event_key for column in format_.columns if column.event_key is not None]
    assert len(set(keys)) == len(keys)
    assert not {"", "ExtraFields", "LogKind", "@metadata", "Type"} & set(keys)


@each_format
def test_each_column_says_what_it_means(format_: Format) -> None:
    """The documentation is made of it."""
    assert all(column.meaning.strip() for column in format_.columns)


@each_format
def test_every_line_has_the_time_of_its_event(format_: Format) -> None:
    """One column, which the oldest line has as well."""
    times = [place for place, column in enumerate(format_.columns) if column.type is EVENT_TIME]
    assert times == [format_.time]
    assert format_.time < format_.widths[0]


@each_format
def test_columns_are_quoted_as_the_load_balancer_quotes_them(format_: Format) -> None:
    """A format without quotes has no quoted column."""
    fields = FIELDS[format_.kind]
    quoted = tuple(field.startswith('"') and field.endswith('"') for field in fields)
    assert format_.quoted == ((False,) * len(fields) if format_.quoting is Quoting.NONE else quoted)


def test_a_key_is_the_name_in_pascal_case() -> None:
    """Words of AWS's names are told by underscores and colons."""
    keys = {column.name: column.event_key for column in FORMATS[Kind.ALB].columns}
    assert keys["target:port_list"] == "TargetPortList"
    assert keys["conn_trace_id"] == "ConnTraceId"
    assert keys["type"] is None


def test_any_text_fits_a_column_of_texts() -> None:
    """Nobody promised what is in it."""
    assert TEXT.fits("")
    assert TEXT.fits("-")
    assert TEXT.fits("\x00 \u2028")


NO_DECIMALS = (
    "", "1_0", "+1", "nan", "inf", "-2", "-1.0", "1.", ".5", "1e3", "\u0663", "\u00b3", "0x1",
    "--", "1" * 10, "0." + "1" * 10, "1 ", "1\n", "1.5\n",
)  # fmt: skip
NO_COUNTS = ("", "1.0", "1_0", "+1", "-2", "\u0663", "1" * 19, "--", "1\n", " 1")
NO_TIMES = (
    "",
    "2026-08-01",
    "2026-13-01T23:39:43Z",
    "2026-00-01T23:39:43Z",
    "2026-08-32T23:39:43Z",
    "2026-08-00T23:39:43Z",
    "2026-08-01T24:00:00Z",
    "2026-08-01T23:60:00Z",
    "2026-08-01T23:00:61Z",
    "2026-08-01T23:39:43.Z",
    "2026-08-01T23:39:43.1234567890Z",
    "2026-08-01 23:39:43Z",
    "2026-08-01T23:39:43Z\n",
    "\u0662\u0660\u0662\u0666-08-01T23:39:43Z",
)
DECIMALS = ("0", "7", "0.001048", "999999999.999999999", "007", "-", "-1")


@pytest.mark.parametrize(
    ("type_", "right", "wrong"),
    [
        (SECONDS, DECIMALS, NO_DECIMALS),
        (MILLISECONDS, DECIMALS, NO_DECIMALS),
        (COUNT, ("0", "7", "007", "9" * 18, "-", "-1"), NO_COUNTS),
        (TIME, ("-", "2026-08-01T23:39:43"), (*NO_TIMES, "-1", "soon")),
        (EVENT_TIME, ("2026-08-01T23:39:43",), (*NO_TIMES, "-", "-1")),
    ],
    ids=["seconds", "milliseconds", "count", "time", "event time"],
)
def test_numbers_and_times_are_plain_digits(
    type_: Type, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    """What int() and float() would take is not enough, and no number overflows a reader's."""
    assert [text for text in right if not type_.fits(text)] == []
    assert [text for text in wrong if type_.fits(text)] == []
    assert [text for text in wrong if type_.all.fullmatch(text + "\n")] == []


@pytest.mark.parametrize("zone", ["Z", "", "+00:00", "-0530"])
@pytest.mark.parametrize("fraction", ["", ".1", ".123456", ".123456789"])
def test_a_time_may_have_any_precision_and_lack_its_zone(fraction: str, zone: str) -> None:
    """Load balancers differ in both, and a second can be a leap second."""
    text = f"2026-12-31T23:59:60{fraction}{zone}"
    assert EVENT_TIME.fits(text)
    assert TIME.fits(text)


texts = st.text(alphabet="0123456789.-+:TZ", max_size=12) | st.sampled_from(
    [ABSENT, "-1", "0", "00", "2026-08-01T23:39:43", "2026-08-01T23:39:43.123456Z"]
)


@each_type
@given(st.lists(texts, max_size=4))
def test_what_many_fields_match_together_each_matches_alone(type_: Type, fields: list[str]) -> None:
    """The usual form is a part of what is allowed."""
    if type_.all.fullmatch("".join(f"{field}\n" for field in fields)):
        assert all(map(type_.fits, fields))


def test_fields_in_their_usual_form_match_together() -> None:
    """Counts with zeros in front and times of other precisions are looked at one by one."""
    usual = {
        "event time": ["2026-08-01T23:39:43.123456Z", "2026-08-01T23:39:43"],
        "time": ["2026-08-01T23:39:43.123456Z", "-", "2026-08-01T23:39:43"],
        "seconds": ["0.001048", "-1", "-", "0", "12.5"],
        "milliseconds": ["5", "-1", "-", "12.5"],
        "count": ["0", "7", "-1", "-", "9" * 18],
    }
    for name, fields in usual.items():
        assert TYPES[name].all.fullmatch("".join(f"{field}\n" for field in fields))
    assert not COUNT.all.fullmatch("007\n")
