"""Log lines that every contender can read, drawn from a seeded generator."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from infra.local import sample_lines
from infra.local.sample_lines import Source

ALB_NAME = "app/web/50dc6c495c0c9188"
CLASSIC_NAME = "shop"
PERIOD = 1 / 12
"""Of the hour that positions are parts of: load balancers write a file every five minutes."""


def alb(number: int) -> list[str]:
    """Return lines of 34 fields."""
    source = _source(ALB_NAME)
    return [sample_lines.application(source, at / number * PERIOD, 34) for at in range(number)]


def classic(number: int) -> list[str]:
    """Return lines of 15 fields."""
    source = _source(CLASSIC_NAME)
    return [sample_lines.classic(source, at / number * PERIOD, 15) for at in range(number)]


def without_ipv6(lines: list[str]) -> list[str]:
    """Return lines whose client has an IPv4 address: others' parsers refuse the rest."""
    return [line for line in lines if "2001:db8:" not in line]


def _source(name: str) -> Source:
    begin = datetime(2026, 10, 14, 9, tzinfo=UTC)
    return Source(name, "eu-west-1", "123456789012", Random(20261014), begin)
