"""A result as JSON, for other programs: its keys are kept."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from infra.processing.outcome import Counts, Outcome, Result, State


def as_json(result: Result, delivered: str) -> str:
    """The result as one line; `delivered` is the word for what was delivered, such as `written`."""
    states = {state.value: result.states[state] for state in State}
    return json.dumps(
        {
            "accounted": result.accounted,
            "interrupted": result.interrupted,
            "stopped": result.stopped,
            "sources": {**states, "untried": result.untried},
            **_counts(result.counts, delivered),
            "filters": dict(result.rule_counts),
            "seconds": round(result.seconds, 3),
            "linesPerSecond": round(result.lines_per_second),
            "files": [_file(each, delivered) for each in result.outcomes],
            "filesLeftOut": result.left_out,
        }
    )


def _file(each: Outcome, delivered: str) -> dict[str, Any]:
    origin = each.origin
    return {
        "name": each.name,
        "outcome": each.state.value,
        "said": each.said or None,
        "kind": each.kind,
        "bucket": origin.bucket if origin else None,
        "key": origin.key if origin else None,
        "version": origin.version if origin else None,
        "id": origin.id if origin else None,
        **_counts(each.counts, delivered),
        "rejections": [{"offset": offset, "reason": reason} for offset, reason in each.rejections],
        "seconds": round(each.seconds, 3),
    }


def _counts(counts: Counts, delivered: str) -> dict[str, int]:
    return {delivered if name == "delivered" else name: n for name, n in asdict(counts).items()}
