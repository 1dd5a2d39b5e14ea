"""Certificates out of a secret, none of which is ever shown."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from lambda_src.log_processor.delivery import TlsOptions
from lambda_src.log_processor.errors import SettingsError
from lambda_src.log_processor.secrets import client, tls_options
from tests.unit.secrets_manager import Manager

from .buckets import refusal

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-AbCdEf"
OPTIONS = TlsOptions(ca="file's CA", certificate="file's certificate", server_name="variable")


def options(found: object) -> TlsOptions:
    return tls_options(Manager(ARN, {"SecretString": json.dumps(found)}), ARN, OPTIONS)


def test_parts_of_the_secret_come_before_files() -> None:
    """What it lacks, or has as empty text, is as it was; what is not known is not looked at."""
    found = {"certificate": "C", "private_key": "K", "ca": "", "rotated": 5}
    assert options(found) == TlsOptions("file's CA", "C", "K", "variable")
    assert options({"ca": "A", "server_name": "N"}) == TlsOptions(
        "A", "file's certificate", None, "N"
    )


NOTHING = f"the secret {ARN} has none of ca, certificate, private_key, server_name"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"SecretString": "hush"}, f"the secret {ARN} is not JSON"),
        ({"SecretString": '{"private_key": "hush'}, f"the secret {ARN} is not JSON"),
        ({"SecretString": '"hush"'}, f"the secret {ARN} is not a JSON object"),
        ({"SecretString": '["hush"]'}, f"the secret {ARN} is not a JSON object"),
        (
            {"SecretString": '{"ca": ["hush"], "private_key": {"hush": 1}, "certificate": "hush"}'},
            f"in the secret {ARN}, ca, private_key must be text",
        ),
        ({"SecretString": '{"key": "hush"}'}, NOTHING),
        ({"SecretString": "{}"}, NOTHING),
        ({"SecretBinary": b"hush"}, f"the secret {ARN} holds no text"),
        (
            refusal("AccessDeniedException", operation="GetSecretValue"),
            f"the secret {ARN} cannot be read: An error occurred (AccessDeniedException) when "
            "calling the GetSecretValue operation: No.; the role needs "
            "secretsmanager:GetSecretValue on it, and the network a way to Secrets Manager",
        ),
        (
            ConnectTimeoutError(endpoint_url="https://secrets"),
            f"the secret {ARN} cannot be read: Connect timeout on endpoint URL: "
            '"https://secrets"; the role needs secretsmanager:GetSecretValue on it, and the '
            "network a way to Secrets Manager",
        ),
    ],
)
def test_problems_say_what_to_do_and_never_what_the_secret_holds(answer: Any, said: str) -> None:
    """Neither in the message nor in the traceback that the runtime writes."""
    with pytest.raises(SettingsError) as caught:
        tls_options(Manager(ARN, answer), ARN, OPTIONS)
    assert str(caught.value) == said
    assert "hush" not in "".join(traceback.format_exception(caught.value))


def test_a_private_key_is_not_shown_by_accident() -> None:
    """Options stand in other values, whose text may end up in a log."""
    assert "K" not in repr(options({"private_key": "K"})).replace("TlsOptions", "")


def test_the_real_client_has_patience_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """An invocation must not wait for minutes where Secrets Manager is out of reach."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    made: Any = client()
    config = made.meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 5)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}
