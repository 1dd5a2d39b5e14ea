"""Failed calls become one sentence: which call, on which thing, why, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions

from infra.errors import AwsError

_SIGN_IN = "Sign in again, or name another profile."
_PERMISSION = "Use a role that is allowed to do this, or have it allowed."
_NEXT = {
    "AccessDenied": _PERMISSION,
    "AccessDeniedException": _PERMISSION,
    "UnauthorizedOperation": _PERMISSION,
    "ExpiredToken": _SIGN_IN,
    "ExpiredTokenException": _SIGN_IN,
    "InvalidAccessKeyId": _SIGN_IN,
    "InvalidClientTokenId": _SIGN_IN,
    "SignatureDoesNotMatch": _SIGN_IN,
    "UnrecognizedClientException": _SIGN_IN,
    "AlreadyExistsException": "Update it or remove it first.",
    "BucketAlreadyExists": "Choose another name: bucket names are shared by all accounts.",
    "NoSuchBucket": "Create the bucket, or correct its name in the environment.",
    "NoSuchKey": "Correct the key; a prefix ends in a slash.",
    "InvalidObjectState": "Restore the object from its archive first.",
    "InsufficientCapabilitiesException": "Name the capability in the stack's settings.",
    "ResourceNotFoundException": "Deploy its stack again, or correct its name.",
    "Throttling": "Wait a minute and repeat.",
    "ThrottlingException": "Wait a minute and repeat.",
}


@contextmanager
def refusals(call: str, thing: str) -> Iterator[None]:
    """Turn botocore's errors of one call into an AwsError."""
    try:
        yield
    except exceptions.ClientError as error:
        raise AwsError(_refused(call, thing, error)) from error
    except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
        raise AwsError(_unreachable(call, thing, error)) from error
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise AwsError(
            f"{call} on {thing} was not sent: no AWS credentials were found. {_SIGN_IN}"
        ) from error
    except exceptions.BotoCoreError as error:
        raise AwsError(f"{call} on {thing} was not sent: {error}") from error


def _refused(call: str, thing: str, error: exceptions.ClientError) -> str:
    details = error.response.get("Error", {})
    code = str(details.get("Code", "Unknown"))
    message = str(details.get("Message") or "no reason was given").rstrip(".")
    advice = _NEXT.get(code, "")
    return f"{call} on {thing} was refused: {code}: {message}. {advice}".rstrip()


def _unreachable(call: str, thing: str, error: Exception) -> str:
    return (
        f"{call} on {thing} got no answer: {str(error).rstrip('.')}. "
        "Check the endpoint's address, the region's name and the way to it (DNS, proxy, VPN)."
    )
