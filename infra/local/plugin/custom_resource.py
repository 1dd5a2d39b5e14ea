"""Custom resources whose Create has failed, which MiniStack leaves as they are.

CloudFormation deletes them, by the physical id that the answer had, when it rolls back. So does
this, at once.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

_lock = threading.Lock()
_failed: dict[tuple[str, str], str] = {}
"""The physical ids of failed answers by stack and logical id."""


def noted(deliver: Callable[..., bool]) -> Callable[..., bool]:
    """MiniStack's own taking of answers, which forgets the physical id of a failed one."""

    def delivered(token: str, response: Mapping[str, Any]) -> bool:
        if response.get("Status") == "FAILED":
            with _lock:
                _failed[_key(response)] = str(response.get("PhysicalResourceId", ""))
        return deliver(token, response)

    return delivered


def cleaned_up(invoke: Callable[..., tuple[str, Any]]) -> Callable[..., tuple[str, Any]]:
    """MiniStack's own asking, with a Delete after a Create that has failed."""

    def invoked(request_type: str, logical_id: str, *rest: Any, **named: Any) -> tuple[str, Any]:
        try:
            return invoke(request_type, logical_id, *rest, **named)
        except RuntimeError:
            _, _, stack_id, *_ = rest
            with _lock:
                physical_id = _failed.pop((stack_id, logical_id), "")
            if request_type == "Create" and physical_id:
                # What this says is in the function's log; the Create's failure is the reason.
                with suppress(RuntimeError, TimeoutError):
                    invoke("Delete", logical_id, *rest, physical_id=physical_id)
            raise

    return invoked


def _key(response: Mapping[str, Any]) -> tuple[str, str]:
    return str(response.get("StackId", "")), str(response.get("LogicalResourceId", ""))
