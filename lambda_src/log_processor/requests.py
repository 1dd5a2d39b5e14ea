"""A request as the logs write it, `METHOD URL PROTOCOL`, taken apart whatever it holds.

Load balancers write `-` for what they did not understand (`- http://host:80- -`, `- - - `) or
leave it out (`- http://host:80-/ `), and URLs and protocols with spaces in and after them.
"""

from __future__ import annotations


def split_request(text: str) -> tuple[str | None, str | None, str | None]:
    """Return method, URL and protocol; None for what is `-` or missing.

    The method ends at the first space. The protocol is the last token, if it looks like one. The
    rest is the URL, as written but for spaces at its ends.
    """
    end = url_end(text)
    method, _, url = text[:end].partition(" ")
    return _present(method), _present(url.strip(" ")), _present(text[end:].strip(" "))


def url_end(text: str) -> int:
    """Return where a request's URL ends: what follows is spaces and the protocol, if any."""
    stripped = text.rstrip(" ")
    rest, space, last = stripped.rpartition(" ")
    if space and (last == "-" or _is_protocol(last)):
        return len(rest.rstrip(" "))
    return len(stripped)


def _is_protocol(token: str) -> bool:
    """Tell by digits and dots alone: the end of a secret in a URL with spaces must not be one."""
    name, version = token[:5], token[5:]
    plain = version.isascii() and version.replace(".", "").isdigit() and len(version) <= 8
    return plain and name.upper() == "HTTP/"


def _present(text: str) -> str | None:
    return None if text in {"", "-"} else text
