"""Secrets Manager over boto3."""

from __future__ import annotations

from typing import Any

from infra.aws.refusal import refusals


class BotoSecrets:
    """Secrets of one account and region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def text(self, secret: str) -> str:
        """What the secret of this name or ARN holds."""
        with refusals("GetSecretValue", f"secret {secret}"):
            return str(self._client.get_secret_value(SecretId=secret)["SecretString"])
