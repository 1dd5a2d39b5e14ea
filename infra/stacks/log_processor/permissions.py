"""What the function's code may do: with logs, its own state, and a secret."""

from __future__ import annotations

from awacs.aws import Allow, Statement
from awacs.s3 import GetObject, GetObjectVersion, ListBucket, PutObject
from awacs.secretsmanager import GetSecretValue
from troposphere import Ref

from infra.blocks.log_bucket import LogLocation


def permissions(location: LogLocation, secret: Ref | None) -> list[Statement]:
    """The rights on logs, on the function's own objects, and on the named secret."""
    buckets = [location.bucket_arn]
    if location.keeps_state_apart:
        buckets.append(location.state_bucket_arn)
    return [
        Statement(
            Sid="ReadLogs",
            Effect=Allow,
            Action=[GetObject, GetObjectVersion],
            Resource=[location.log_objects_arn],
        ),
        Statement(
            Sid="KeepState",
            Effect=Allow,
            Action=[PutObject],
            Resource=[location.state_objects_arn],
        ),
        Statement(
            Sid="GoOnAtCheckpoints",
            Effect=Allow,
            Action=[GetObject],
            Resource=[location.checkpoints_arn],
        ),
        # Without it S3 says of an object that is not there that access is denied. The right has to
        # be on the whole bucket: a request for an object has no prefix to put a condition on.
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        Statement(
            Sid="TellGoneFromDenied", Effect=Allow, Action=[ListBucket], Resource=list(buckets)
        ),
        *_secret(secret),
    ]


def _secret(secret: Ref | None) -> list[Statement]:
    if secret is None:
        return []
    return [
        Statement(Sid="ReadSecret", Effect=Allow, Action=[GetSecretValue], Resource=[secret]),
    ]
