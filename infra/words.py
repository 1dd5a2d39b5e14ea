"""Numbers with their nouns, short names, and text that a terminal can bear."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`1 event`, `2 events`, `20,000 events`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def object_name(key: str) -> str:
    """A key's last part, without the account and region that all load balancer logs begin with."""
    name = key.rpartition("/")[2]
    _, shared, rest = name.partition("_elasticloadbalancing_")
    return rest.partition("_")[2] if shared else name


def printable(text: str) -> str:
    """The text with whatever could disturb a terminal written as an escape."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
