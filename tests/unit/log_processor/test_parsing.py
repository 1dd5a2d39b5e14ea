"""Lines in, records or reasons out."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambda_src.log_processor.formats import ALB, CLASSIC, FORMATS, Format, Kind
from lambda_src.log_processor.parsing import (
    SHOWN_CHARACTERS,
    Field,
    Record,
    Rejection,
    fields_of,
    parser,
)

from .samples import ALB_34, ALB_FIELDS, CLASSIC_12, CLASSIC_15


def parse(kind: Kind, line: str) -> Record | Rejection:
    return parser(kind)(line.encode())


def record(kind: Kind, line: str) -> dict[str, str | None]:
    """Return the present and absent values by column."""
    parsed = parse(kind, line)
    assert isinstance(parsed, Record), parsed
    assert parsed.extra == ()
    return dict(zip(FORMATS[kind].names, parsed.values, strict=True))


def classic(**fields: str) -> str:
    """Return a line of 15 fields with some of them replaced."""
    names = [re.sub(r"\W", "_", name) for name in CLASSIC.names]
    usual = dict(zip(names, [*CLASSIC_12.split(" ", 11), '"curl"', "-", "-"], strict=True))
    assert fields.keys() <= usual.keys()
    return " ".join((usual | fields).values())


def alb(**fields: str) -> str:
    """Return a line of 34 fields with some of them replaced."""
    names = [re.sub(r"\W", "_", name) for name in ALB.names]
    usual = dict(zip(names, ALB_FIELDS, strict=True))
    assert fields.keys() <= usual.keys()
    return " ".join((usual | fields).values())


class TestFields:
    """Splitting a line."""

    @pytest.mark.parametrize(
        ("line", "fields"),
        [
            ("", [Field("", False)]),
            ("a b", [Field("a", False), Field("b", False)]),
            ("a  b ", [Field("a", False), Field("", False), Field("b", False), Field("", False)]),
            ('"a b" "" "-"', [Field("a b", True), Field("", True), Field("-", True)]),
            ('"a "b" c" d', [Field('a "b', True), Field('c"', False), Field("d", False)]),
            ('"a"b"', [Field('a"b', True)]),
            ('"h2","http/1.1" x', [Field('h2","http/1.1', True), Field("x", False)]),
            ('a"b" c', [Field('a"b"', False), Field("c", False)]),
            ("a\nb\u2028c \u00a0", [Field("a\nb\u2028c", False), Field("\u00a0", False)]),
        ],
    )
    def test_a_quote_closes_only_before_a_space_or_the_end(
        self, line: str, fields: list[Field]
    ) -> None:
        """Quotes elsewhere are text."""
        assert fields_of(line, escapes=False) == fields_of(line, escapes=True) == fields

    def test_a_backslash_keeps_a_quote_from_closing_where_the_format_escapes(self) -> None:
        r"""In `\" ` the quote is text for one format and the end of the field for another."""
        line = '"a\\" b" c'
        assert fields_of(line, escapes=True) == [Field('a\\" b', True), Field("c", False)]
        assert fields_of(line, escapes=False) == [
            Field("a\\", True),
            Field('b"', False),
            Field("c", False),
        ]

    @pytest.mark.parametrize("line", ['"', 'a "', 'a "b', 'a "b c', '"a"b', 'a "b"c d "e"f'])
    @pytest.mark.parametrize("escapes", [True, False])
    def test_a_quote_that_is_never_closed_leaves_no_fields(self, line: str, escapes: bool) -> None:
        """A line that was cut is not a line with fewer fields."""
        assert fields_of(line, escapes=escapes) is None

    @given(
        st.lists(
            st.builds(Field, st.from_regex(r'(?:(?!")[^ ]+)?', fullmatch=True), st.just(False))
            | st.builds(
                Field,
                st.text().map(lambda text: text.replace('" ', '"').rstrip("\\")),
                st.just(True),
            ),
            min_size=1,
        )
    )
    @example([Field('"', True), Field('""', True)])
    def test_any_line_made_of_fields_comes_apart_again(self, fields: list[Field]) -> None:
        """Nothing is lost, whatever the fields contain."""
        line = " ".join(f'"{text}"' if quoted else text for text, quoted in fields)
        assert fields_of(line, escapes=False) == fields

    @given(st.lists(st.text(alphabet='ab" \u00e9'), min_size=1))
    def test_escaped_quotes_come_apart_again(self, texts: list[str]) -> None:
        r"""What a format writes as `\"` is read as one text, a space behind it or not."""
        escaped = [text.replace('"', '\\"') for text in texts]
        line = " ".join(f'"{text}"' for text in escaped)
        assert fields_of(line, escapes=True) == [Field(text, True) for text in escaped]


class TestWidths:
    """Lines of every width that has been or will be."""

    @pytest.mark.parametrize("width", range(18, 35))
    def test_columns_that_a_narrower_line_lacks_are_absent(self, width: int) -> None:
        """Widths that were never documented are read as well."""
        whole = parse(Kind.ALB, ALB_34)
        assert isinstance(whole, Record)
        values = whole.values[:width] + (None,) * (34 - width)
        assert parse(Kind.ALB, " ".join(ALB_FIELDS[:width])) == Record(Kind.ALB, values, ())

    @pytest.mark.parametrize("width", [12, 13, 14, 15])
    def test_classic_lines_have_12_to_15_columns(self, width: int) -> None:
        """Both documented widths occur in one load balancer's history."""
        line = " ".join([CLASSIC_12, '"curl"', "ECDHE", "TLSv1.2"][: width - 11])
        found = record(Kind.CLASSIC, line)
        shown = [found["user_agent"], found["ssl_cipher"], found["ssl_protocol"]]
        assert shown == ["curl", "ECDHE", "TLSv1.2"][: width - 12] + [None] * (15 - width)

    def test_a_line_that_fits_in_neither_reading_is_rejected(self) -> None:
        """An escaped quote and a text that ends in a backslash, both before spaces."""
        line = classic(request=r'"GET /?q=\"a\" b HTTP/1.1"', user_agent='"C:\\"')
        assert parse(Kind.CLASSIC, line) == Rejection(
            "a backslash before a quote leaves the fields in doubt"
        )

    @pytest.mark.parametrize("tail", [" " * 2000, " x" * 2000, ' "x"' * 2000, ' \\"' * 2000])
    @pytest.mark.parametrize("line", [ALB_34, CLASSIC_15, "x"])
    def test_a_line_of_very_many_fields_is_rejected(self, line: str, tail: str) -> None:
        """What a megabyte of them would take in memory, the function does not have."""
        assert parse(Kind.UNKNOWN, line + tail) == Rejection("more than 1000 fields")

    @pytest.mark.parametrize(("kind", "line"), [(Kind.ALB, ALB_34), (Kind.CLASSIC, CLASSIC_15)])
    def test_fields_beyond_the_known_columns_are_kept(self, kind: Kind, line: str) -> None:
        """AWS appends fields weeks before it documents them."""
        usual = parse(kind, line)
        assert isinstance(usual, Record)
        assert parse(kind, line + ' - "-" "a b" c "d\\"') == usual._replace(
            extra=("-", "-", "a b", "c", "d\\")
        )

    @pytest.mark.parametrize(("kind", "least"), [(Kind.ALB, 18), (Kind.CLASSIC, 12)])
    def test_fewer_fields_than_ever_are_rejected(self, kind: Kind, least: int) -> None:
        """The reason says how many there are and how many there must be."""
        line = " ".join(["x"] * (least - 1))
        assert parse(kind, line) == Rejection(f"{least - 1} fields, expected at least {least}")

    @pytest.mark.parametrize("kind", [Kind.ALB, Kind.CLASSIC, Kind.UNKNOWN])
    def test_an_empty_line_is_rejected(self, kind: Kind) -> None:
        """It counts, and its reason is its own."""
        assert parse(kind, "") == Rejection("empty line")

    def test_a_line_that_was_cut_inside_quotes_is_rejected(self) -> None:
        """The reason says so."""
        cut = ALB_34[: ALB_34.index("HTTP/2.0")]
        assert parse(Kind.ALB, cut) == Rejection("a quote is never closed")


