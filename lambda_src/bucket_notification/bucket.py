"""One bucket's notification configuration, read and written whole, and S3's errors in our words.

Nothing else here calls S3.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol
from xml.etree import ElementTree

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from ..custom_resource import RefusedError
from . import configuration
from .configuration import Configuration

READ, WRITE = "s3:GetBucketNotification", "s3:PutBucketNotification"

_BUSY = {"OperationAborted", "RequestTimeout", "SlowDown", "Throttling", "ThrottlingException"}
_SERVER_ERROR = 500
_INVALID = "InvalidArgument"

_ELEMENTS = {
    *("NotificationConfiguration", "TopicConfiguration", "QueueConfiguration"),
    *("CloudFunctionConfiguration", "EventBridgeConfiguration", "Id", "Topic", "Queue"),
    *("CloudFunction", "Event", "Filter", "S3Key", "FilterRule", "Name", "Value"),
}
"""All that botocore reads and writes of a configuration.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
"""


class BucketGoneError(RefusedError):
    """There is no such bucket."""


class OverlapError(RefusedError):
    """Two notifications would tell of the same event of the same key; S3 does not say which."""


class PassingError(RefusedError):
    """What may be over in a while."""

    patience = 3600.0
    """Seconds after which it is no longer believed to pass; without end, by default."""


class DeniedError(PassingError):
    """A permission that is lacking, or has not come to be known everywhere in S3 yet."""

    patience = 45.0


class UnvalidatedError(PassingError):
    """A destination that S3 cannot send to, at least not yet; `words` are all that S3 says."""

    patience = 120.0

    def __init__(self, words: str) -> None:
        super().__init__(
            f"S3 cannot send to the notification's destination, whose policy has to allow it to "
            f"s3.amazonaws.com for this bucket and its account: {words}"
        )
        self.words = words

    def names(self, arn: str) -> bool:
        """Whether S3 speaks of this destination, and not of one whose ARN begins like it."""
        return bool(arn) and bool(re.search(rf"{re.escape(arn)}(?![\w:.-])", self.words))


class S3(Protocol):
    """The two calls that are made."""

    def get_bucket_notification_configuration(self, **request: str) -> Mapping[str, Any]:
        """Return the whole configuration."""

    def put_bucket_notification_configuration(self, **request: Any) -> object:
        """Replace the whole configuration."""


def client() -> S3:
    """Return a client that makes each call once, and not for long: callers try again themselves.

    Between two attempts the configuration is to be read anew.
    """
    patience = Config(
        connect_timeout=3, read_timeout=7, retries={"mode": "standard", "total_max_attempts": 1}
    )
    made = boto3.client("s3", config=patience)
    made.meta.events.register("before-parse.s3.GetBucketNotificationConfiguration", _check_elements)
    return made  # type: ignore[no-any-return]


class Bucket:
    """The bucket of this name that this account owns; of anybody if `owner` is None."""

    def __init__(self, s3: S3, name: str, owner: str | None) -> None:
        self.name = name
        self._s3, self._owner = s3, owner
        self._request = {"Bucket": name} | ({"ExpectedBucketOwner": owner} if owner else {})

    def read(self) -> Configuration:
        """Return the configuration; a RefusedError says why that cannot be."""
        with self._explained(READ):
            answer = self._s3.get_bucket_notification_configuration(**self._request)
        return configuration.of(answer)

    def write(self, whole: Configuration) -> None:
        """Replace the configuration; a RefusedError says why that cannot be."""
        with self._explained(WRITE):
            # Never with SkipDestinationValidation: what S3 cannot send to is found out here.
            self._s3.put_bucket_notification_configuration(
                **self._request, NotificationConfiguration=whole
            )

    @contextmanager
    def _explained(self, permission: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            raise self._explanation(permission, error) from error
        except ParamValidationError as error:
            raise RefusedError(f"bucket {self.name}: {error}") from error
        except BotoCoreError as error:
            raise PassingError(f"S3 cannot be reached for bucket {self.name}: {error}") from error

    def _explanation(self, permission: str, error: ClientError) -> RefusedError:
        code = error.response["Error"].get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        words = _words(error.response["Error"])
        if code in ("NoSuchBucket", "404"):
            return BucketGoneError(f"there is no bucket {self.name}")
        if code in ("AccessDenied", "AllAccessDisabled", "403"):
            return self._denied(permission, words)
        if code in _BUSY or status >= _SERVER_ERROR:
            return PassingError(f"S3 does not do it for bucket {self.name} now: {code}: {words}")
        if code == _INVALID and "validate the following destination" in words:
            return UnvalidatedError(words)
        if code == _INVALID and re.search("overlap|ambiguous", words, re.IGNORECASE):
            return OverlapError(words)
        return RefusedError(f"S3 refuses it for bucket {self.name}: {code}: {words}")

    def _denied(self, permission: str, words: str) -> DeniedError:
        owner = f", or that bucket is not one of account {self._owner}" if self._owner else ""
        return DeniedError(
            f"{permission} on bucket {self.name} is denied to this function's role, which has to "
            f"be allowed it by its own policy and, where another account owns the bucket, by the "
            f"bucket's policy too{owner}; S3 says: {words}"
        )


def _words(error: Mapping[str, Any]) -> str:
    """S3 says which destination, and why, in members that are numbered: `ArgumentValue1`."""
    said = (str(value) for name, value in error.items() if name.startswith("Argument") and value)
    return "; ".join((str(error.get("Message") or "nothing"), *said))


def _check_elements(response_dict: Mapping[str, Any], **_event: object) -> None:
    """Raise a RefusedError rather than leave out, and so delete, what botocore does not know yet.

    EventBridge was such a thing in 2021, when the runtime's botocore was older than S3's news.
    """
    if response_dict.get("status_code") != 200:
        return
    root = ElementTree.fromstring(response_dict["body"])  # noqa: S314 - S3's own answer
    unknown = sorted({element.tag.rpartition("}")[2] for element in root.iter()} - _ELEMENTS)
    if unknown:
        raise RefusedError(
            f"this bucket's notifications have something that this function cannot preserve, so "
            f"it changes nothing: {', '.join(unknown)}"
        )
