"""What a real account has before the stacks are created: buckets that they only name."""

from __future__ import annotations

from collections.abc import Iterator

from infra.aws.services import Aws
from infra.local.progress import Noted, Tell, step
from infra.local.surroundings import ACCOUNT
from infra.model import Assembly

_NAMED = ("LogBucketName", "AccessLogBucket")
"""Parameters whose values are buckets that exist."""
_OWNER = "LogBucketAccount"


def create_buckets(assembly: Assembly, aws: Aws, tell: Tell) -> None:
    """Create the bucket for code, and those that somebody else owns."""
    with step(tell, "create the bucket for code that a real account has"):
        if assembly.artifact_bucket is not None:
            aws.objects.create_bucket(assembly.artifact_bucket)
    for bucket in sorted({bucket for name in _NAMED for bucket in _values(assembly, name)}):
        with step(tell, f"create the bucket {bucket}, which exists in a real account"):
            aws.objects.create_bucket(bucket)


def overrides(assembly: Assembly, tell: Tell) -> dict[str, str]:
    """What is different because those buckets are all in the one account that there is."""
    if set(_values(assembly, _OWNER)) <= {ACCOUNT}:
        return {}
    tell(Noted(f"the log bucket is in the stacks' own account here, {ACCOUNT}"))
    return {_OWNER: ACCOUNT}


def _values(assembly: Assembly, parameter: str) -> Iterator[str]:
    for stack in assembly.stacks:
        if parameter in stack.parameters:
            yield stack.parameters[parameter]
