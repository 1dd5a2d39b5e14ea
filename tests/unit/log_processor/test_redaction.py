"""Values of query parameters that must not leave the function."""

from __future__ import annotations

import string
from collections.abc import Iterable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.redaction import redact, redactor
from lambda_src.log_processor.requests import split_request

NAMES = ("token", "Access_Token", "email", "user[key]", "größe", "pass word")
REDACTED = redactor(NAMES)

URLS = [
    # name, case, place
    ("/?token=abc", "/?token=REDACTED"),
    ("/?TOKEN=abc&x=1", "/?TOKEN=REDACTED&x=1"),
    ("/?x=1&access_token=abc", "/?x=1&access_token=REDACTED"),
    ("/?token=a&token=b", "/?token=REDACTED&token=REDACTED"),
    ("/#access_token=abc&x=1", "/#access_token=REDACTED&x=1"),
    ("/?token=abc#part", "/?token=REDACTED#part"),
    ("/?a=1;token=abc;b=2", "/?a=1;token=REDACTED;b=2"),
    ("/a;token=abc/b", "/a;token=REDACTED"),
    ("/?a=1&amp;token=abc&amp;b=2", "/?a=1&amp;token=REDACTED&amp;b=2"),
    ("/?a=b?token=abc", "/?a=b?token=REDACTED"),
    ("/?token=abc?x=1", "/?token=REDACTED?x=1"),
    # names in disguise
    ("/?%74oken=abc", "/?%74oken=REDACTED"),
    ("/?%54%4f%4B%65%6E=abc", "/?%54%4f%4B%65%6E=REDACTED"),
    ("/?user%5Bkey%5D=abc", "/?user%5Bkey%5D=REDACTED"),
    ("/?user[key]=abc", "/?user[key]=REDACTED"),
    ("/?gr%C3%B6%C3%9Fe=abc", "/?gr%C3%B6%C3%9Fe=REDACTED"),
    ("/?Gr%C3%B6%C3%9FE=abc", "/?Gr%C3%B6%C3%9FE=REDACTED"),
    ("/?pass+word=abc", "/?pass+word=REDACTED"),
    ("/?pass%20word=abc", "/?pass%20word=REDACTED"),
    ("/?+token=abc&%20token%20=d", "/?+token=REDACTED&%20token%20=REDACTED"),
    # values that are hard to end
    ("/?token=a b c&x=1", "/?token=REDACTED&x=1"),
    ("/?token=a%20b%26c&x=1", "/?token=REDACTED&x=1"),
    (r"/?token=\x22a\x22&x=1", "/?token=REDACTED&x=1"),
    ("/?token=%22a%22&x=1", "/?token=REDACTED&x=1"),
    ("/?token=YWJj==&x=1", "/?token=REDACTED&x=1"),
    ("/?token=a;b?c&x=1", "/?token=REDACTED&x=1"),
    ("/?token=a/?#", "/?token=REDACTED#"),
    ("/?token=é\u2028\n&x=1", "/?token=REDACTED&x=1"),
    ("/?token==&x=1", "/?token=REDACTED&x=1"),
    # URLs inside of parameters
    (
        "/?next=https%3A%2F%2Fa%2F%3Ftoken%3Dabc%26x%3D1&y=2",
        "/?next=https%3A%2F%2Fa%2F%3Ftoken%3DREDACTED%26x%3D1&y=2",
    ),
    (
        "/?next=https%253A%252F%252Fa%252F%253ftoken%253dabc%2526x&y=2",
        "/?next=https%253A%252F%252Fa%252F%253ftoken%253dREDACTED%2526x&y=2",
    ),
    ("/?next=https://a/?token=abc&y=2", "/?next=https://a/?token=REDACTED&y=2"),
    ("/?next=%2F%23access_token%3Dabc", "/?next=%2F%23access_token%3DREDACTED"),
    ("/?next=%2F%3F%2574oken%3Dabc", "/?next=%2F%3F%2574oken%3DREDACTED"),
    ("/?state=token%3Dabc%26x%3D1", "/?state=token%3DREDACTED%26x%3D1"),
    ("/?next=%2F%3Ftoken=abc&y=2", "/?next=%2F%3Ftoken=REDACTED&y=2"),
    ("/?next=%%33%46token%%33%44abc&y=2", "/?next=%%33%46token%%33%44REDACTED&y=2"),
    ("/?token=a%26token%3Db&y=2", "/?token=REDACTED&y=2"),
    ("/login%3Ftoken%3Dabc", "/login%3Ftoken%3DREDACTED"),
]


@pytest.mark.parametrize(("url", "expected"), URLS, ids=[url for url, _ in URLS])
def test_values_of_named_parameters_are_redacted(url: str, expected: str) -> None:
    """Whatever surrounds the URL stays as it was."""
    for before, after in [
        ("", ""),
        ("https://www.example.com:443", ""),
        ("GET ", " HTTP/1.1"),
        ("- ", " -"),
        ("GET https://h:443", " HTTP/1.0 "),
        ("- http://h:80-", " "),
    ]:
        assert REDACTED(f"{before}{url}{after}") == f"{before}{expected}{after}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "-",
        "/",
        "/token=abc",
        "/token/abc?x=token",
        "/?token",
        "/?token=",
        "/?token=&x=1",
        "/?x=token%20abc",
        "/?tokens=abc&mytoken=abc&to.ken=abc&token[]=abc",
        "/?mail=jane@example.com",
        "/jane@example.com/",
        "/?%74oke=abc&%E9=%FF&%=%&%zz=1",
    ],
)
def test_everything_else_stays(url: str) -> None:
    """Also e-mail addresses and tokens under other names; and the text is the very same."""
    assert REDACTED(url) is url
    request = f"GET {url} HTTP/1.1"
    assert REDACTED(request) is request


