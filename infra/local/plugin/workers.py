"""Workers of a function that has changed: those at work finish, as in Lambda, and then end.

MiniStack kills them, and what they were at is lost until its message is handed out again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime

_outdated: set[Any] = set()


def invalidated(original: Callable[..., None]) -> Callable[..., None]:
    """MiniStack's own way for workers that are idle; the others only leave the pool."""

    def invalidate(name: str, qualifier: str | None = None, **scope: Any) -> None:
        with lambda_runtime._lock:
            for key, workers in lambda_runtime._workers.items():
                # account:region:function:qualifier
                if key.split(":")[-2] == name and qualifier in (None, key.split(":")[-1]):
                    _outdated.update(worker for worker in workers if worker.in_use)
                    workers[:] = [worker for worker in workers if not worker.in_use]
        original(name, qualifier, **scope)

    return invalidate


def released(original: Callable[[Any], None]) -> Callable[[Any], None]:
    """MiniStack's own way, and the end of a worker that has left the pool."""

    def release(worker: Any) -> None:
        original(worker)
        if worker in _outdated:
            _outdated.discard(worker)
            lambda_runtime.kill_workers([worker])

    return release
