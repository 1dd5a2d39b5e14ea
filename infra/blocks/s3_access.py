"""What an S3 gateway endpoint lets through: the policy that stands on it."""

from __future__ import annotations

from collections.abc import Sequence

from awacs.aws import (
    Action,
    Allow,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from awacs.s3 import (
    AbortMultipartUpload,
    DeleteObject,
    GetBucketLocation,
    GetObject,
    GetObjectVersion,
    ListBucket,
    ListMultipartUploadParts,
    PutObject,
)
from troposphere import Ref, Sub

from infra.blocks.references import placeholder

_OURS = StringEquals("aws:PrincipalAccount", Ref("AWS::AccountId"))


def s3_access_policy(
    *,
    log_buckets: Sequence[str] = (),
    readable: Sequence[Ref] = (),
    writable: Sequence[Ref] = (),
) -> PolicyDocument:
    """Only the named buckets, and no principal of another account but to read `readable`.

    `log_buckets`, named as inside an Fn::Sub, are those that functions read logs from and keep
    their state in; without any, this account's own buckets are all within reach. In the names of
    the others * stands for any characters.

    The endpoint's policy gives no right: what a principal may do, its own policies say.
    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html#edit-vpc-endpoint-policy-s3
    """
    own = _log_buckets(log_buckets) if log_buckets else _own_buckets()
    others = [
        *([_readable(readable)] if readable else []),
        *([_writable(writable)] if writable else []),
    ]
    return PolicyDocument(Version="2012-10-17", Statement=[own, *others])


def _log_buckets(names: Sequence[str]) -> Statement:
    return _allowed(
        "LogBuckets",
        [GetObject, GetObjectVersion, ListBucket, PutObject],
        _buckets_and_objects(names),
        Condition(_OURS),
    )


def _own_buckets() -> Statement:
    """Data can then neither leave for another account's bucket nor be written by its principals."""
    same_account = StringEquals(
        {
            "aws:PrincipalAccount": Ref("AWS::AccountId"),
            "aws:ResourceAccount": Ref("AWS::AccountId"),
        }
    )
    return _allowed("OwnBuckets", [Action("s3", "*")], ["*"], Condition(same_account))


def _readable(names: Sequence[Ref]) -> Statement:
    """Without a condition: package repositories are read with unsigned requests."""
    return _allowed(
        "Readable",
        [GetObject, GetObjectVersion, ListBucket],
        _buckets_and_objects([placeholder(name) for name in names]),
    )


def _writable(names: Sequence[Ref]) -> Statement:
    actions = [
        *(AbortMultipartUpload, DeleteObject, GetBucketLocation, GetObject, GetObjectVersion),
        *(ListBucket, ListMultipartUploadParts, PutObject),
    ]
    resources = _buckets_and_objects([placeholder(name) for name in names])
    return _allowed("Writable", actions, resources, Condition(_OURS))


def _allowed(
    sid: str,
    actions: Sequence[Action],
    resources: Sequence[Sub | str],
    condition: Condition | None = None,
) -> Statement:
    limited = {} if condition is None else {"Condition": condition}
    return Statement(
        Sid=sid,
        Effect=Allow,
        Principal=Principal("*"),
        Action=list(actions),
        Resource=list(resources),
        **limited,
    )


def _buckets_and_objects(names: Sequence[str]) -> list[Sub]:
    arns = [f"arn:${{AWS::Partition}}:s3:::{name}" for name in names]
    return [Sub(f"{arn}{objects}") for arn in arns for objects in ("", "/*")]
