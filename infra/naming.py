"""The names things get, each made in one place, and the nearest known name to a mistyped one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_REGION = len("us-isof-south-1")
BUCKET_NAME_LIMIT = 63
ENVIRONMENT_NAME_LIMIT = 32
"""Keeps `<environment>-log-processor`, also the function's name, under Lambda's 64 characters."""

BUCKET_PREFIX_LIMIT = BUCKET_NAME_LIMIT - len("-") - 12 - len("-") - LONGEST_REGION - len("-an")
"""What an account-regional bucket name leaves for its prefix, in any region.

The name is `<prefix>-<account>-<region>-an`:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
"""


def stack_name(environment: str, stack_id: str) -> str:
    """`dev-network`: what CloudFormation calls the stack `network` of `dev`."""
    return f"{environment}-{stack_id}"


def accepter_role_name(environment: str, account: str) -> str:
    """The role by which `account` accepts its peering, in the other account.

    It names the account, as environments of the same name in several may peer with one VPC.
    """
    return f"{environment}-{account}-peering"


def asset_key(name: str, sha256: str) -> str:
    """Where an asset stands in the artifact bucket; new content has a new key."""
    return f"{name}/{sha256}.zip"


def label(title: str) -> str:
    """`LogstashServerName` → `Logstash server name`: a parameter's title for a person."""
    first, *rest = re.findall(r"[A-Z][a-z]*\d*", title)
    return " ".join([_SPELT.get(first, first), *(_SPELT.get(w, w.lower()) for w in rest)])


_SPELT = {
    "Arn": "ARN",
    "Ca": "CA",
    "Cidr": "CIDR",
    "Elk": "ELK",
    "Id": "id",
    "Ids": "ids",
    "S3": "S3",
    "Tls": "TLS",
    "Vpc": "VPC",
}
"""Words of titles that are not just words."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be, or None."""
    by_lower_case = {one.lower(): one for one in known}
    matches = get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.6)
    return by_lower_case[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` (did you mean "zones"?)`, or nothing where no known name is near."""
    match = nearest(name, known)
    return f' (did you mean "{match}"?)' if match else ""
