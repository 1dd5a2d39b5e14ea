"""Which resources of a policy mean whatever there is, and which one thing with what is in it."""

from __future__ import annotations

import re

OBJECTS = re.compile(r"[^*?/]+(/[^*?/]+)*/\*")
"""`bucket/folder/*`: what is in a folder, or in a bucket."""

PARTS = re.compile(r"[^*?/:]+[/:][^*?]+[/:]\*")
"""`log-group:/aws/lambda/name:*`: what belongs to one thing of a kind."""


def is_boundless(resource: str) -> bool:
    """Whether it means more than one thing of ours and what belongs to it."""
    if not re.search(r"[*?]", resource):
        return False
    _, *outer, last = resource.split(":", 5) if resource.startswith("arn:") else ("", "*", resource)
    service = outer[1] if len(outer) > 1 else ""
    whole = OBJECTS if service == "s3" else PARTS
    return any(re.search(r"[*?]", part) for part in outer) or not whole.fullmatch(last)