def test_without_names_nothing_is_redacted() -> None:
    """Nor is an empty name one."""
    for names in ([], ["", " "]):
        assert redactor(names)("/?token=a&=b") == "/?token=a&=b"


def test_a_request_without_spaces_is_redacted_too() -> None:
    """Clients send what they like in the place of a method."""
    assert REDACTED("/?token=abc HTTP/1.1") == "/?token=REDACTED HTTP/1.1"
    assert REDACTED("?token=abc / HTTP/1.1") == "?token=REDACTED HTTP/1.1"


def test_only_columns_with_urls_are_redacted() -> None:
    """Those that a table has; the others are the same."""
    texts = ["/?token=abc", "/?x=1", "-"]
    columns = {name: list(texts) for name in ("request", "redirect_url", "user_agent")}
    redacted = redact(columns, REDACTED)
    gone = ["/?token=REDACTED", "/?x=1", "-"]
    assert redacted == {"request": gone, "redirect_url": gone, "user_agent": texts}
    assert redacted["user_agent"] is columns["user_agent"]
    assert columns["request"] == texts
    assert redact({"transformed_uri": texts}, REDACTED) == {"transformed_uri": gone}


LETTERS = string.ascii_letters + string.digits
words = st.text(LETTERS + "-._~", max_size=8)
values = st.text(LETTERS + " -._~/+@:!*'(),$\"\\%?é", max_size=12)
others = st.tuples(words.filter(lambda name: name.lower() not in {"token", "email"}), values)


def encoded(text: str, mask: int) -> str:
    """Percent-encode the characters that the bits of `mask` select."""
    return "".join(
        f"%{ord(character):02X}" if mask >> at & 1 else character
        for at, character in enumerate(text)
    )


@st.composite
def urls(draw: st.DrawFn, secret: str, depth: int = 0) -> str:
    """A URL that holds the secret in a parameter, or in a URL inside of one."""
    name = draw(st.sampled_from(["token", "Token", "EMAIL", "access_token"]))
    name = encoded(name, draw(st.integers(0, 255)))
    value = draw(values) + secret + draw(values.filter(lambda text: "?" not in text))
    value = value.replace("?", "")
    if depth < 3 and draw(st.booleans()):
        inner = draw(urls(secret, depth + 1))
        name, value = draw(words), quote(inner, safe=draw(st.sampled_from(["", "/:"])))
    pairs = [(key, quote(each)) for key, each in draw(st.lists(others, max_size=3))]
    pairs.insert(draw(st.integers(0, len(pairs))), (name, value))
    query = draw(st.sampled_from("&;")).join(f"{key}={each}" for key, each in pairs)
    return f"https://{draw(words)}/{draw(words)}{draw(st.sampled_from('?#'))}{query}"


SECRET = "s3cr3tZQ"


@given(urls(SECRET), st.sampled_from(["{}", "GET {} HTTP/1.1", "- {} -", "GET {} HTTP/1.0 "]))
def test_a_secret_never_remains(url: str, form: str) -> None:
    """However deep the URL with it is encoded; method and protocol stay."""
    text = form.format(url)
    redacted = REDACTED(text)
    assert SECRET not in redacted
    assert REDACTED(redacted) == redacted
    if form != "{}":
        before, after = split_request(text), split_request(redacted)
        assert (before[0], before[2]) == (after[0], after[2])


def pieces(values: Iterable[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(list(values))).map("".join)


ODD = (
    *("token", "%74oken", "=", "%3D", "%253D", "&", "%26", ";", "?", "%3f", "#", "%", "25", "3"),
    *("a", " ", "REDACTED", "HTTP/1.1", "-", "\\x22", "é", "+", "x=", "user[key]", "%C3", "\n"),
)


@given(pieces(ODD) | st.text())
def test_redaction_raises_nothing_and_ends(text: str) -> None:
    """What is redacted once stays as it is."""
    redacted = REDACTED(text)
    assert REDACTED(redacted) == redacted


@given(pieces(["tok", "en", "=", "%3D", "&", "%26", ";", "?", "#", "%25", "%", "a", " ", "é", "_"]))
def test_without_a_named_parameter_the_text_is_the_same(text: str) -> None:
    """A similar name is none."""
    assert redactor(["absent"])(text) is text


@given(pieces(["a=1", "b=x y", "c=%20", "d=%3D%3F", "&", "#", "?", "/", "%", "e%66=é"]))
def test_of_a_url_with_one_such_parameter_the_rest_stays(text: str) -> None:
    """Byte for byte."""
    text = text.rstrip(" ")
    assert REDACTED(f"{text}&token=abc") == f"{text}&token=REDACTED"


@pytest.mark.parametrize(
    "text",
    ["?token", "?token=;", "token=", "&token=x%26", "%25", "%", ";", "?", "=", " ", "&%74oken="],
)
def test_long_texts_are_redacted_in_reasonable_time(text: str) -> None:
    """A line may be a megabyte; what took quadratic time would not end within the test."""
    for before in ("/?token=", "/?a=", ""):
        redacted = REDACTED(f"{before}{text * (400_000 // len(text))}&token=abc")
        assert redacted.endswith("token=REDACTED")