class TestTypes:
    """Values that must look like something."""

    @pytest.mark.parametrize(
        "text",
        [
            "1_0",
            "+1",
            "",
            "nan",
            "inf",
            "-2",
            "-1.0",
            "1.",
            ".5",
            "1e3",
            "\u0663",
            "\u00b3",
            "0x1",
            "--",
        ],
    )
    def test_seconds_are_plain_digits(self, text: str) -> None:
        """What float() would take is not enough."""
        assert parse(Kind.ALB, alb(target_processing_time=text)) == Rejection(
            f'field 7 target_processing_time is "{text}", expected seconds such as 0.001048, or -1'
        )

    @pytest.mark.parametrize("text", ["1.0", "1_0", "+1", "-2", "", "\u0663", "1" * 19])
    def test_byte_counts_are_plain_digits(self, text: str) -> None:
        """What int() would take is not enough, and no count overflows a long integer."""
        assert parse(Kind.CLASSIC, classic(sent_bytes=text)) == Rejection(
            f'field 11 sent_bytes is "{text}", expected a whole number, or -1'
        )

    @pytest.mark.parametrize("zone", ["Z", "", "+00:00", "-0530"])
    @pytest.mark.parametrize("fraction", ["", ".1", ".123456", ".123456789"])
    def test_a_time_may_have_any_precision_and_lack_its_zone(
        self, fraction: str, zone: str
    ) -> None:
        """Load balancers differ in both, and the text stays as it was."""
        text = f"2026-12-31T23:59:60{fraction}{zone}"
        record = parse(Kind.CLASSIC, classic(timestamp=text))
        assert isinstance(record, Record)
        assert record.values[0] == text

    @pytest.mark.parametrize(
        "text",
        [
            "-",
            "2026-08-01",
            "2026-13-01T23:39:43Z",
            "2026-08-32T23:39:43Z",
            "2026-08-01T24:00:00Z",
            "\u0662\u0660\u0662\u0666-08-01T23:39:43Z",
        ],
    )
    def test_an_event_has_a_time(self, text: str) -> None:
        """Without it nobody finds the event again."""
        reason = f'is "{text}", expected a UTC time such as 2026-01-31T23:59:59.123456Z'
        assert parse(Kind.ALB, alb(time=text)) == Rejection(f"field 2 time {reason}")
        assert parse(Kind.CLASSIC, classic(timestamp=text)) == Rejection(
            f"field 1 timestamp {reason}"
        )

    def test_a_time_that_is_not_the_events_own_may_be_absent(self) -> None:
        """But it is a time, if there is one."""
        assert record(Kind.ALB, alb(request_creation_time="-"))["request_creation_time"] is None
        assert parse(Kind.ALB, alb(request_creation_time="soon")) == Rejection(
            'field 22 request_creation_time is "soon", '
            "expected a UTC time such as 2026-01-31T23:59:59.123456Z, or -"
        )

    def test_a_long_value_is_shortened_in_the_reason(self) -> None:
        """A reason fits into a log line."""
        assert parse(Kind.ALB, alb(sent_bytes="x" * 100_000)) == Rejection(
            f'field 12 sent_bytes is "{"x" * SHOWN_CHARACTERS}…", expected a whole number, or -1'
        )

    @pytest.mark.parametrize("text", ["-", "-1", '"-"', '"-1"'])
    def test_a_number_that_is_absent_is_none(self, text: str) -> None:
        """Load balancers write -1 for what did not happen, quoted or not."""
        found = record(Kind.ALB, alb(target_processing_time=text, received_bytes=text))
        assert found["target_processing_time"] is found["received_bytes"] is None

    def test_minus_one_is_a_text_elsewhere(self) -> None:
        """A rule's priority of -1 is a value: an action of the listener failed."""
        assert record(Kind.ALB, alb(matched_rule_priority="-1"))["matched_rule_priority"] == "-1"

    @pytest.mark.parametrize("text", ["-", '"-"'])
    def test_a_dash_is_none(self, text: str) -> None:
        """Quoted or not, whichever way the column is usually written."""
        found = record(Kind.ALB, alb(target_port=text, redirect_url=text))
        assert found["target:port"] is found["redirect_url"] is None


