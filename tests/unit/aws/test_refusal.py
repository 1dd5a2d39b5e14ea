"""What a failed call says."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from infra.aws.connection import Credentials, connect
from infra.aws.refusal import refusals
from infra.errors import AwsError


def message_of(error: Exception) -> str:
    with pytest.raises(AwsError) as caught, refusals("CreateStack", "stack dev-network"):
        raise error
    return str(caught.value)


def test_a_refusal_names_call_thing_reason_and_next_step() -> None:
    """Whoever reads the message knows what to do without reading the code."""
    error = ClientError(
        {"Error": {"Code": "AccessDenied", "Message": "not authorized."}}, "CreateStack"
    )
    assert message_of(error) == (
        "CreateStack on stack dev-network was refused: AccessDenied: not authorized. "
        "Use a role that is allowed to do this, or have it allowed."
    )


def test_a_refusal_without_known_advice_still_says_what_was_refused() -> None:
    """An unknown code is passed on as it is."""
    error = ClientError({"Error": {"Code": "Odd"}}, "CreateStack")
    assert message_of(error) == (
        "CreateStack on stack dev-network was refused: Odd: no reason was given."
    )


def test_an_unreachable_endpoint_is_told_from_a_refusal() -> None:
    """Nothing was refused where nothing answered."""
    error = EndpointConnectionError(endpoint_url="http://127.0.0.1:1/")
    assert message_of(error) == (
        "CreateStack on stack dev-network got no answer: Could not connect to the endpoint URL: "
        '"http://127.0.0.1:1/". '
        "Check the endpoint's address, the region's name and the way to it (DNS, proxy, VPN)."
    )


def test_missing_credentials_are_named() -> None:
    """A call that was never sent says so."""
    assert message_of(NoCredentialsError()) == (
        "CreateStack on stack dev-network was not sent: no AWS credentials were found. "
        "Sign in again, or name another profile."
    )


def test_given_credentials_need_nothing_of_the_users_own_set_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stray AWS_PROFILE or proxy cannot keep the local AWS from being reached."""
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:1")
    aws = connect("eu-west-1", "http://127.0.0.1:1", Credentials("test", "test"))
    assert aws.region == "eu-west-1"
