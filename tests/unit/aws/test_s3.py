"""S3 as it is read: listings page by page, and versions as the function has them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.aws.connection import object_reader
from infra.aws.s3 import BotoObjects
from infra.aws.services import ListedObject
from infra.errors import AwsError, InputError
from lambda_src.log_processor import storage
from tests.unit.log_processor.buckets import LOGS, Bucket


class Pages:
    """A client whose listings have these pages."""

    def __init__(self, *pages: dict[str, Any] | Exception) -> None:
        self._pages = pages
        self.given = 0

    def get_paginator(self, call: str) -> Pages:
        assert call == "list_objects_v2"
        return self

    def paginate(self, **request: str) -> Any:
        assert request == {"Bucket": LOGS, "Prefix": "a"}
        for page in self._pages:
            self.given += 1
            if isinstance(page, Exception):
                raise page
            yield page


def test_a_listing_is_read_a_page_at_a_time() -> None:
    """A bucket of millions of objects begins at once."""
    pages = Pages({"Contents": [{"Key": "a1", "Size": 7}, {"Key": "a2", "Size": 0}]}, {})
    listed = BotoObjects(pages, "eu-west-1").listed(LOGS, "a")
    assert (next(listed), pages.given) == (ListedObject("a1", 7), 1)
    assert (list(listed), pages.given) == ([ListedObject("a2", 0)], 2)


def test_a_listing_that_is_refused_says_so() -> None:
    """Also on a later page."""
    refused = ClientError({"Error": {"Code": "NoSuchBucket", "Message": "No."}}, "ListObjectsV2")
    with pytest.raises(AwsError, match=r"^ListObjectsV2 on s3://logs/a was refused: NoSuchBucket"):
        list(BotoObjects(Pages({}, refused), "eu-west-1").listed(LOGS, "a"))


@pytest.mark.parametrize("version", [None, "null", "IYV3p45BT0ac8hjHg1houSdS1a"])
def test_an_object_s_version_is_what_the_function_calls_it(version: str | None) -> None:
    """Ids are made of it."""
    bucket = Bucket({"a.log": b"content"}, version=version)
    content = BotoObjects(bucket, "eu-west-1").opened(LOGS, "a.log")
    assert content.version == storage.opened(bucket, LOGS, "a.log").version
    assert b"".join(content.chunks) == b"content"
    content.close()
    assert bucket.opened[0].closed


def test_an_object_that_is_not_there_is_a_refusal_with_advice() -> None:
    """No traceback, and no exception of boto's."""
    with pytest.raises(AwsError, match=r"s3://logs/gone was refused: NoSuchKey.* ends in a slash"):
        BotoObjects(Bucket(), "eu-west-1").opened(LOGS, "gone")


@pytest.mark.parametrize("url", ["foo", "ftp://x", "http://", "http://x:99999", "http://[x"])
def test_an_endpoint_that_is_no_address_is_refused(url: str) -> None:
    """With what to write instead."""
    with pytest.raises(InputError, match=r"is no address: write http://HOST:PORT"):
        object_reader(endpoint_url=url)


def test_a_set_up_that_boto_cannot_use_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be it a profile or a variable."""
    with pytest.raises(AwsError, match="no-such-profile"):
        object_reader(profile="no-such-profile")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "many")
    with pytest.raises(AwsError, match="This machine's AWS set-up cannot be used"):
        object_reader("eu-west-1")


def test_reading_needs_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 tells where a bucket is."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    object_reader(endpoint_url="http://127.0.0.1:1")


def test_a_template_is_named_by_its_path_in_the_regions_s3() -> None:
    """A bucket whose name has dots has no certificate as a host."""
    client = SimpleNamespace(
        meta=SimpleNamespace(endpoint_url="https://s3.eu-west-1.amazonaws.com")
    )
    assert BotoObjects(client, "eu-west-1").url("artifacts", "templates/a b/1.json") == (
        "https://s3.eu-west-1.amazonaws.com/artifacts/templates/a%20b/1.json"
    )
