"""Contenders timed side by side: in turns, and the best round of each counts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

ROUNDS = 7


def use_one_core() -> None:
    """Keep this process, and what it starts, on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def best_seconds(
    contenders: Mapping[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, float]:
    """Return processor seconds of each one's best round.

    On a shared machine a round can be slowed by others, never sped up, and hardly all of them.
    """
    best = dict.fromkeys(contenders, float("inf"))
    for _ in range(rounds):
        for name, run in contenders.items():
            start = time.process_time()
            run()
            best[name] = min(best[name], time.process_time() - start)
    return best
