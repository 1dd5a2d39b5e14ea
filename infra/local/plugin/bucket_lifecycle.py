"""How long a bucket's objects are kept, which MiniStack leaves out of what a template says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ministack.services import s3

_ABORT = "AbortIncompleteMultipartUpload"


def configuration() -> tuple[Any, ...]:
    """As MiniStack has its other configurations of buckets: property, body, put, delete."""
    return ("LifecycleConfiguration", _body, _put, s3._delete_bucket_lifecycle)


def _body(configuration: Mapping[str, Any]) -> bytes:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html."""
    root = Element("LifecycleConfiguration", xmlns=s3.S3_NS)
    for given in configuration["Rules"]:
        rule = SubElement(root, "Rule")
        for name, tag in (("Id", "ID"), ("Status", "Status")):
            if name in given:
                SubElement(rule, tag).text = str(given[name])
        SubElement(SubElement(rule, "Filter"), "Prefix").text = given.get("Prefix", "")
        if "ExpirationInDays" in given:
            _days(rule, "Expiration", "Days", given["ExpirationInDays"])
        if _ABORT in given:
            _days(rule, _ABORT, "DaysAfterInitiation", given[_ABORT]["DaysAfterInitiation"])
    return tostring(root)


def _days(rule: Element, name: str, unit: str, days: object) -> None:
    SubElement(SubElement(rule, name), unit).text = str(days)


def _put(bucket: str, body: bytes) -> None:
    status, _, answer = s3._put_bucket_lifecycle(bucket, body)
    if status >= 400:
        raise ValueError(f"LifecycleConfiguration: {answer.decode()}")
