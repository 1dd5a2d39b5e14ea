"""S3 over boto3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from infra.aws.refusal import refusals
from infra.aws.services import ListedObject, StoredContent
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

    def url(self, bucket: str, key: str) -> str:
        """Where an object is, as CloudFormation has a template named to it."""
        return f"{self._client.meta.endpoint_url}/{bucket}/{quote(key)}"

    def listed(self, bucket: str, prefix: str) -> Iterator[ListedObject]:
        """The objects whose keys begin so, in the order of their keys, a page at a time."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        with refusals("ListObjectsV2", f"s3://{bucket}/{prefix}"):
            for page in pages:
                for found in page.get("Contents", ()):
                    yield ListedObject(found["Key"], found["Size"])

    def opened(self, bucket: str, key: str) -> StoredContent:
        """The newest version of an object, which the function calls by the same name.

        That is the function's own code: ids of events are made of the version.
        """
        from lambda_src.log_processor import storage
        from lambda_src.log_processor.errors import ReadError

        with refusals("GetObject", f"s3://{bucket}/{key}"):
            try:
                content = storage.opened(self._client, bucket, key)
            except ReadError as error:
                raise (error.__cause__ or error) from None
        return StoredContent(content.chunks, content.version, content.close)
