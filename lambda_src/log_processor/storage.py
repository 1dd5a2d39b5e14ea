"""S3 objects as chunks of bytes, and S3's errors in our words: the only module that calls AWS."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .errors import ReadError

CHUNK_BYTES = 256 * 1024


class S3(Protocol):
    """The one call that is made."""

    def get_object(self, **request: str) -> Any:
        """Return a mapping whose Body is a stream."""


def client() -> S3:
    """Return a client that says soon that S3 is out of reach, as without a VPC endpoint.

    It waits little and tries twice, so that an invocation keeps its time; SQS tries again later.
    """
    patience = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
    )
    made: S3 = boto3.client("s3", config=patience)
    return made


def chunks(s3: S3, bucket: str, key: str) -> Generator[bytes, None, None]:
    """Yield the object's content as it arrives; a ReadError says what S3 refused."""
    try:
        with closing(s3.get_object(Bucket=bucket, Key=key)["Body"]) as body:
            while chunk := body.read(CHUNK_BYTES):
                yield chunk
    except (BotoCoreError, ClientError) as error:
        raise ReadError(f"s3://{bucket}/{key}: {error}{_also(error)}") from error


def _also(error: Exception) -> str:
    """S3 says of a missing object that access is denied to whoever may not list the bucket.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    return " (or the object is gone)" if code == "AccessDenied" else ""
