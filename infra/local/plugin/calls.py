"""Call an action of MiniStack's EC2 as its API would, and read one value of the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Action = Callable[[dict[str, list[str]]], tuple[int, Any, bytes | str]]

Handler = Mapping[str, Callable[..., Any]]
"""What MiniStack calls for one resource type: `create`, `update`, `delete`, by position."""

Properties = Mapping[str, Any]
"""A resource's properties, all references resolved."""


def call(action: Action, **parameters: object) -> str:
    """The answer's XML; raises ValueError, which fails the resource, when it is an error."""
    given = {name: [_text(value)] for name, value in parameters.items() if value is not None}
    status, _, body = action(given)
    xml = body.decode() if isinstance(body, bytes) else body
    if status >= 400:
        raise ValueError(element(xml, "Message"))
    return xml


def element(xml: str, name: str) -> str:
    """The text of the first element of this name."""
    found = re.search(f"<{name}>([^<]*)</{name}>", xml)
    if found is None:
        raise ValueError(f"MiniStack's answer has no <{name}>: {xml[:200]}")
    return found[1]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