class TestOddValues:
    """Values that broke parsers in production."""

    @pytest.mark.parametrize(
        "request_",
        [
            "- - - ",
            "- http://host:80- -",
            "- http://host:80-/ ",
            "GET http://host:80/a b c HTTP/1.1",
            "GET http://host:80/ HTTP/1.0 ",
            "BREW http://host:80/%%32%65 HTTP/1.1",
            "",
            'GET http://host:80/?q="x"&r="HTTP/1.1',
        ],
    )
    def test_requests_are_kept_as_written(self, request_: str) -> None:
        """Nobody promised that a request has three words."""
        line = classic(request=f'"{request_}"')
        assert record(Kind.CLASSIC, line)["request"] == request_
        assert record(Kind.ALB, alb(request=f'"{request_}"'))["request"] == request_

    @pytest.mark.parametrize(
        "address",
        ["2601:240:4002:5883:b5f3:aaaa:bbbb:64ec:53016", "[2001:db8::1]:80", "192.0.2.1:2817"],
    )
    def test_addresses_are_kept_as_written(self, address: str) -> None:
        """IPv6 comes with brackets and without."""
        assert record(Kind.ALB, alb(client_port=address))["client:port"] == address

    @pytest.mark.parametrize("domain", ["*", " www.example.com", "www.example.com:443"])
    def test_domains_are_kept_as_written(self, domain: str) -> None:
        """A client can send anything as a host."""
        assert record(Kind.ALB, alb(domain_name=f'"{domain}"'))["domain_name"] == domain

    @pytest.mark.parametrize("status", ["460", "463", "464", "561", "101", "0", "-"])
    def test_every_status_is_kept(self, status: str) -> None:
        """Statuses that no RFC knows are values too."""
        expected = None if status == "-" else status
        assert record(Kind.ALB, alb(elb_status_code=status))["elb_status_code"] == expected

    def test_a_list_of_targets_may_be_unquoted(self) -> None:
        """The documentation once showed it so."""
        found = record(Kind.ALB, alb(target_port_list="10.0.0.1:80"))
        assert found["target:port_list"] == "10.0.0.1:80"

    def test_escapes_are_not_decoded(self) -> None:
        """The text stays as the log wrote it."""
        agent = "\\x22\\x5C\\xC3\\x88\\x00000022"
        assert record(Kind.ALB, alb(user_agent=f'"{agent}"'))["user_agent"] == agent

    def test_a_tcp_listeners_line_is_mostly_absent(self) -> None:
        """It has neither statuses nor a request nor a user agent."""
        line = classic(
            elb_status_code="-", backend_status_code="-", request='"- - - "', user_agent='"-"'
        )
        found = record(Kind.CLASSIC, line)
        assert [found[name] for name in CLASSIC.names[7:]] == [
            None,
            None,
            "5",
            "29",
            "- - - ",
            None,
            None,
            None,
        ]

    @pytest.mark.parametrize(
        ("request_", "agent"),
        [
            ("GET / HTTP/1.1", "C:\\"),
            ("GET /a\\", "curl"),
            ("GET /a\\", "C:\\"),
            ('GET /?q=\\"x\\" HTTP/1.1', 'a \\" b'),
            ("GET / HTTP/1.1", '\\"quoted\\"'),
            ('GET /?q=\\" HTTP/1.1', "\\\\"),
        ],
    )
    def test_a_backslash_before_a_quote_is_read_the_way_that_fits(
        self, request_: str, agent: str
    ) -> None:
        """It ends a text or escapes a quote, and only the rest of the line tells which."""
        line = classic(request=f'"{request_}"', user_agent=f'"{agent}"')
        found = record(Kind.CLASSIC, line)
        assert (found["request"], found["user_agent"]) == (request_, agent)

    @pytest.mark.parametrize("agent", ["C:\\", 'a \\" b', "\\", "a\\\\"])
    def test_the_same_holds_for_formats_that_escape_otherwise(self, agent: str) -> None:
        r"""A load balancer that writes `\x22` leaves a backslash at the end alone."""
        assert record(Kind.ALB, alb(user_agent=f'"{agent}"'))["user_agent"] == agent

    def test_bytes_that_are_not_utf_8_stay_visible(self) -> None:
        """They are written as escapes, and the line is a record."""
        line = alb(user_agent='"@"').encode().replace(b'"@"', b'"\xff\xc3\xa9\xed\xa0\x80"')
        parsed = parser(Kind.ALB)(line)
        assert isinstance(parsed, Record)
        assert parsed.values[13] == "\\xff\u00e9\\xed\\xa0\\x80"

    def test_a_line_far_over_64_kib_is_a_record(self) -> None:
        """Only the reader's limit counts."""
        path = "x" * 500_000
        assert record(Kind.ALB, alb(request=f'"{path}"'))["request"] == path


