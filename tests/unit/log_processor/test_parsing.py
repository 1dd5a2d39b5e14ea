"""Blocks in, tables and rejections out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor import bulk
from lambda_src.log_processor.formats import FORMATS
from lambda_src.log_processor.kinds import Kind, kind_of_line
from lambda_src.log_processor.parsing import FEWEST, Parsed, Rejection, parse
from lambda_src.log_processor.reading import Block, LongLine
from lambda_src.log_processor.single import Record, record

from .hostile_lines import MANY, any_stray, equal_lines, many_lines
from .samples import ALB_34, CLASSIC_12, CLASSIC_15, FIELDS, line

Place = tuple[Kind, Record] | Rejection
"""Where a line may come out."""


def of(*lines: bytes | str, offset: int = 0, end: str = "\n") -> Block:
    encoded = [each.encode() if isinstance(each, str) else each for each in lines]
    return Block(offset, b"\n".join(encoded) + end.encode())


def told(parsed: Parsed) -> dict[int, Place]:
    """Return what became of the line at each offset; no line may have come out twice."""
    places: list[tuple[int, Place]] = [(each.offset, each) for each in parsed.rejections]
    for table in parsed.tables:
        assert list(table.offsets) == sorted(table.offsets)
        extra = table.extra or [()] * len(table)
        rows = zip(table.offsets, zip(*table.raw().columns, strict=True), extra, strict=True)
        places += ((at, (table.format.kind, Record(*fields))) for at, *fields in rows)
    assert len(dict(places)) == len(places) == parsed.lines
    return dict(places)


def line_by_line(kind: Kind, lines: list[bytes], offset: int) -> dict[int, Place]:
    """Return what each line is, as its reference says."""
    places: dict[int, Place] = {}
    for data in lines:
        text = data.decode("utf-8", "backslashreplace").removesuffix("\r")
        own = kind if kind in FORMATS else kind_of_line(text)
        result = record(FORMATS[own], text)
        rejection = Rejection(offset, str(result), data, len(data))
        places[offset] = (own, result) if isinstance(result, Record) else rejection
        offset += len(data) + 1
    return places


def only(parsed: Parsed) -> Place:
    (place,) = told(parsed).values()
    return place


class TestManyLines:
    """A block of many lines."""

    @given(st.sampled_from(list(Kind)), st.data(), st.integers(0, 10**12), st.sampled_from("\n|"))
    def test_each_is_what_it_is_alone(
        self, kind: Kind, data: st.DataObject, offset: int, end: str
    ) -> None:
        """Same values, same reasons, same offsets, and each line once."""
        lines = data.draw(many_lines(kind if kind in FORMATS else Kind.ALB))
        if not lines[-1] and end == "|":
            lines[-1] = b"x"
        parsed = parse(of(*lines, offset=offset, end=end.strip("|")), kind)
        assert parsed.lines == len(lines)
        assert told(parsed) == line_by_line(kind, lines, offset)
        offsets = [rejection.offset for rejection in parsed.rejections]
        assert offsets == sorted(offsets)

    @given(st.sampled_from(list(Kind)), st.lists(any_stray, min_size=1))
    def test_that_holds_where_no_two_lines_agree(self, kind: Kind, lines: list[bytes]) -> None:
        """Nothing about a line depends on its neighbours."""
        if not lines[-1]:
            lines[-1] = b"x"
        assert told(parse(of(*lines, end=""), kind)) == line_by_line(kind, lines, 0)
        assert told(parse(of(*lines), kind)) == line_by_line(kind, lines, 0)

    @pytest.mark.parametrize("kind", FORMATS)
    def test_most_are_taken_apart_side_by_side(self, kind: Kind) -> None:
        """One stray line among them slows few others down."""
        equal = equal_lines(kind, 90)
        text = b"\n".join([*equal, b""]).decode()
        assert bulk.table(FORMATS[kind], text, range(90), plain=True) is not None
        lines = [*equal[:50], b"stray", *equal[50:]]
        parsed = parse(of(*lines), kind)
        assert told(parsed) == line_by_line(kind, lines, 0)
        widest = max(parsed.tables, key=len)
        assert len(widest) >= 40
        # What was taken apart line by line is never called plain.
        assert widest.plain

    def test_mixed_kinds_come_apart(self) -> None:
        """Where the key does not say, each line tells its kind."""
        lines = [each[n] for n in range(MANY) for each in map(equal_lines, FORMATS)]
        parsed = parse(of(*lines), Kind.UNKNOWN)
        assert told(parsed) == line_by_line(Kind.UNKNOWN, lines, 0)
        assert not parsed.rejections
        numbers = dict.fromkeys(FORMATS, 0)
        for table in parsed.tables:
            numbers[table.format.kind] += len(table)
        assert numbers == dict.fromkeys(FORMATS, MANY)

    def test_widths_may_change_within_a_block(self) -> None:
        """AWS appends columns from one minute to the next."""
        lines = [
            " ".join(FIELDS[Kind.ALB][:width]).encode()
            for width in FORMATS[Kind.ALB].widths
            for _ in range(MANY)
        ]
        assert told(parse(of(*lines), Kind.ALB)) == line_by_line(Kind.ALB, lines, 0)

    @pytest.mark.parametrize("number", [1, FEWEST - 1, FEWEST, FEWEST + 1])
    def test_few_are_enough(self, number: int) -> None:
        """How many lines come together changes nothing."""
        lines = equal_lines(Kind.ALB, number)
        assert told(parse(of(*lines), Kind.ALB)) == line_by_line(Kind.ALB, lines, 0)

    @pytest.mark.parametrize("texts", ['"GET \\" "b"', '"a\\" \\"b" "c"', '"a\\" "b\\" "c" - -'])
    def test_what_is_in_doubt_is_in_doubt_for_all_of_them(self, texts: str) -> None:
        """Lines that agree on where their quotes stand need not mean what that looks like."""
        lines = [CLASSIC_12.partition('"')[0] + texts] * MANY
        parsed = parse(of(*lines), Kind.CLASSIC)
        assert told(parsed) == line_by_line(Kind.CLASSIC, list(map(str.encode, lines)), 0)

    @pytest.mark.parametrize(
        ("agent", "plain"),
        [
            ("curl", True),
            ("a\\b", True),
            ("\u00e9", False),
            ("\u2028", False),
            ("\x00", False),
            ("\t", False),
            ("\x7f", True),
        ],
    )
    def test_only_what_json_takes_as_it_is_counts_as_plain(self, agent: str, plain: bool) -> None:
        """One such text does not slow the others down, and each is told by itself."""
        plain_line = line(Kind.ALB, user_agent='"curl"')
        lines = [plain_line] * MANY + [line(Kind.ALB, user_agent=f'"{agent}"')] * MANY
        parsed = parse(of(*lines), Kind.ALB)
        by_agent = {
            text: table.plain
            for table in parsed.tables
            for text in table.raw().column("user_agent")
        }
        assert by_agent == {"curl": True, agent: plain}

    @pytest.mark.parametrize(
        "pattern",
        ['"', '"a ', '" ', '\\"', '\\" ', '"a', ' "', "\\", "\n", '"\n', " \n", '" "\n', '\\"\n'],
    )
    @pytest.mark.parametrize("kind", Kind)
    def test_hostile_blocks_take_little_time(self, kind: Kind, pattern: str) -> None:
        """Anything much worse than linear would take minutes for blocks of this size."""
        data = (pattern * (20_000 // len(pattern))).encode()
        assert not parse(Block(0, data), kind).tables


class TestLines:
    """Where a line begins and ends."""

    def test_the_last_line_needs_no_newline(self) -> None:
        """And a newline at the end starts no line."""
        assert told(parse(of("a", "b", end=""), Kind.ALB)) == told(parse(of("a", "b"), Kind.ALB))
        assert parse(of("a", "b"), Kind.ALB).lines == 2

    def test_empty_lines_are_rejected(self) -> None:
        """They count as lines, wherever they stand."""
        assert parse(Block(5, b"\n\n\r\n"), Kind.CLASSIC) == Parsed(
            3,
            [],
            [
                Rejection(5, "empty line", b"", 0),
                Rejection(6, "empty line", b"", 0),
                Rejection(7, "empty line", b"\r", 1),
            ],
        )

    def test_one_carriage_return_before_the_newline_is_dropped(self) -> None:
        """A tool that rewrote the file does not add to the last field; a second one is text."""
        lines = [f"{CLASSIC_15}\r", CLASSIC_15, f"{CLASSIC_15}\r\r"]
        parsed = parse(of(*lines, end="\r"), Kind.CLASSIC)
        protocols = [text for table in parsed.tables for text in table.column("ssl_protocol")]
        assert protocols == ["TLSv1.2", "TLSv1.2", "TLSv1.2\r\r"]
        assert told(parsed) == line_by_line(
            Kind.CLASSIC, [each.encode() for each in (*lines[:2], f"{lines[2]}\r")], 0
        )

    @pytest.mark.parametrize("text", ["\u2028", "\u0085", "\r", "\x0b", "\x0c", "\x1c", "\x00"])
    def test_only_a_newline_ends_a_line(self, text: str) -> None:
        """Whatever else a program may take for an end is text."""
        lines = [line(Kind.ALB, user_agent=f'"a{text}b"')] * MANY
        (table,) = parse(of(*lines), Kind.ALB).tables
        assert table.column("user_agent") == [f"a{text}b"] * MANY

    def test_offsets_count_bytes(self) -> None:
        """A character may have several."""
        lines = [line(Kind.ALB, user_agent='"\u00e9\U0001f600"').encode()] * 3
        length = len(lines[0]) + 1
        (table,) = parse(of(*lines, offset=1000), Kind.ALB).tables
        assert list(table.offsets) == [1000, 1000 + length, 1000 + 2 * length]

    def test_bytes_that_are_not_utf_8_stay_visible(self) -> None:
        """They are written as escapes, and the line is a record."""
        odd = line(Kind.ALB, user_agent='"@"').encode().replace(b"@", b"\xff\xc3\xa9\xed\xa0\x80")
        for count in (1, MANY):
            (table,) = parse(of(*[odd] * count), Kind.ALB).tables
            assert set(table.raw().column("user_agent")) == {"\\xff\u00e9\\xed\\xa0\\x80"}

    def test_a_line_over_the_limit_is_rejected(self) -> None:
        """What was kept of it is shown, and how long it was."""
        parsed = parse(LongLine(7, b"head", 2_000_000, 2_000_008), Kind.ALB)
        reason = "the line is longer than 1,048,576 bytes"
        assert parsed == Parsed(1, (), (Rejection(7, reason, b"head", 2_000_000),))

    def test_a_rejected_line_is_kept_as_it_was_read(self) -> None:
        """Its bytes, not what was made of them."""
        parsed = parse(of(b"\xffx\r", b"\x00", offset=3), Kind.NLB)
        assert list(parsed.rejections) == [
            Rejection(3, "1 field, expected at least 18", b"\xffx\r", 3),
            Rejection(7, "1 field, expected at least 18", b"\x00", 1),
        ]


class TestKinds:
    """Which format reads a line."""

    @pytest.mark.parametrize("kind", FORMATS)
    def test_the_content_decides_where_the_key_does_not_say(self, kind: Kind) -> None:
        """Line by line."""
        block = of(line(kind))
        assert only(parse(block, Kind.UNKNOWN)) == only(parse(block, kind))

    def test_the_key_decides_where_it_says(self) -> None:
        """A line of another kind is rejected, not guessed at."""
        assert only(parse(of(CLASSIC_12), Kind.ALB)) == Rejection(
            0, "12 fields, expected at least 18", CLASSIC_12.encode(), len(CLASSIC_12)
        )
        assert only(parse(of(ALB_34), Kind.CLASSIC)) == Rejection(
            0,
            'field 1 timestamp is "h2", expected a UTC time such as 2026-01-31T23:59:59.123456Z',
            ALB_34.encode(),
            len(ALB_34),
        )

    def test_a_test_files_line_is_no_record(self) -> None:
        """Whoever asks for it all the same gets a reason."""
        body = b"Enable AccessLog for ELB: shop at 2026-08-01T23:39:43.945Z"
        for kind in (Kind.UNKNOWN, Kind.CONTROL):
            (rejection,) = parse(Block(0, body), kind).rejections
            assert rejection == Rejection(0, "7 fields, expected at least 18", body, len(body))
