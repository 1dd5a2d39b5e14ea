"""S3 objects as chunks of bytes and as small texts, and S3's errors in our words.

Nothing else here calls S3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .errors import ObjectGoneError, ReadError, StateError
from .state import is_ours

CHUNK_BYTES = 256 * 1024

_GONE = {"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"}
"""The last is what a delete marker answers."""


class S3(Protocol):
    """The two calls that are made."""

    def get_object(self, **request: str) -> Any:
        """Return a mapping whose Body is a stream."""

    def put_object(self, **request: Any) -> Any:
        """Keep the Body under a Key."""


class Content(NamedTuple):
    """An object that has been opened; to be closed, also if nothing of it was read."""

    chunks: Iterator[bytes]
    """As they arrive. A ReadError says what went wrong on the way."""
    version: str
    """The version id, or the ETag where the bucket keeps no versions."""
    close: Callable[[], None]


def client() -> S3:
    """Return a client that says soon that S3 is out of reach, as without a VPC endpoint.

    It waits little and tries twice, so that an invocation keeps its time; SQS tries again later.
    """
    patience = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
    )
    made: S3 = boto3.client("s3", config=patience)
    return made


def opened(s3: S3, bucket: str, key: str, version: str | None = None) -> Content:
    """Open an object, or the version of it; ObjectGoneError if there is none, else a ReadError."""
    request = {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})
    with _explained(bucket, key):
        found = s3.get_object(**request)
    # Without versioning, and for what is older than it, the id is missing or `null`.
    kept = found.get("VersionId") or "null"
    identity = found.get("ETag", "").strip('"') if kept == "null" else kept
    body = found["Body"]
    return Content(_chunks(body, bucket, key), identity, body.close)


def _chunks(body: Any, bucket: str, key: str) -> Iterator[bytes]:
    with _explained(bucket, key):
        while chunk := body.read(CHUNK_BYTES):
            yield chunk


@contextmanager
def _explained(bucket: str, key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        what = f"s3://{bucket}/{key}: {error}"
        if error.response["Error"]["Code"] in _GONE:
            raise ObjectGoneError(what) from error
        raise ReadError(what + _also(error)) from error
    except (BotoCoreError, OSError) as error:
        # What breaks off in the middle of a body is not always wrapped.
        raise ReadError(f"s3://{bucket}/{key}: {error}") from error


def _also(error: ClientError) -> str:
    """S3 says of a missing object that access is denied to whoever may not list the bucket.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    denied = error.response["Error"]["Code"] == "AccessDenied"
    return " (or, without s3:ListBucket, the object is gone)" if denied else ""


class Folder:
    """Texts under keys that begin in the same way, in one bucket."""

    def __init__(self, s3: S3, bucket: str, prefix: str) -> None:
        self._s3, self._bucket, self._prefix = s3, bucket, prefix

    def put(self, name: str, text: bytes) -> None:
        """Keep a text; a StateError says why that cannot be done."""
        key = self._prefix + name
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=text)
        except (BotoCoreError, ClientError) as error:
            raise StateError(f"s3://{self._bucket}/{key} cannot be written: {error}") from error

    def get(self, name: str) -> bytes | None:
        """Return a text, None if there is none; a StateError says why it cannot be read."""
        try:
            with closing(opened(self._s3, self._bucket, self._prefix + name)) as content:
                return b"".join(content.chunks)
        except ObjectGoneError:
            return None
        except ReadError as error:
            raise StateError(str(error)) from error

    def holds(self, bucket: str, key: str) -> bool:
        """Whether an object is one of these texts; others may share the bucket and the prefix."""
        name = key.removeprefix(self._prefix)
        return (bucket, key) == (self._bucket, self._prefix + name) and is_ours(name)