class TestKinds:
    """Which parser reads a line."""

    def test_the_content_decides_where_the_key_does_not_say(self) -> None:
        """Line by line."""
        assert parse(Kind.UNKNOWN, ALB_34) == parse(Kind.ALB, ALB_34)
        assert parse(Kind.UNKNOWN, CLASSIC_15) == parse(Kind.CLASSIC, CLASSIC_15)

    def test_the_key_decides_where_it_says(self) -> None:
        """A line of another kind is rejected, not guessed at."""
        assert parse(Kind.ALB, CLASSIC_15) == Rejection("15 fields, expected at least 18")

    @pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.CLASSIC, Kind.ALB, Kind.UNKNOWN}))
    def test_a_kind_that_is_not_handled_yet_is_rejected(self, kind: Kind) -> None:
        """Its lines are counted, not lost."""
        assert parse(kind, ALB_34) == Rejection(f"logs of the kind {kind} are not handled yet")


usual_fields = st.sampled_from(
    ["-", "-1", "0.001", "7", "2026-08-01T23:39:43Z", "a", '"-"', '"a b"', '""', '"x\\"', '"\\" y"']
) | st.text(alphabet='ab" \\-1.')


class TestRobustness:
    """What holds for every input."""

    @given(st.sampled_from(list(Kind)), st.binary())
    def test_no_bytes_raise(self, kind: Kind, line: bytes) -> None:
        """Every line is a record or has a reason."""
        assert isinstance(parser(kind)(line), Record | Rejection)

    @given(st.sampled_from([CLASSIC, ALB]), st.data())
    def test_both_ways_of_parsing_agree(self, format_: Format, data: st.DataObject) -> None:
        """The pattern for usual lines takes no line that field by field reads otherwise."""
        fields = list(ALB_FIELDS if format_ is ALB else CLASSIC_15.split(" ", 11))
        if format_ is CLASSIC:
            fields = [*CLASSIC_12.split(" ", 11), '"a \\"b"', "-", "TLSv1.2"]
        width = data.draw(st.integers(format_.widths[0], len(fields)))
        line = fields[:width] + data.draw(st.lists(usual_fields, max_size=3))
        for place in data.draw(st.sets(st.integers(0, len(line) - 1), max_size=3)):
            line[place] = data.draw(usual_fields)
        text = " ".join(line)
        parse_ = parser(format_.kind)
        assert parse_(text.encode()) == parse_._by_field(text)  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        "pattern",
        ['"', '"a ', '" ', '\\"', '\\" ', '"a', ' "', "\\", '"" ', '" "a', '\\\\" ', "- ", '"a" "'],
    )
    @pytest.mark.parametrize("kind", [Kind.CLASSIC, Kind.ALB])
    def test_hostile_quoting_takes_linear_time(self, kind: Kind, pattern: str) -> None:
        """Anything worse than linear would take minutes for lines of this length."""
        start = ALB_34 if kind is Kind.ALB else CLASSIC_15
        hostile = pattern * (200_000 // len(pattern))
        for line in (hostile, f"{start} {hostile}", f'{start[:-1]} "{hostile}x'):
            assert isinstance(parse(kind, line), Record | Rejection)
