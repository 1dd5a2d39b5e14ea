"""Tables in, events of the schema `original` out."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.formats import (
    COUNT,
    FORMATS,
    MILLISECONDS,
    SECONDS,
    Quoting,
    Type,
)
from lambda_src.log_processor.kinds import Kind, kind_of_line
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.parsing import parse
from lambda_src.log_processor.reading import Block, LongLine, blocks
from lambda_src.log_processor.schemas import Schema, writer
from lambda_src.log_processor.schemas.original import ORIGINAL, original
from lambda_src.log_processor.single import Record, record

from .hostile_lines import MANY, equal_lines, many_lines
from .samples import (
    CLASSIC_EVENT,
    EVENTS,
    FIELDS,
    KEYS,
    STATIC,
    line,
)

ORIGIN = Origin("bucket", KEYS[Kind.ALB], "v1")
each_kind = pytest.mark.parametrize("kind", FORMATS)


def written(kind: Kind, *lines: str, static: Mapping[str, str] = STATIC, offset: int = 0) -> str:
    return usual_numbers(as_written(kind, *lines, static=static, offset=offset))


def as_written(kind: Kind, *lines: str, static: Mapping[str, str] = STATIC, offset: int = 0) -> str:
    parsed = parse(Block(offset, "\n".join([*lines, ""]).encode()), kind)
    assert not parsed.rejections
    return original(static)(parsed.tables, ORIGIN)


def usual_numbers(text: str) -> str:
    """Return events with 0.001048e3 as 1.048; nothing of that shape can stand within a string."""
    return re.sub(r'(?<=":)[0-9.]+e[03](?=,)', lambda found: repr(float(found[0])), text)


def exactly(expected: Mapping[str, Any], offset: int = 0) -> str:
    """Return the one text that an event may have but for numbers: compact, in order."""
    metadata = {"@metadata": {"_id": f"{ORIGIN.id}-{offset}"}}
    return json.dumps({**expected, **metadata}, ensure_ascii=False, separators=(",", ":")) + "\n"


def event_of(kind: Kind, result: Record, static: Mapping[str, str]) -> dict[str, Any]:
    """Return what a record means, put together in the plainest way."""
    types = [column.type for column in FORMATS[kind].columns]
    by_name = dict(zip(FORMATS[kind].names, map(_value, types, result.values), strict=True))
    event = {key: by_name[name] for key, name in ORIGINAL[kind].items()}
    return {**event, "ExtraFields": list(result.extra), "LogKind": kind.value, **static}


def _value(type_: Type, text: str) -> str | int | float | None:
    if type_ is COUNT:
        return None if text in ("-", "-1") else int(text)
    if type_ in (SECONDS, MILLISECONDS):
        return None if text in ("-", "-1") else float(Fraction(text) * _FACTORS[type_])
    return None if text == "-" else text


_FACTORS = {SECONDS: 1000, MILLISECONDS: 1}


class TestContract:
    """Keys, their order, values and text of whole events."""

    @each_kind
    def test_a_line_of_all_columns_becomes_the_documented_event(self, kind: Kind) -> None:
        """One kind, one set of keys."""
        assert written(kind, line(kind)) == exactly(EVENTS[kind])

    @pytest.mark.parametrize(
        ("kind", "width"),
        [(kind, width) for kind, format_ in FORMATS.items() for width in format_.widths],
    )
    def test_columns_that_an_old_line_lacks_are_null(self, kind: Kind, width: int) -> None:
        """An event has the same keys whatever the age of its line."""
        lacking = [column.event_key for column in FORMATS[kind].columns[width:]]
        expected = {**EVENTS[kind], **{key: None for key in lacking if key is not None}}
        assert written(kind, " ".join(FIELDS[kind][:width])) == exactly(expected)

    @each_kind
    def test_fields_beyond_the_known_ones_are_a_list(self, kind: Kind) -> None:
        """Nothing of a line is lost before somebody has given it a name."""
        text = line(kind) + ' - a\u2028b "\\"'
        quote = '"' if FORMATS[kind].quoting is Quoting.NONE else ""
        expected = {**EVENTS[kind], "ExtraFields": ["-", "a\u2028b", f"{quote}\\{quote}"]}
        assert written(kind, text) == exactly(expected)

    @each_kind
    def test_each_key_takes_its_value_from_a_column(self, kind: Kind) -> None:
        """The documentation shows which."""
        keys = [*ORIGINAL[kind], "ExtraFields", "LogKind", *STATIC]
        assert list(EVENTS[kind]) == keys
        assert set(ORIGINAL[kind].values()) <= set(FORMATS[kind].names)

    def test_what_kinds_have_in_common_has_one_key(self) -> None:
        """A search for a load balancer or a time finds events of all kinds."""
        common = set[str].intersection(*(set(keys) for keys in ORIGINAL.values()))
        assert common == {"EventReceivedTime", "LoadBalancerName"}

    def test_it_is_found_by_its_name(self) -> None:
        """A setting names the schema."""
        tables = parse(Block(0, line(Kind.CLASSIC).encode()), Kind.CLASSIC).tables
        found = writer(Schema("original"), STATIC)(tables, ORIGIN)
        assert usual_numbers(found) == exactly(CLASSIC_EVENT)


class TestValues:
    """How values are written."""

    def test_numbers_with_zeros_in_front_are_numbers(self) -> None:
        """Leading zeros are not JSON."""
        text = line(Kind.CLASSIC, received_bytes="000", sent_bytes="007")
        counts = {"BytesUploadedFromClient": 0, "BytesDownloadedByClient": 7}
        assert written(Kind.CLASSIC, text) == exactly(CLASSIC_EVENT | counts)

    @pytest.mark.parametrize("absent", ["-", "-1"])
    @pytest.mark.parametrize("count", [1, MANY])
    def test_absent_numbers_are_null(self, count: int, absent: str) -> None:
        """Also where other lines have some."""
        usual = line(Kind.ALB, received_bytes="17", target_processing_time="0.048")
        other = line(Kind.ALB, received_bytes=absent, target_processing_time=absent)
        found = _lines(written(Kind.ALB, *[usual, other] * count))
        events = map(json.loads, found)
        numbers = [(event["BytesUploadedFromClient"], event["TimeTaken"]) for event in events]
        assert numbers == [(17, 48.0), (None, None)] * count

    @pytest.mark.parametrize("count", [1, MANY])
    @pytest.mark.parametrize(
        "agent",
        [
            ':"-"',
            ':"-",',
            '"-"',
            '{"a":"-","b":null}',
            "null",
            "- -",
            "--",
            " -",
            "-\\",
            '\\":\\"-\\",\\"',
        ],
    )
    def test_a_dash_within_a_text_is_no_absent_value(self, agent: str, count: int) -> None:
        """Only a field that is nothing else stands for no value."""
        usual = line(Kind.CLASSIC, user_agent='"-"')
        odd = line(Kind.CLASSIC, user_agent=f'"{agent}"')
        text = written(Kind.CLASSIC, *[usual, odd] * count)
        agents = [json.loads(each)["UserAgent"] for each in text.split("\n")[:-1]]
        assert agents == [None, agent] * count

    @pytest.mark.parametrize("value", ["-", "-1", '":"-"', "", '100 % "sure" %s {0} \\', "\u2028"])
    @pytest.mark.parametrize("count", [1, MANY])
    def test_static_values_are_text_whatever_they_contain(self, value: str, count: int) -> None:
        """An environment variable is no template, and never absent."""
        static = {**STATIC, "Component": value, value: "key"}
        text = written(Kind.ALB, *[line(Kind.ALB)] * count, static=static)
        length = len(line(Kind.ALB)) + 1
        expected = {**EVENTS[Kind.ALB], **static}
        assert text == "".join(exactly(expected, number * length) for number in range(count))

    @given(st.text(alphabet=st.characters(exclude_characters='" \\\n', exclude_categories=["Cs"])))
    def test_any_text_is_one_line_of_json(self, text: str) -> None:
        """Control characters, U+2028 and the like stay inside their string."""
        request = f"{text} http://www.example.com:80/ HTTP/1.1"
        usual = line(Kind.ALB)
        odd = line(Kind.ALB, request=f'"{request}"', domain_name=f'"{text}"')
        found = written(Kind.ALB, *[usual, odd] * MANY)
        events = [json.loads(each) for each in found.split("\n")[:-1]]
        assert [event["FullRequest"] for event in events[1::2]] == [request] * MANY
        domain = None if text == "-" else text
        assert [event["DomainName"] for event in events[1::2]] == [domain] * MANY
        assert len(events) == 2 * MANY

    @given(st.integers(0, 999_999_999), st.integers(0, 999_999))
    def test_milliseconds_are_exact_to_the_logs_digits(self, seconds: int, fraction: int) -> None:
        """Moving the decimal point rounds nothing."""
        text = f"{seconds}.{fraction:06}"
        found = as_written(Kind.CLASSIC, line(Kind.CLASSIC, backend_processing_time=text))
        number = json.loads(found, parse_float=Fraction)["TimeTaken"]
        assert number == Fraction(text) * 1000

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("0.001048", "0.001048e3"),
            ("0", "0e3"),
            ("3", "3e3"),
            ("000.5", "0.5e3"),
            ("-", "null"),
        ],
    )
    def test_seconds_are_written_as_milliseconds(self, text: str, number: str) -> None:
        """Multiplying by 1000 would write 1.0479999999999998."""
        found = as_written(Kind.CLASSIC, line(Kind.CLASSIC, backend_processing_time=text))
        assert f',"TimeTaken":{number},' in found

    @pytest.mark.parametrize(("text", "number"), [("12", "12e0"), ("0.5", "0.5e0"), ("-1", "null")])
    def test_milliseconds_stay_milliseconds(self, text: str, number: str) -> None:
        """Network load balancers write no seconds."""
        found = as_written(Kind.NLB, line(Kind.NLB, connection_time=text))
        assert f',"ConnectionTime":{number},' in found

    def test_very_many_different_numbers_are_written_as_few(self) -> None:
        """What is remembered is bounded, and changes nothing."""
        write = original(STATIC)
        for start in range(0, 12_000, 1000):
            texts = [f"0.{start + number:06}" for number in range(999)] + ["-1"]
            lines = [line(Kind.ALB, target_processing_time=text) for text in texts]
            tables = parse(Block(0, "\n".join(lines).encode()), Kind.ALB).tables
            events = [json.loads(each) for each in write(tables, ORIGIN).split("\n")[:-1]]
            assert [event["TimeTaken"] for event in events] == [
                *((start + number) / 1000 for number in range(999)),
                None,
            ]


class TestManyLines:
    """Events of whole blocks."""

    @given(st.sampled_from(list(Kind)), st.data(), st.integers(0, 10**12))
    def test_each_event_is_what_its_line_means(
        self, kind: Kind, data: st.DataObject, offset: int
    ) -> None:
        """In the order of the lines, whatever stands among them."""
        lines = data.draw(many_lines(kind if kind in FORMATS else Kind.NLB))
        block = Block(offset, b"\n".join([*lines, b""]))
        found = original(STATIC)(parse(block, kind).tables, ORIGIN)
        assert usual_numbers(found).split("\n") == [*_expected(kind, lines, offset), ""]
        assert not any(math.isnan(value) for value in _numbers(found))

    def test_lines_that_are_no_records_leave_no_events(self) -> None:
        """Also if there is nothing else."""
        write = original(STATIC)
        for block in (Block(0, b"x\n\ny"), LongLine(0, b"x", 9, 9)):
            assert write(parse(block, Kind.ALB).tables, ORIGIN) == ""

    def test_a_table_of_which_nothing_is_kept_leaves_no_events(self) -> None:
        """A filter may drop all lines of a kind."""
        lines = [*equal_lines(Kind.ALB), *equal_lines(Kind.NLB)]
        tables = parse(Block(0, b"\n".join(lines)), Kind.UNKNOWN).tables
        kept = [table.kept([table.format.kind is Kind.NLB] * len(table)) for table in tables]
        write = original(STATIC)
        assert write(kept, ORIGIN).count('"LogKind":"nlb"') == write(kept, ORIGIN).count("\n")
        assert write([table.kept([False] * len(table)) for table in tables], ORIGIN) == ""

    @given(st.sampled_from(list(FORMATS)).flatmap(many_lines), st.data())
    def test_events_are_the_same_however_the_object_is_cut(
        self, lines: list[bytes], data: st.DataObject
    ) -> None:
        """Ids and all: a repeat overwrites, it does not double."""
        content = b"\n".join(lines)
        whole = _through([content])
        size = data.draw(st.sampled_from([100, 1000, 4096]))
        chunks = [content[at : at + size] for at in range(0, len(content), size)]
        assert _through(chunks) == whole
        starts = [block.offset for block in blocks(chunks)]
        start = data.draw(st.sampled_from(starts))
        assert whole.endswith(_through(chunks, start))

    def test_ids_tell_objects_and_lines_apart(self) -> None:
        """The same line in another object, or another version of it, is another event."""
        tables = parse(Block(0, b"\n".join(equal_lines(Kind.NLB))), Kind.NLB).tables
        origins = [Origin("b", "k", "1"), Origin("b", "k", "2"), Origin("c", "k", "1")]
        texts = [original(STATIC)(tables, origin) for origin in origins]
        ids = {json.loads(each)["@metadata"]["_id"] for text in texts for each in _lines(text)}
        assert len(ids) == len(origins) * MANY


def _through(chunks: list[bytes], start: int = 0) -> str:
    write = original(STATIC)
    return "".join(
        write(parse(block, Kind.UNKNOWN).tables, ORIGIN) for block in blocks(chunks, start)
    )


def _lines(text: str) -> list[str]:
    return text.split("\n")[:-1]


def _numbers(text: str) -> list[float]:
    events = map(json.loads, _lines(text))
    return [value for event in events for value in event.values() if isinstance(value, float)]


def _expected(kind: Kind, lines: list[bytes], offset: int) -> list[str]:
    events: list[str] = []
    for data in lines:
        text = data.decode("utf-8", "backslashreplace").removesuffix("\r")
        own = kind if kind in FORMATS else kind_of_line(text)
        result = record(FORMATS[own], text)
        if isinstance(result, Record):
            events.append(exactly(event_of(own, result, STATIC), offset)[:-1])
        offset += len(data) + 1
    return events
