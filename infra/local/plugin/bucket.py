"""Buckets whose name is made of a prefix, the account and the region, which MiniStack ignores."""

from __future__ import annotations

from ministack.core.responses import get_account_id, get_region

from infra.local.plugin.adaptation import adapted
from infra.local.plugin.calls import Handler, Properties

_LONGEST_NAME = 63


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
    if not prefix or len(name) > _LONGEST_NAME:
        raise ValueError(
            f"{name} is no bucket name: it needs a prefix and at most {_LONGEST_NAME} characters"
        )
    return {**properties, "BucketName": name}
