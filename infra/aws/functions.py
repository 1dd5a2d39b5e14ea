"""Lambda's functions over boto3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.aws.refusal import refusals
from infra.errors import AwsError

LONGEST_SECONDS = 900
"""That a function works, so that long an answer may take.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


class BotoFunctions:
    """Functions of one account and region.

    The client must ask once alone: another attempt would run the function a second time.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """What a function answers, once it has; an AwsError says why it failed."""
        with refusals("Invoke", f"function {name}"):
            answer = self._client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
            content = answer["Payload"].read()
        try:
            said = json.loads(content or b"null")
        except ValueError:
            raise AwsError(f"Function {name} answered something that is no JSON.") from None
        if "FunctionError" in answer:
            raise AwsError(f"Function {name} failed: {_reason(said)}. Its log says more.")
        return said


def _reason(said: Any) -> str:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html."""
    message = said.get("errorMessage") if isinstance(said, Mapping) else None
    return str(message or "no reason was given").rstrip(".")
