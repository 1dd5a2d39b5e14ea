"""The certificates that a secret holds, read once: the only module that calls Secrets Manager."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Protocol

from .delivery import TlsOptions
from .errors import SettingsError

PARTS = ("ca", "certificate", "private_key", "server_name")


class SecretsManager(Protocol):
    """The one call that is made."""

    def get_secret_value(self, **request: str) -> Any:
        """Return a mapping with SecretString."""


def client() -> SecretsManager:
    """Return a client that says soon that Secrets Manager is out of reach."""
    import boto3
    from botocore.config import Config

    patience = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
    )
    made: SecretsManager = boto3.client("secretsmanager", config=patience)
    return made


def tls_options(manager: SecretsManager, secret: str, options: TlsOptions) -> TlsOptions:
    """Return the options with what the secret holds; a SettingsError never shows any of that."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        text = manager.get_secret_value(SecretId=secret)["SecretString"]
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(
            f"the secret {secret} cannot be read: {error}; the role needs "
            "secretsmanager:GetSecretValue on it, and the network a way to Secrets Manager"
        ) from error
    except KeyError:
        raise SettingsError(f"the secret {secret} holds no text") from None
    return replace(options, **_parts(secret, text))


def _parts(secret: str, text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        # The error itself would quote the secret.
        raise SettingsError(f"the secret {secret} is not JSON") from None
    if not isinstance(found, dict):
        raise SettingsError(f"the secret {secret} is not a JSON object")
    wrong = [name for name in PARTS if not isinstance(found.get(name, ""), str)]
    if wrong:
        raise SettingsError(f"in the secret {secret}, {', '.join(wrong)} must be text")
    parts = {name: found[name] for name in PARTS if found.get(name)}
    if not parts:
        raise SettingsError(f"the secret {secret} has none of {', '.join(PARTS)}")
    return parts
