"""Secrets that are read, and functions that are run: what boto3 gives becomes a value."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.aws.functions import BotoFunctions
from infra.aws.secrets_manager import BotoSecrets
from infra.errors import AwsError


class Lambda:
    """boto3's client, which answers one thing."""

    def __init__(self, content: bytes, **more: str) -> None:
        self.content, self.more = content, more
        self.asked: dict[str, Any] = {}

    def invoke(self, **request: Any) -> dict[str, Any]:
        self.asked = request
        return {"Payload": io.BytesIO(self.content), **self.more}


def test_a_functions_answer_is_what_it_returned() -> None:
    """It gets the event as JSON."""
    client = Lambda(b'{"done": 1}')
    assert BotoFunctions(client).invoke("keeps", {"source": "aws.events"}) == {"done": 1}
    assert json.loads(client.asked["Payload"]) == {"source": "aws.events"}


def test_a_function_that_fails_is_an_error_with_its_own_words() -> None:
    """Lambda says it in a field, with status 200."""
    client = Lambda(b'{"errorMessage": "no way to the master"}', FunctionError="Unhandled")
    with pytest.raises(AwsError) as caught:
        BotoFunctions(client).invoke("keeps", {})
    assert str(caught.value) == ("Function keeps failed: no way to the master. Its log says more.")


class Manager:
    """boto3's client, which knows one secret."""

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803
        if SecretId != "known":
            error = {"Code": "ResourceNotFoundException", "Message": "can't find it"}
            raise ClientError({"Error": error}, "GetSecretValue")
        return {"SecretString": "text"}


def test_a_secret_is_read_or_the_reason_told() -> None:
    """Which one, and what Secrets Manager said."""
    secrets = BotoSecrets(Manager())
    assert secrets.text("known") == "text"
    with pytest.raises(AwsError, match=r"GetSecretValue on secret other .*can't find it"):
        secrets.text("other")
