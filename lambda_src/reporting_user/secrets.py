"""What the secrets hold, none of which is ever shown: only this module calls Secrets Manager."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from . import sql
from .connection import Login
from .errors import SecretError

_PORT = 5432


class SecretsManager(Protocol):
    """The one call that is made."""

    def get_secret_value(self, **request: str) -> Any:
        """Return a mapping with SecretString."""


@dataclass(frozen=True)
class Opening:
    """Who opens the server, and where it is, as far as the secret says so."""

    login: Login
    host: str | None
    port: int


def client() -> SecretsManager:
    """Return a client that says soon that Secrets Manager is out of reach."""
    import boto3
    from botocore.config import Config

    patience = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
    )
    made: SecretsManager = boto3.client("secretsmanager", config=patience)
    return made


def opening(manager: SecretsManager, secret: str) -> Opening:
    """Return what the administrator's secret holds; a SecretError never shows any of that.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
    """
    found = _members(manager, secret)
    host, port = found.get("host"), found.get("port", _PORT)
    if host is not None and not isinstance(host, str):
        raise SecretError(f"in the secret {secret}, host must be text")
    try:
        number = int(port)
    except (TypeError, ValueError):
        raise SecretError(f"in the secret {secret}, port must be a number") from None
    return Opening(_login(secret, found), host or None, number)


def reporting(manager: SecretsManager, secret: str) -> Login:
    """Return what the reporting user's secret holds; a SecretError never shows any of that."""
    login = _login(secret, _members(manager, secret))
    if not sql.is_name(login.user) or login.user.startswith("pg_"):
        raise SecretError(
            f"in the secret {secret}, username must be 1 to {sql.NAME_LIMIT} bytes and not begin "
            "with pg_, which PostgreSQL keeps for itself"
        )
    return login


def _login(secret: str, found: Mapping[str, Any]) -> Login:
    wrong = [
        name
        for name in ("username", "password")
        if not (isinstance(found.get(name), str) and found[name] and "\0" not in found[name])
    ]
    if wrong:
        raise SecretError(f"the secret {secret} lacks {' and '.join(wrong)}, which must be text")
    return Login(found["username"], found["password"])


def _members(manager: SecretsManager, secret: str) -> Mapping[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        text = manager.get_secret_value(SecretId=secret)["SecretString"]
    except (BotoCoreError, ClientError) as error:
        raise SecretError(
            f"the secret {secret} cannot be read: {error}; the role needs "
            "secretsmanager:GetSecretValue on it, and the network a way to Secrets Manager"
        ) from error
    except KeyError:
        raise SecretError(f"the secret {secret} holds no text") from None
    try:
        found = json.loads(text)
    except ValueError:
        # The error itself would quote the secret.
        raise SecretError(f"the secret {secret} is not JSON") from None
    if not isinstance(found, dict):
        raise SecretError(f"the secret {secret} is not a JSON object")
    return found
