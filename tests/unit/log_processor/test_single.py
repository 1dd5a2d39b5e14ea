"""One line in, a record or a reason out."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambda_src.log_processor.formats import ABSENT, ALB, CLASSIC, FORMATS, NLB, Quoting
from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.single import (
    FIELD_LIMIT,
    SHOWN_CHARACTERS,
    Field,
    Record,
    fields_of,
    is_ambiguous,
    record,
)

from .samples import ALB_34, ALB_FIELDS, CLASSIC_12, CLASSIC_15, FIELDS, line

each_kind = pytest.mark.parametrize("kind", FORMATS)
QUOTING = [kind for kind, format_ in FORMATS.items() if format_.quoting is not Quoting.NONE]


def values(kind: Kind, **fields: str) -> dict[str, str]:
    """Return what a line of all columns, some of its fields replaced, has in each column."""
    result = record(FORMATS[kind], line(kind, **fields))
    assert isinstance(result, Record), result
    assert result.extra == ()
    return dict(zip(FORMATS[kind].names, result.values, strict=True))


def unquoted(kind: Kind) -> tuple[str, ...]:
    """Return the texts of the usual line."""
    quoted = FORMATS[kind].quoted
    return tuple(
        field[1:-1] if is_quoted else field
        for field, is_quoted in zip(FIELDS[kind], quoted, strict=True)
    )


class TestFields:
    """Splitting a line."""

    @pytest.mark.parametrize(
        ("text", "fields"),
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
        self, text: str, fields: list[Field]
    ) -> None:
        """Quotes elsewhere are text."""
        assert fields_of(text, escapes=False) == fields_of(text, escapes=True) == fields

    def test_a_backslash_keeps_a_quote_from_closing_where_the_format_escapes(self) -> None:
        r"""In `\" ` the quote is text for one format and the end of the field for another."""
        text = '"a\\" b" c'
        assert fields_of(text, escapes=True) == [Field('a\\" b', True), Field("c", False)]
        assert fields_of(text, escapes=False) == [
            Field("a\\", True),
            Field('b"', False),
            Field("c", False),
        ]

    @pytest.mark.parametrize("text", ['"', 'a "', 'a "b', 'a "b c', '"a"b', 'a "b"c d "e"f'])
    @pytest.mark.parametrize("escapes", [True, False])
    def test_a_quote_that_is_never_closed_leaves_no_fields(self, text: str, escapes: bool) -> None:
        """A line that was cut is not a line with fewer fields."""
        assert fields_of(text, escapes=escapes) is None

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
        text = " ".join(f'"{text}"' if quoted else text for text, quoted in fields)
        assert fields_of(text, escapes=False) == fields

    @given(st.lists(st.text(alphabet='ab" \u00e9'), min_size=1))
    def test_escaped_quotes_come_apart_again(self, texts: list[str]) -> None:
        r"""What a format writes as `\"` is read as one text, a space behind it or not."""
        escaped = [text.replace('"', '\\"') for text in texts]
        text = " ".join(f'"{text}"' for text in escaped)
        assert fields_of(text, escapes=True) == [Field(text, True) for text in escaped]

    @given(st.text(alphabet='a" \\'))
    def test_a_line_that_is_not_ambiguous_has_one_reading(self, text: str) -> None:
        """Only a backslash before a closing quote leaves a choice."""
        if not is_ambiguous(text):
            assert fields_of(text, escapes=False) == fields_of(text, escapes=True)

    @given(st.text(alphabet='ab"\\ ,'))
    def test_a_format_without_quotes_ends_each_field_at_a_space(self, text: str) -> None:
        """A quote there is text."""
        result = record(NLB, f"{line(Kind.NLB)} {text}")
        assert isinstance(result, Record)
        assert result.extra == tuple(text.split(" "))


class TestWidths:
    """Lines of every width that has been or will be."""

    @pytest.mark.parametrize(
        ("kind", "width"),
        [
            (kind, width)
            for kind, format_ in FORMATS.items()
            for width in range(format_.widths[0], format_.widths[-1] + 1)
            if format_.takes(width)
        ],
    )
    def test_columns_that_a_narrower_line_lacks_are_absent(self, kind: Kind, width: int) -> None:
        """Widths that were never documented are read as well."""
        usual = unquoted(kind)
        expected = usual[:width] + (ABSENT,) * (len(usual) - width)
        text = " ".join(FIELDS[kind][:width])
        assert record(FORMATS[kind], text) == Record(expected, ())

    @pytest.mark.parametrize("width", [13, 14])
    def test_classic_lines_never_had_widths_between(self, width: int) -> None:
        """A quote was lost, or an end: what fields are left have the wrong names."""
        text = " ".join(FIELDS[Kind.CLASSIC][:width])
        assert record(CLASSIC, text) == f"{width} fields, expected 12 or 15"

    @pytest.mark.parametrize("kind", QUOTING)
    def test_fields_beyond_the_known_columns_are_kept(self, kind: Kind) -> None:
        """AWS appends fields weeks before it documents them."""
        extra = ("-", "-", "a b", "c", "d\\")
        text = line(kind) + ' - "-" "a b" c "d\\"'
        assert record(FORMATS[kind], text) == Record(unquoted(kind), extra)

    def test_they_are_kept_with_their_quotes_where_the_format_has_none(self) -> None:
        """There a quote is a character like any other."""
        extra = ("-", '"-"', '"a', 'b"')
        assert record(NLB, line(Kind.NLB) + ' - "-" "a b"') == Record(unquoted(Kind.NLB), extra)

    @each_kind
    def test_fewer_fields_than_ever_are_rejected(self, kind: Kind) -> None:
        """The reason says how many there are and how many there must be."""
        least = FORMATS[kind].widths[0]
        text = " ".join(FIELDS[kind][: least - 1])
        assert record(FORMATS[kind], text) == f"{least - 1} fields, expected at least {least}"
        assert record(FORMATS[kind], "x") == f"1 field, expected at least {least}"

    @each_kind
    def test_an_empty_line_is_rejected(self, kind: Kind) -> None:
        """It counts, and its reason is its own."""
        assert record(FORMATS[kind], "") == "empty line"

    def test_a_line_that_was_cut_inside_quotes_is_rejected(self) -> None:
        """The reason says so."""
        cut = ALB_34[: ALB_34.index("HTTP/2.0")]
        assert record(ALB, cut) == "a quote is never closed"

    def test_a_line_that_fits_in_neither_reading_is_rejected(self) -> None:
        """An escaped quote and a text that ends in a backslash, both before spaces."""
        text = line(Kind.CLASSIC, request=r'"GET /?q=\"a\" b HTTP/1.1"', user_agent='"C:\\"')
        assert record(CLASSIC, text) == "a quote is never closed"

    @pytest.mark.parametrize(
        ("kind", "request_field"),
        [
            (Kind.CLASSIC, '"GET http://h/ "q" x HTTP/1.1"'),
            (Kind.CLASSIC, '"GET http://h/a b HTTP/1.1'),
            (Kind.ALB, '"GET http://h/ "quoted" x HTTP/1.1"'),
        ],
    )
    def test_damaged_quotes_shift_no_fields(self, kind: Kind, request_field: str) -> None:
        """Values under other columns' names are worse than a rejection."""
        found = record(FORMATS[kind], line(kind, request=request_field))
        assert isinstance(found, str)

    @pytest.mark.parametrize("tail", [" " * 2000, " x" * 2000, ' "x"' * 2000, ' \\"' * 2000])
    @each_kind
    def test_a_line_of_very_many_fields_is_rejected(self, kind: Kind, tail: str) -> None:
        """What a megabyte of them would take in memory, the function does not have."""
        for text in (line(kind), "x"):
            assert record(FORMATS[kind], text + tail) == "more than 1000 fields"

    @each_kind
    def test_as_many_fields_as_allowed_are_read(self, kind: Kind) -> None:
        """The limit itself is within it."""
        more = FIELD_LIMIT - len(FIELDS[kind])
        text = line(kind) + " x" * more
        assert record(FORMATS[kind], text) == Record(unquoted(kind), ("x",) * more)
        assert record(FORMATS[kind], text + " x") == "more than 1000 fields"


