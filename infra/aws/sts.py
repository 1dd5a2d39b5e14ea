"""Whose credentials these are, over boto3."""

from __future__ import annotations

from typing import Any

from infra.aws.refusal import refusals
from infra.aws.services import Caller


class BotoIdentity:
    """STS, which everybody may ask this."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def caller(self) -> Caller:
        """Whose credentials these are."""
        with refusals("GetCallerIdentity", "these credentials"):
            answer = self._client.get_caller_identity()
        return Caller(str(answer["Account"]), str(answer["Arn"]))
