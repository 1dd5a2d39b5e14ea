"""Records in, events out."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.formats import Kind
from lambda_src.log_processor.parsing import Record, parser
from lambda_src.log_processor.schemas import event, milliseconds, original

from .samples import ALB_34, ALB_EVENT, CLASSIC_12, CLASSIC_15, CLASSIC_EVENT, STATIC


def written(kind: Kind, line: bytes, static: dict[str, str] = STATIC) -> str:
    record = parser(kind)(line)
    assert isinstance(record, Record), record
    return original(static)(record)


def exactly(expected: object) -> str:
    """Return the one text that an event may have: compact, in order, not only ASCII."""
    return json.dumps(expected, ensure_ascii=False, separators=(",", ":")) + "\n"


def test_a_classic_line_becomes_the_documented_event() -> None:
    """Keys, their order, values and text are a contract."""
    assert written(Kind.CLASSIC, CLASSIC_15.encode()) == exactly(CLASSIC_EVENT)


def test_an_alb_line_becomes_the_documented_event() -> None:
    """Keys, their order, values and text are a contract."""
    assert written(Kind.ALB, ALB_34.encode()) == exactly(ALB_EVENT)


def test_columns_that_an_old_line_lacks_are_null() -> None:
    """An event has the same keys whatever the age of its line."""
    expected = CLASSIC_EVENT | {"UserAgent": None, "SslCipher": None, "SslProtocol": None}
    assert written(Kind.CLASSIC, CLASSIC_12.encode()) == exactly(expected)


def test_fields_beyond_the_known_ones_are_a_list() -> None:
    """Nothing of a line is lost before somebody has given it a name."""
    line = f'{ALB_34} - "a \u2028b" "\\"'.encode()
    expected = ALB_EVENT | {"ExtraFields": ["-", "a \u2028b", "\\"]}
    assert written(Kind.ALB, line) == exactly(expected)


def test_absent_numbers_are_null_and_others_are_numbers() -> None:
    """Leading zeros are not JSON."""
    line = CLASSIC_15.replace(" 0.001048 ", " -1 ").replace(" 5 29 ", " -1 007 ")
    expected = CLASSIC_EVENT | {
        "TimeTaken": None,
        "BytesUploadedFromClient": None,
        "BytesDownloadedByClient": 7,
    }
    assert written(Kind.CLASSIC, line.encode()) == exactly(expected)


def test_static_values_are_text_whatever_they_contain() -> None:
    """An environment variable is no template."""
    static = STATIC | {"Component": '100 % "sure" %s {0} \\'}
    expected = CLASSIC_EVENT | static
    assert written(Kind.CLASSIC, CLASSIC_15.encode(), static) == exactly(expected)


@given(st.text(alphabet=st.characters(exclude_characters='" \\', exclude_categories=["Cs"])))
def test_any_text_is_one_line_of_json(text: str) -> None:
    """Control characters, U+2028 and the like stay inside their string."""
    line = CLASSIC_12.replace("GET", text).encode()
    request = f"{text} http://www.example.com:80/ HTTP/1.1"
    json_line = written(Kind.CLASSIC, line)
    assert json_line.count("\n") == 1
    assert event(json_line)["FullRequest"] == request


@given(st.integers(0, 999_999_999), st.integers(0, 999_999))
def test_milliseconds_are_exact_to_the_logs_digits(seconds: int, fraction: int) -> None:
    """Moving the decimal point rounds nothing."""
    text = f"{seconds}.{fraction:06}"
    assert Fraction(milliseconds(text)) == Fraction(text) * 1000


@pytest.mark.parametrize(("text", "number"), [("0.001048", "1.048"), ("0", "0.0"), ("3", "3000.0")])
def test_milliseconds_are_written_as_numbers(text: str, number: str) -> None:
    """Multiplying by 1000 would write 1.0479999999999998."""
    assert milliseconds(text) == number