class TestTypes:
    """Values that must look like something."""

    @pytest.mark.parametrize("text", ["1_0", "+1", "", "nan", "-2", "1.", "\u0663", "1e3", "--"])
    def test_seconds_are_plain_digits(self, text: str) -> None:
        """The reason names the field, shows it, and says what it should be."""
        assert record(ALB, line(Kind.ALB, target_processing_time=text)) == (
            f'field 7 target_processing_time is "{text}", expected seconds such as 0.001048, or -1'
        )

    @pytest.mark.parametrize("text", ["1.0", "1_0", "+1", "-2", "", "\u0663", "1" * 19])
    def test_byte_counts_are_plain_digits(self, text: str) -> None:
        """What int() would take is not enough, and no count overflows a long integer."""
        assert record(CLASSIC, line(Kind.CLASSIC, sent_bytes=text)) == (
            f'field 11 sent_bytes is "{text}", expected a whole number, or -1'
        )

    def test_milliseconds_are_plain_digits(self) -> None:
        """Network load balancers write whole ones."""
        assert record(NLB, line(Kind.NLB, connection_time="soon")) == (
            'field 8 connection_time is "soon", expected milliseconds such as 12, or -1'
        )

    @pytest.mark.parametrize("text", ["-", "2026-08-01", "2026-13-01T23:39:43Z", "x\ty"])
    @each_kind
    def test_an_event_has_a_time(self, kind: Kind, text: str) -> None:
        """Without it nobody finds the event again."""
        place = FORMATS[kind].time
        name = FORMATS[kind].names[place]
        assert record(FORMATS[kind], line(kind, **{name: text})) == (
            f'field {place + 1} {name} is "{text}", '
            "expected a UTC time such as 2026-01-31T23:59:59.123456Z"
        )

    @pytest.mark.parametrize(
        ("kind", "name", "number"),
        [
            (Kind.ALB, "request_creation_time", 22),
            (Kind.NLB, "tls_connection_creation_time", 22),
        ],
    )
    def test_a_time_that_is_not_the_events_own_may_be_absent(
        self, kind: Kind, name: str, number: int
    ) -> None:
        """But it is a time, if there is one."""
        assert values(kind, **{name: "-"})[name] == ABSENT
        assert record(FORMATS[kind], line(kind, **{name: "soon"})) == (
            f'field {number} {name} is "soon", '
            "expected a UTC time such as 2026-01-31T23:59:59.123456Z, or -"
        )

    def test_a_long_value_is_shortened_in_the_reason(self) -> None:
        """A reason fits into a log line."""
        assert record(ALB, line(Kind.ALB, sent_bytes="x" * 100_000)) == (
            f'field 12 sent_bytes is "{"x" * SHOWN_CHARACTERS}…", expected a whole number, or -1'
        )

    @pytest.mark.parametrize("text", ["-", "-1", "0", "007"])
    def test_numbers_stay_as_they_were_written(self, text: str) -> None:
        """Quoted or not; what they mean is for those who write events."""
        for written in (text, f'"{text}"'):
            found = values(Kind.ALB, target_processing_time=written, received_bytes=written)
            assert found["target_processing_time"] == found["received_bytes"] == text

    @pytest.mark.parametrize("text", ["-", '"-"'])
    def test_a_dash_is_absent(self, text: str) -> None:
        """Quoted or not, whichever way the column is usually written."""
        found = values(Kind.ALB, target_port=text, redirect_url=text)
        assert found["target:port"] == found["redirect_url"] == ABSENT


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
            "GET http://host:80/\u2028\u0085\r\x00 HTTP/1.1",
        ],
    )
    def test_requests_are_kept_as_written(self, request_: str) -> None:
        """Nobody promised that a request has three words."""
        for kind in (Kind.CLASSIC, Kind.ALB):
            assert values(kind, request=f'"{request_}"')["request"] == request_

    @pytest.mark.parametrize(
        "address",
        ["2601:240:4002:5883:b5f3:aaaa:bbbb:64ec:53016", "[2001:db8::1]:80", "192.0.2.1:2817"],
    )
    def test_addresses_are_kept_as_written(self, address: str) -> None:
        """IPv6 comes with brackets and without."""
        for kind in (Kind.CLASSIC, Kind.ALB, Kind.NLB):
            assert values(kind, client_port=address)["client:port"] == address

    @pytest.mark.parametrize("domain", ["*", " www.example.com", "www.example.com:443", ""])
    def test_domains_are_kept_as_written(self, domain: str) -> None:
        """A client can send anything as a host."""
        assert values(Kind.ALB, domain_name=f'"{domain}"')["domain_name"] == domain

    @pytest.mark.parametrize("status", ["460", "463", "464", "561", "101", "0", "-"])
    def test_every_status_is_kept(self, status: str) -> None:
        """Statuses that no RFC knows are values too."""
        found = values(Kind.ALB, elb_status_code=status, target_status_code=status)
        assert found["elb_status_code"] == found["target_status_code"] == status

    @pytest.mark.parametrize("priority", ["-1", "-", "0", "50000"])
    def test_every_priority_of_a_rule_is_kept(self, priority: str) -> None:
        """A rule's priority of -1 is a value: an action of the listener failed."""
        found = values(Kind.ALB, matched_rule_priority=priority)
        assert found["matched_rule_priority"] == priority

    def test_byte_counts_may_be_minus_one(self) -> None:
        """A classic load balancer writes it for what did not happen."""
        found = values(Kind.CLASSIC, received_bytes="-1", sent_bytes="-1")
        assert (found["received_bytes"], found["sent_bytes"]) == ("-1", "-1")

    def test_a_list_of_targets_may_be_unquoted(self) -> None:
        """The documentation once showed it so."""
        found = values(Kind.ALB, target_port_list="10.0.0.1:80")
        assert found["target:port_list"] == "10.0.0.1:80"

    def test_a_list_of_protocols_has_quotes_inside(self) -> None:
        """It is one field without spaces, and stays as it was written."""
        for text in ('"h2","http/1.1"', '"h2"', "-"):
            found = values(Kind.NLB, alpn_client_preference_list=text)
            assert found["alpn_client_preference_list"] == text

    def test_escapes_are_not_decoded(self) -> None:
        """The text stays as the log wrote it."""
        agent = "\\x22\\x5C\\xC3\\x88\\x00000022"
        assert values(Kind.ALB, user_agent=f'"{agent}"')["user_agent"] == agent

    def test_a_tcp_listeners_line_is_mostly_absent(self) -> None:
        """It has neither statuses nor a request nor a user agent."""
        text = CLASSIC_12.replace(" 200 404 ", " - - ").replace(
            '"GET http://www.example.com:80/ HTTP/1.1"', '"- - - " "-" - -'
        )
        result = record(CLASSIC, text)
        assert isinstance(result, Record)
        assert result.values[7:] == ("-", "-", "5", "29", "- - - ", "-", "-", "-")

    def test_a_plain_connection_is_mostly_absent(self) -> None:
        """Without TLS there is no protocol, no cipher and no certificate."""
        text = '2026-08-01T23:39:43.945958Z 203.0.113.1 36280 80 - - - "-" - - - TID_1 - - -'
        result = record(FORMATS[Kind.ALB_CONNECTION], text)
        assert isinstance(result, Record)
        assert result.values[4:] == (*"-------", "TID_1", *"---")

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
        found = values(
            Kind.CLASSIC,
            request=f'"{request_}"',
            user_agent=f'"{agent}"',
            ssl_cipher="-",
            ssl_protocol="-",
        )
        assert (found["request"], found["user_agent"]) == (request_, agent)

    @pytest.mark.parametrize("agent", ["C:\\", 'a \\" b', "\\", "a\\\\"])
    def test_the_same_holds_for_formats_that_escape_otherwise(self, agent: str) -> None:
        r"""A load balancer that writes `\x22` leaves a backslash at the end alone."""
        assert values(Kind.ALB, user_agent=f'"{agent}"')["user_agent"] == agent

    def test_a_line_far_over_64_kib_is_a_record(self) -> None:
        """Only the reader's limit counts."""
        path = "x" * 500_000
        assert values(Kind.ALB, request=f'"{path}"')["request"] == path


