"""An answer as the bytes that CloudFormation takes, of which there may be 4,096.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .requests import PHYSICAL_ID_LIMIT, Address

LIMIT = 4096

_SUCCESS, _FAILED = "SUCCESS", "FAILED"
_CUT = " … (cut)"


@dataclass(frozen=True)
class Answer:
    """What became of a request."""

    physical_id: str
    reason: str | None = None
    """Why it failed; None if it succeeded."""
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """For `Fn::GetAtt`; text by name."""
    no_echo: bool = False
    """Whether CloudFormation is to show `data` to nobody."""

    @property
    def status(self) -> str:
        """CloudFormation's word for it."""
        return _SUCCESS if self.reason is None else _FAILED


def checked(answer: Answer, address: Address) -> Answer:
    """Return the answer, or a failure in place of one that CloudFormation would not take."""
    if not 0 < _size(answer.physical_id) <= PHYSICAL_ID_LIMIT:
        reason = f"the function made a physical id of {_size(answer.physical_id)} bytes"
        return Answer(address.failed_id, f"{reason}, of 1 to {PHYSICAL_ID_LIMIT}")
    if answer.reason is None:
        try:
            size = len(_dumped(answer, address))
        except (TypeError, ValueError) as error:
            return Answer(answer.physical_id, f"the function's Data is no JSON: {error}")
        if size > LIMIT:
            reason = f"the answer with its Data has {size} bytes, of at most {LIMIT}"
            return Answer(answer.physical_id, reason)
    return answer


def encoded(answer: Answer, address: Address, where: str) -> bytes:
    """Return the body for the presigned URL; a reason is cut to fit, and says where more is."""
    if answer.reason is None:
        return _dumped(answer, address)
    pointer = f" ({where})" if where else ""
    room = LIMIT - len(_dumped(_failure(answer, pointer), address))
    reason = answer.reason or "no reason is known"
    if _size(reason) > room:
        reason = _beginning(reason, room - _size(_CUT)) + _CUT
    return _dumped(_failure(answer, reason + pointer), address)


def _failure(answer: Answer, reason: str) -> Answer:
    return Answer(answer.physical_id, reason)


def _dumped(answer: Answer, address: Address) -> bytes:
    members: dict[str, Any] = {
        "Status": answer.status,
        "PhysicalResourceId": answer.physical_id,
        "StackId": address.stack_id,
        "RequestId": address.request_id,
        "LogicalResourceId": address.logical_id,
    }
    if answer.reason is None:
        members |= {"NoEcho": answer.no_echo, "Data": dict(answer.data)}
    else:
        members["Reason"] = answer.reason
    return json.dumps(members).encode("ascii")


def _size(text: str) -> int:
    """Bytes of a text in an answer."""
    return len(json.dumps(text)) - len('""')


def _beginning(text: str, room: int) -> str:
    """As much of a text as has room."""
    text = text[: max(0, room)]
    while text and _size(text) > room:
        text = text[:-1]
    return text
