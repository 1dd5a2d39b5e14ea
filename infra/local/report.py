"""The demo's result as JSON, for other programs: its keys are kept."""

from __future__ import annotations

import json
from typing import Any

from infra.aws.services import QueueCounts
from infra.local.database_outcome import Asked, Shown
from infra.local.outcome import COUNTS, ObjectOutcome, Result
from infra.local.psql import Refusal


def as_json(result: Result | None, shown: Shown | None = None) -> str:
    """The results for other programs: of log lines, and of a database, where there are any."""
    return json.dumps(
        {
            **({} if result is None else _lines(result)),
            **({} if shown is None else {"database": _database(shown)}),
        },
        indent=2,
    )


def _lines(result: Result) -> dict[str, Any]:
    return {
        "accounted": result.accounted,
        "problems": list(result.problems),
        **{name: result.total(name) for name in COUNTS},
        "received": result.received._asdict() if result.received else None,
        "queue": _queue(result.queue),
        "deadLetters": result.dead_letters.waiting + result.dead_letters.in_flight,
        "seconds": round(result.seconds, 3),
        "objects": [_object(each) for each in result.objects],
    }


def _database(shown: Shown) -> dict[str, Any]:
    return {
        "holds": shown.holds,
        "problems": list(shown.problems),
        "version": shown.version,
        "replica": shown.replica,
        "user": shown.user,
        "connections": dict(shown.connections),
        "seconds": round(shown.seconds, 3),
        "statements": [_statement(each) for each in shown.asked],
    }


def _statement(each: Asked) -> dict[str, Any]:
    answer = each.answer
    return {
        "shows": each.shows,
        "database": each.database,
        "statement": each.statement,
        "columns": None if isinstance(answer, Refusal) else list(answer.columns),
        "rows": None if isinstance(answer, Refusal) else [list(row) for row in answer.rows],
        "refused": answer.words if isinstance(answer, Refusal) else None,
        "problem": each.problem,
    }


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
