"""Buckets whose name is made of a prefix, the account and the region, which MiniStack ignores."""

from __future__ import annotations

from ministack.core.responses import get_account_id, get_region

from infra.local.plugin.adaptation import adapted
from infra.local.plugin.calls import Handler, Properties
from infra.naming import BUCKET_NAME_LIMIT


def named_by_account_and_region(original: Handler) -> Handler:
    """MiniStack's own handlers, given the name that S3 would make.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    """
    return adapted(original, given=_named)


def _named(properties: Properties) -> Properties:
    if properties.get("BucketNamespace") != "account-regional" or "BucketName" in properties:
        return properties
    prefix = properties.get("BucketNamePrefix") or ""
    name = f"{prefix}-{get_account_id()}-{get_region()}-an"
    if not prefix or len(name) > BUCKET_NAME_LIMIT:
        raise ValueError(
            f"{name} is no bucket name: "
            f"it needs a prefix and at most {BUCKET_NAME_LIMIT} characters"
        )
    return {**properties, "BucketName": name}
