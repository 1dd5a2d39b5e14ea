"""The results as one table, for the terminal and for the README."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One figure, beside what it is compared with."""

    what: str
    ours: str
    other: str
    ratio: str
    wanted: str
    """What the project demands of itself."""
    holds: bool | None
    """None where it could not be measured; `other` then says why."""


def compared(
    what: str, rates: Mapping[str, float], other: str, name: str, wanted: float | None
) -> Result:
    """Return our rate beside another one, in lines per second."""
    ratio = rates["ours"] / rates[other]
    return Result(
        what,
        f"{rates['ours']:,.0f} lines/s",
        f"{rates[other]:,.0f} lines/s: {name}",
        f"{ratio:.1f}",
        "" if wanted is None else f"≥ {wanted:g}",
        True if wanted is None else ratio >= wanted,
    )


HEADINGS = ("what", "infra", "compared with", "ratio", "wanted", "")


def markdown(results: Sequence[Result]) -> str:
    """Return a table that reads well as plain text, too."""
    rows = [HEADINGS, *map(_cells, results)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return "\n".join(
        [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]
    )


def _cells(result: Result) -> tuple[str, ...]:
    verdict = {True: "holds", False: "MISSED", None: "not measured"}[result.holds]
    return (result.what, result.ours, result.other, result.ratio, result.wanted, verdict)
