"""A result for other programs."""

from __future__ import annotations

import json
from collections import Counter

from infra.processing.outcome import Counts, Outcome, Result, State
from infra.processing.report import as_json
from lambda_src.log_processor.origin import Origin


def test_a_result_is_one_line_of_json() -> None:
    """Every key is there, whatever happened, and the counts have the verb's word."""
    origin = Origin("logs", "a.log", "1")
    result = Result(rule_counts=Counter(errors=2), seconds=2.0, stopped="why", untried=None)
    result.add(
        Outcome(
            "s3://logs/a.log",
            State.DONE,
            counts=Counts(5, 2, 2, 1, 0, 70),
            rejections=((7, "empty line"),),
            kind="alb",
            origin=origin,
            seconds=1.0,
        )
    )
    result.add(Outcome("gone", State.FAILED, "No such file"))
    text = as_json(result, "written")
    assert "\n" not in text
    counts = {"read": 5, "written": 2, "filtered": 2, "rejected": 1, "unconfirmed": 0, "bytes": 70}
    assert json.loads(text) == {
        "accounted": False,
        "interrupted": False,
        "stopped": "why",
        "sources": {"done": 1, "failed": 1, "interrupted": 0, "skipped": 0, "untried": None},
        **counts,
        "filters": {"errors": 2},
        "seconds": 2.0,
        "linesPerSecond": 2,
        "files": [
            {
                "name": "s3://logs/a.log",
                "outcome": "done",
                "said": None,
                "kind": "alb",
                "bucket": "logs",
                "key": "a.log",
                "version": "1",
                "id": origin.id,
                **counts,
                "rejections": [{"offset": 7, "reason": "empty line"}],
                "seconds": 1.0,
            },
            {
                "name": "gone",
                "outcome": "failed",
                "said": "No such file",
                "kind": None,
                "bucket": None,
                "key": None,
                "version": None,
                "id": None,
                **dict.fromkeys(counts, 0),
                "rejections": [],
                "seconds": 0.0,
            },
        ],
        "filesLeftOut": 0,
    }
