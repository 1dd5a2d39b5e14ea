"""What the secrets hold, none of which is ever shown."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest

from lambda_src.reporting_user.connection import Login
from lambda_src.reporting_user.errors import SecretError
from lambda_src.reporting_user.secrets import Opening, client, opening, reporting
from tests.unit.log_processor.buckets import refusal
from tests.unit.secrets_manager import Manager

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:analyst-AbCdEf"
LOGIN = {"username": "analyst", "password": "hush"}


def holding(found: object) -> Manager:
    return Manager(ARN, {"SecretString": json.dumps(found)})


def test_the_administrators_secret_says_where_the_master_is() -> None:
    """As RDS writes it; a secret that is not attached yet has neither host nor port."""
    attached = LOGIN | {"engine": "postgres", "host": "master.example", "port": 5433, "dbname": "x"}
    login = Login("analyst", "hush")
    assert opening(holding(attached), ARN) == Opening(login, "master.example", 5433)
    assert opening(holding(LOGIN), ARN) == Opening(login, None, 5432)
    assert opening(holding(LOGIN | {"port": "5434"}), ARN) == Opening(login, None, 5434)


def test_the_reporting_users_secret_says_who_it_is() -> None:
    """Any name that PostgreSQL allows."""
    assert reporting(holding(LOGIN), ARN) == Login("analyst", "hush")
    odd = {"username": 'Ana "Lyst"; --', "password": "hush"}
    assert reporting(holding(odd), ARN) == Login('Ana "Lyst"; --', "hush")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"SecretString": '{"password": "hush'}, f"the secret {ARN} is not JSON"),
        ({"SecretString": '["hush"]'}, f"the secret {ARN} is not a JSON object"),
        ({"SecretBinary": b"hush"}, f"the secret {ARN} holds no text"),
        (
            {"SecretString": '{"password": ["hush"], "username": ""}'},
            f"the secret {ARN} lacks username and password, which must be text",
        ),
        (
            {"SecretString": json.dumps(LOGIN | {"host": ["hush"]})},
            f"in the secret {ARN}, host must be text",
        ),
        (
            {"SecretString": json.dumps(LOGIN | {"port": "hush"})},
            f"in the secret {ARN}, port must be a number",
        ),
        (
            refusal("AccessDeniedException", operation="GetSecretValue"),
            f"the secret {ARN} cannot be read: An error occurred (AccessDeniedException) when "
            "calling the GetSecretValue operation: No.; the role needs "
            "secretsmanager:GetSecretValue on it, and the network a way to Secrets Manager",
        ),
    ],
)
def test_problems_say_what_to_do_and_never_what_the_secret_holds(answer: Any, said: str) -> None:
    """Neither in the message nor in the traceback that the runtime writes."""
    with pytest.raises(SecretError) as caught:
        opening(Manager(ARN, answer), ARN)
    assert str(caught.value) == said
    assert "hush" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("name", ["x" * 64, "pg_analyst"])
def test_a_name_that_no_role_can_have_is_refused(name: str) -> None:
    """Before anything is done."""
    with pytest.raises(SecretError, match="username must be 1 to 63 bytes and not begin with pg_"):
        reporting(holding(LOGIN | {"username": name}), ARN)


def test_a_password_is_not_shown_by_accident() -> None:
    """A login stands in other values, whose text may end up in a log."""
    assert "hush" not in repr(opening(holding(LOGIN), ARN))


def test_the_real_client_has_patience_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """An invocation must not wait for minutes where Secrets Manager is out of reach."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    made: Any = client()
    config = made.meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 5)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}
