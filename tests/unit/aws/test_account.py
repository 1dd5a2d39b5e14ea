"""What verbs that look after an environment ask of AWS, as boto3 has it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.aws.cloudformation import BotoStacks
from infra.aws.connection import account
from infra.aws.functions import LONGEST_SECONDS, BotoFunctions
from infra.aws.services import Caller, DeployedStack, StackOutput
from infra.aws.sts import BotoIdentity
from infra.errors import AwsError, InputError


class Client:
    """A client that answers every call with the same, or refuses it."""

    def __init__(self, answer: Any) -> None:
        self._answer, self.request = answer, dict[str, Any]()

    def call(self, **request: Any) -> Any:
        self.request = request
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    describe_stacks = invoke = get_caller_identity = call


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Call")


def test_a_stack_that_is_there_tells_its_outputs_with_what_they_mean() -> None:
    """Some have no description."""
    outputs = [
        {"OutputKey": "VpcId", "OutputValue": "vpc-1", "Description": "The VPC"},
        {"OutputKey": "Odd", "OutputValue": "1"},
    ]
    raw = {"StackName": "dev-network", "StackStatus": "CREATE_COMPLETE", "Outputs": outputs}
    found = BotoStacks(Client({"Stacks": [raw]})).deployed("dev-network")
    told = (StackOutput("VpcId", "vpc-1", "The VPC"), StackOutput("Odd", "1", ""))
    assert found == DeployedStack("dev-network", "CREATE_COMPLETE", "", told)
    assert (found.value("Odd"), found.value("Even")) == ("1", None)


def test_a_stack_that_is_not_there_is_no_error() -> None:
    """CloudFormation says it with the code of any bad request."""
    gone = refusal("ValidationError", "Stack with id dev-network does not exist")
    assert BotoStacks(Client(gone)).deployed("dev-network") is None
    assert BotoStacks(Client({"Stacks": []})).deployed("dev-network") is None


@pytest.mark.parametrize(
    "error",
    [
        refusal("ValidationError", "1 validation error detected"),
        refusal("AccessDenied", "role x does not exist"),
    ],
)
def test_whoever_may_not_ask_does_not_learn_that_it_is_not_there(error: ClientError) -> None:
    """Another refusal stays one."""
    with pytest.raises(AwsError, match=r"^DescribeStacks on stack dev-network was refused: "):
        BotoStacks(Client(error)).deployed("dev-network")


def test_a_function_is_asked_and_answers_in_json() -> None:
    """Nothing at all is null."""
    client = Client({"Payload": io.BytesIO(b'{"Role": "reading"}')})
    assert BotoFunctions(client).invoke("grants", {"Action": "plan"}) == {"Role": "reading"}
    assert client.request == {"FunctionName": "grants", "Payload": b'{"Action": "plan"}'}
    assert BotoFunctions(Client({"Payload": io.BytesIO(b"")})).invoke("grants", {}) is None


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b'{"errorMessage": "the server is away", "errorType": "E"}', "the server is away"),
        (b"{}", "no reason was given"),
        (b"null", "no reason was given"),
    ],
)
def test_a_function_that_fails_is_an_error_in_its_own_words(payload: bytes, said: str) -> None:
    """Never with a traceback."""
    client = Client({"Payload": io.BytesIO(payload), "FunctionError": "Unhandled"})
    with pytest.raises(AwsError) as caught:
        BotoFunctions(client).invoke("grants", {})
    assert str(caught.value) == f"Function grants failed: {said}. Its log says more."


def test_an_answer_that_is_no_json_is_said_to_be_that() -> None:
    """Some proxy may have answered."""
    with pytest.raises(AwsError, match=r"^Function grants answered something that is no JSON\.$"):
        BotoFunctions(Client({"Payload": io.BytesIO(b"<html>")})).invoke("grants", {})


def test_sts_says_whose_credentials_these_are() -> None:
    """By account and ARN."""
    client = Client({"Account": "123456789012", "Arn": "arn:me", "UserId": "AIDA"})
    assert BotoIdentity(client).caller() == Caller("123456789012", "arn:me")


def test_a_function_is_asked_once_and_waited_for() -> None:
    """A second attempt would run it twice; other calls are repeated as usual."""
    made = account("eu-west-1", "http://127.0.0.1:1")
    functions: Any = made.functions
    stacks: Any = made.stacks
    once, usual = (each._client.meta.config for each in (functions, stacks))
    assert once.retries["total_max_attempts"] == 1
    assert once.read_timeout > LONGEST_SECONDS
    assert "total_max_attempts" not in usual.retries or usual.retries["total_max_attempts"] > 1


def test_an_address_that_is_none_is_an_error_of_the_users() -> None:
    """Before anything is asked."""
    with pytest.raises(InputError, match="is no address: write http://HOST:PORT"):
        account("eu-west-1", "localhost:4566")
    with pytest.raises(AwsError, match="nobody-has-this"):
        account("eu-west-1", profile="nobody-has-this")


def test_a_set_up_that_cannot_be_used_is_said_to_be_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """When something is first asked."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "many")
    made = account("eu-west-1", "http://127.0.0.1:1")
    with pytest.raises(AwsError, match=r"^This machine's AWS set-up cannot be used: "):
        made.identity.caller()
