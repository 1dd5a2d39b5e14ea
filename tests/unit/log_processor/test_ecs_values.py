"""What the schema `ecs` reads out of texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.formats import TIME
from lambda_src.log_processor.schemas.ecs_values import (
    Endpoint,
    Url,
    endpoint,
    instant,
    is_address,
    port_number,
    scaled,
    tls,
    url,
    utc,
    whole_number,
    written,
)

URLS = [
    ("http://h:80/", Url("http", "h", 80, "/")),
    ("https://www.example.com:443/a/b.tar.gz?c=d&e#f", None),
    ("http://host:80-", Url("http", "host", 80)),
    ("http://host:80-/", Url("http", "host", 80, "/")),
    ("http://host:-/", Url("http", "host", None, "/")),
    ("http://host:/", Url("http", "host", None, "/")),
    ("http://host", Url("http", "host")),
    ("http://:80/", Url("http", None, 80, "/")),
    ("http://[2001:db8::1]:80/", Url("http", "[2001:db8::1]", 80, "/")),
    ("http://[2001:db8::1]/", Url("http", "[2001:db8::1]", None, "/")),
    ("http://2001:db8::1:80/", Url("http", "2001:db8::1", 80, "/")),
    ("http://[::1:x/", Url("http", "[::1:x", None, "/")),
    ("http://h:99999/", Url("http", "h:99999", None, "/")),
    ("http://h:\u0661/", Url("http", "h:\u0661", None, "/")),
    ("http://user:secret@h:80/", Url("http", "h", 80, "/")),
    ("http://h?a=b://c", Url("http", "h", query="a=b://c")),
    ("http://h/#", Url("http", "h", None, "/")),
    ("wss://h:443/a b/ c?d e", Url("wss", "h", 443, "/a b/ c", "d e")),
    ("svn+ssh://h/", Url("svn+ssh", "h", None, "/")),
    ("1http://h/", Url()),
    ("/a?b=c://d", Url(path="/a", query="b=c://d")),
    ("/a.b/c", Url(path="/a.b/c")),
    ("/.env", Url(path="/.env", extension="env")),
    ("/a.", Url(path="/a.")),
    ("*", Url(path="*")),
    ("h:443", Url()),
    ("://", Url()),
    ("%%32%65", Url()),
    ("", Url()),
]


@pytest.mark.parametrize(("text", "parts"), URLS, ids=[repr(text) for text, _ in URLS])
def test_a_url_has_parts(text: str, parts: Url | None) -> None:
    """What is not there is None, and nothing is decoded."""
    full = Url("https", "www.example.com", 443, "/a/b.tar.gz", "c=d&e", "f", "gz")
    assert url(text) == (parts or full)


@given(st.text(alphabet="ahtp:/?#@[]-.80 \u0661\x00") | st.text())
def test_no_url_raises_and_nothing_is_invented(text: str) -> None:
    """The parts stand in the URL."""
    parts = url(text)
    assert all(part is None or part in text for part in parts if not isinstance(part, int))
    assert parts.port is None or 0 <= parts.port <= 65535


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TLSv1.2", ("1.2", "tls")),
        ("TLSv1.3", ("1.3", "tls")),
        ("TLSv1", ("1.0", "tls")),
        ("TLSv1.1", ("1.1", "tls")),
        ("SSLv3", ("3.0", "ssl")),
        ("tlsv10", ("1.0", "tls")),
        ("tlsv12", ("1.2", "tls")),
        ("tlsv13", ("1.3", "tls")),
        ("TLS", None),
        ("TLSv", None),
        ("TLSv.2", None),
        ("TLSvx", None),
        ("TLSv1.x", None),
        ("QUICv1", None),
        ("-", None),
        ("", None),
    ],
)
def test_a_tls_protocol_has_a_version(text: str, found: tuple[str, str] | None) -> None:
    """Application, classic and network load balancers have their own names for one protocol."""
    assert tls(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("192.0.2.1:80", Endpoint("192.0.2.1", "80")),
        ("2001:db8::1:80", Endpoint("2001:db8::1", "80")),
        ("[2001:db8::1]:80", Endpoint("2001:db8::1", "80")),
        ("[2001:db8::1]", Endpoint("2001:db8::1", None)),
        ("192.0.2.1", Endpoint("192.0.2.1", None)),
        ("192.0.2.1:", None),
        ("192.0.2.1:-", None),
        ("192.0.2.1:65536", None),
        ("192.0.2.256:80", None),
        ("192.0.02.1:80", None),
        ("fe80::1%eth0:80", None),
        ("host:80", None),
        ("", None),
        (":", None),
        ("-", None),
    ],
)
def test_an_endpoint_is_split_at_its_last_colon(text: str, found: Endpoint | None) -> None:
    """What Elasticsearch would not take for an IP address is none."""
    assert endpoint(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-08-01T23:39:43.945958Z", "2026-08-01T23:39:43.945958Z"),
        ("2026-08-01T23:39:43.5Z", "2026-08-01T23:39:43.5Z"),
        ("2026-08-01T23:39:43Z", "2026-08-01T23:39:43Z"),
        ("2026-08-01T23:39:43", "2026-08-01T23:39:43Z"),
        ("2026-08-01T23:39:43.123", "2026-08-01T23:39:43.123000Z"),
        ("2026-08-01T23:39:43.123456789+0000", "2026-08-01T23:39:43.123456789Z"),
        ("2026-08-01T23:39:43+02:00", "2026-08-01T21:39:43Z"),
        ("2026-08-01T23:39:43.000001-0330", "2026-08-02T03:09:43.000001Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("2026-02-29T00:00:00Z", None),
        ("2026-02-29T00:00:00", None),
        ("0000-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("9999-12-31T23:59:60Z", None),
        ("2026-08-01T23:39:43+24:00", None),
        ("2026-08-01T23:39:43+00:60", None),
        ("2026-08-01T23:39:43+1:23", None),
        ("2026-08-01T23:39:43+::::", None),
        ("2026-08-01T23:39:43-12345", None),
    ],
)
def test_a_time_is_written_in_utc(text: str, found: str | None) -> None:
    """As the log wrote it, if it wrote it so; a time that never was is none."""
    assert TIME.fits(text)
    assert utc(text) == found


@given(st.from_regex(TIME.pattern or "", fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_any_time_that_fits_is_read_or_none(text: str) -> None:
    """Elasticsearch and Python agree on the time that is written."""
    found = utc(text)
    assert found is None or datetime.fromisoformat(found).tzinfo is UTC
    nanoseconds = instant(text)
    assert nanoseconds is None or nanoseconds == instant(written(nanoseconds) or text)


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))
def test_instants_are_exact(moment: datetime) -> None:
    """To the nanosecond, so that durations are."""
    microseconds = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    text = moment.isoformat(timespec="microseconds")
    assert instant(f"{text}Z") == microseconds * 1000
    assert instant(f"{text}001") == microseconds * 1000 + 1
    assert written(microseconds * 1000) == f"{moment.isoformat()}Z"


@given(st.integers(0, 999_999_999), st.text("0123456789", max_size=9), st.integers(0, 9))
def test_scaled_numbers_are_exact(whole: int, fraction: str, digits: int) -> None:
    """Multiplying by 1e9 would write 1.0479999999999998."""
    text = f"{whole}.{fraction}" if fraction else str(whole)
    assert scaled(text, digits) == Fraction(text) * 10**digits // 1


@pytest.mark.parametrize(
    "text", ["", "-", "-1", "+1", "1_0", " 1", "1.0", "\u0661", "\u00b2", "1e3", "9" * 19]
)
def test_a_whole_number_has_digits_alone(text: str) -> None:
    """Python reads more as numbers than load balancers write."""
    assert whole_number(text) is None
    assert port_number(text) is None


@given(st.text())
def test_no_text_raises(text: str) -> None:
    """Whatever stands in a field."""
    for read in (whole_number, port_number, endpoint, is_address, tls, url):
        read(text)
    assert scaled(text, 9) is None or text.isascii()
