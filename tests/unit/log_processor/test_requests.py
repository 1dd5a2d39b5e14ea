"""Requests as load balancers write them, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.requests import split_request, url_end

REQUESTS: list[tuple[str, tuple[str | None, str | None, str | None]]] = [
    (
        "GET http://www.example.com:80/?a=b HTTP/1.1",
        ("GET", "http://www.example.com:80/?a=b", "HTTP/1.1"),
    ),
    (
        "POST https://www.example.com:443/ HTTP/2.0",
        ("POST", "https://www.example.com:443/", "HTTP/2.0"),
    ),
    ("- http://host:80- -", (None, "http://host:80-", None)),
    ("- http://host:80-/ ", (None, "http://host:80-/", None)),
    ("- - - ", (None, None, None)),
    ("- - -", (None, None, None)),
    ("- -", (None, None, None)),
    ("-", (None, None, None)),
    ("", (None, None, None)),
    (" ", (None, None, None)),
    ("GET /a b c HTTP/1.1", ("GET", "/a b c", "HTTP/1.1")),
    ("GET /a HTTP/1.0 ", ("GET", "/a", "HTTP/1.0")),
    ("GET  /a  HTTP/1.1", ("GET", "/a", "HTTP/1.1")),
    ("BREW-IT /pot HTTP/1.1", ("BREW-IT", "/pot", "HTTP/1.1")),
    ("GET /%%32%65%%32%65/ HTTP/1.1", ("GET", "/%%32%65%%32%65/", "HTTP/1.1")),
    ("GET /a http/1.1", ("GET", "/a", "http/1.1")),
    ("GET /a HTTP/1.1 HTTP/1.1", ("GET", "/a HTTP/1.1", "HTTP/1.1")),
    ("GET /a HTTP/x", ("GET", "/a HTTP/x", None)),
    ("GET /a HTTP/", ("GET", "/a HTTP/", None)),
    ("GET /a HTTP/1.1234567890", ("GET", "/a HTTP/1.1234567890", None)),
    ("GET /a HTTP/²", ("GET", "/a HTTP/²", None)),
    ("GET HTTP/1.1", ("GET", None, "HTTP/1.1")),
    ("GET /a", ("GET", "/a", None)),
    ("GET", ("GET", None, None)),
    (" /a HTTP/1.1", (None, "/a", "HTTP/1.1")),
    ("GET /a\u2028b\tc\x85 HTTP/1.1", ("GET", "/a\u2028b\tc\x85", "HTTP/1.1")),
]


@pytest.mark.parametrize(("text", "parts"), REQUESTS, ids=[repr(text) for text, _ in REQUESTS])
def test_a_request_has_method_url_and_protocol(
    text: str, parts: tuple[str | None, str | None, str | None]
) -> None:
    """Only spaces separate them, and what is missing is None."""
    assert split_request(text) == parts


tokens = st.sampled_from(
    ["GET", "-", "HTTP/1.1", "HTTP/2", "HTTP/", "/a", "http://a/?b=c", "", "é"]
)
texts = st.text() | st.lists(tokens).map(" ".join)


@given(texts)
def test_no_request_raises_and_nothing_is_invented(text: str) -> None:
    """The parts stand in the request, in their order."""
    at = 0
    for part in split_request(text):
        if part is not None:
            at = text.index(part, at) + len(part)


@given(texts)
def test_after_the_url_come_spaces_and_the_protocol(text: str) -> None:
    """Whoever rewrites the URL keeps the rest as it is."""
    end = url_end(text)
    assert text[end:].strip(" ") in {"", "-", split_request(text)[2]}
    assert not text[:end].endswith(" ")
