"""The demo's result as JSON, for other programs: its keys are kept."""

from __future__ import annotations

import json
from typing import Any

from infra.aws.services import QueueCounts
from infra.local.outcome import COUNTS, ObjectOutcome, Result


def as_json(result: Result) -> str:
    """The result for other programs."""
    return json.dumps(
        {
            "accounted": result.accounted,
            "problems": list(result.problems),
            **{name: result.total(name) for name in COUNTS},
            "received": result.received._asdict() if result.received else None,
            "queue": _queue(result.queue),
            "deadLetters": result.dead_letters.waiting + result.dead_letters.in_flight,
            "seconds": round(result.seconds, 3),
            "objects": [_object(each) for each in result.objects],
        },
        indent=2,
    )


def _queue(counts: QueueCounts | None) -> dict[str, int] | None:
    if counts is None:
        return None
    return {"waiting": counts.waiting, "inFlight": counts.in_flight}


def _object(each: ObjectOutcome) -> dict[str, Any]:
    last = each.last
    return {
        "file": str(each.file.path),
        "key": each.file.key,
        "lines": each.file.lines,
        "outcome": each.outcome,
        "problem": each.problem,
        "attempts": len(each.attempts),
        "kind": last.kind if last else None,
        **{name: getattr(last, name) if last else None for name in COUNTS},
        "rejections": [{"offset": one.offset, "reason": one.reason} for one in last.rejections]
        if last
        else [],
    }
