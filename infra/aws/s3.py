"""S3 over boto3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.aws.refusal import refusals
from infra.errors import AwsError


class BotoObjects:
    """Buckets and objects of one account and region."""

    def __init__(self, client: Any, region: str) -> None:
        self._client = client
        self._region = region

    def create_bucket(self, bucket: str) -> None:
        """Create a bucket in the connection's region."""
        # us-east-1 is the one region that the constraint cannot name:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
        place: dict[str, Any] = (
            {}
            if self._region == "us-east-1"
            else {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        )
        with refusals("CreateBucket", f"bucket {bucket}"):
            self._client.create_bucket(Bucket=bucket, **place)

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Write an object."""
        with refusals("PutObject", f"s3://{bucket}/{key}"):
            self._client.put_object(Bucket=bucket, Key=key, Body=content)

    def upload(self, bucket: str, key: str, path: Path) -> None:
        """Write a file of any size as an object, in parts and without holding it in memory."""
        from boto3.exceptions import S3UploadFailedError

        with refusals("PutObject", f"s3://{bucket}/{key}"):
            try:
                self._client.upload_file(str(path), bucket, key)
            except S3UploadFailedError as error:
                raise AwsError(str(error)) from error