class TestRobustness:
    """What holds for every input."""

    @given(st.sampled_from(list(FORMATS)), st.text())
    def test_no_text_raises(self, kind: Kind, text: str) -> None:
        """Every line is a record or has a reason."""
        result = record(FORMATS[kind], text)
        assert isinstance(result, Record | str)
        assert result

    @pytest.mark.parametrize(
        "pattern",
        ['"', '"a ', '" ', '\\"', '\\" ', '"a', ' "', "\\", '"" ', '" "a', '\\\\" ', "- ", '"a" "'],
    )
    @each_kind
    def test_hostile_quoting_takes_linear_time(self, kind: Kind, pattern: str) -> None:
        """Anything worse than linear would take minutes for lines of this length."""
        start = line(kind)
        hostile = pattern * (200_000 // len(pattern))
        for text in (hostile, f"{start} {hostile}", f'{start[:-1]} "{hostile}x'):
            assert isinstance(record(FORMATS[kind], text), Record | str)


def test_the_samples_are_lines_of_their_kinds() -> None:
    """What other tests call usual is usual."""
    assert record(CLASSIC, CLASSIC_15) == Record(unquoted(Kind.CLASSIC), ())
    assert record(ALB, " ".join(ALB_FIELDS)) == Record(unquoted(Kind.ALB), ())
