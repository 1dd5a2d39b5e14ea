"""Lambda's functions over boto3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.aws.refusal import refusals
from infra.errors import AwsError


class BotoFunctions:
    """Functions of one account and region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """Run a function and return what it returns; an AwsError with what it failed of."""
        with refusals("Invoke", f"function {name}"):
            answer = self._client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
            content = answer["Payload"].read()
        said = json.loads(content) if content else None
        if "FunctionError" in answer:
            reason = said.get("errorMessage", said) if isinstance(said, dict) else said
            raise AwsError(f"Function {name} failed: {reason}. Its log says more.")
        return said
