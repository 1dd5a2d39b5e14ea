"""A bucket that stays private, whatever is written to it and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from awacs.aws import (
    Action,
    Bool,
    Condition,
    ConditionElement,
    Deny,
    NumericLessThan,
    PolicyDocument,
    Principal,
    Statement,
)
from troposphere import AWSHelperFn, Ref, Template, s3

from infra.blocks.reasons import reasons


def private_bucket(
    template: Template,
    title: str,
    *,
    name_prefix: AWSHelperFn,
    arn: AWSHelperFn,
    objects_arn: AWSHelperFn,
    lifecycle: Sequence[s3.LifecycleRule],
    statements: Sequence[Statement] = (),
    **properties: Any,
) -> s3.Bucket:
    """A bucket nobody can make public, that refuses plain HTTP and old TLS and outlives its stack.

    Its name is `<prefix>-<account>-<region>-an`, which nobody else can take. Besides those
    refusals its policy has `statements`; `arn` and `objects_arn` are the bucket's own.
    """
    bucket = template.add_resource(
        s3.Bucket(
            title,
            Metadata=reasons(accepted=_accepted(logged="LoggingConfiguration" in properties)),
            # Retain alone would also keep it when its creation is rolled back, and its name would
            # then stand in the way of the next attempt.
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
            BucketNamespace="account-regional",
            BucketNamePrefix=name_prefix,
            # Load balancers deliver to SSE-S3 only; with KMS the logs silently stay away.
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
            BucketEncryption=s3.BucketEncryption(
                ServerSideEncryptionConfiguration=[
                    s3.ServerSideEncryptionRule(
                        ServerSideEncryptionByDefault=s3.ServerSideEncryptionByDefault(
                            SSEAlgorithm="AES256"
                        )
                    )
                ]
            ),
            OwnershipControls=s3.OwnershipControls(
                Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]
            ),
            PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
                BlockPublicAcls=True,
                BlockPublicPolicy=True,
                IgnorePublicAcls=True,
                RestrictPublicBuckets=True,
            ),
            LifecycleConfiguration=s3.LifecycleConfiguration(Rules=list(lifecycle)),
            **properties,
        )
    )
    _add_policy(template, bucket, [arn, objects_arn], statements)
    return bucket


def _add_policy(
    template: Template,
    bucket: s3.Bucket,
    resources: list[AWSHelperFn],
    statements: Sequence[Statement],
) -> None:
    template.add_resource(
        s3.BucketPolicy(
            f"{bucket.title}Policy",
            Bucket=Ref(bucket),
            PolicyDocument=PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    *statements,
                    _refused("NoPlainHttp", resources, Bool("aws:SecureTransport", "false")),
                    # AWS's own endpoints ask for it since February 2024; here it stands in writing.
                    # https://aws.amazon.com/blogs/storage/enforcing-encryption-in-transit-with-tls1-2-or-higher-with-amazon-s3/
                    _refused("NoOldTls", resources, NumericLessThan("s3:TlsVersion", "1.2")),
                ],
            ),
        )
    )


def _accepted(*, logged: bool) -> dict[str, str]:
    accepted = {
        "CKV_AWS_21": "what counts is written once, or only its last version counts; and versions "
        "would outlive the expiry",
    }
    if not logged:
        accepted["CKV_AWS_18"] = (
            "access_log is not set: few services may touch it, and the function's log names each "
            "object"
        )
    return accepted


def _refused(sid: str, resources: Sequence[AWSHelperFn], how: ConditionElement) -> Statement:
    """Whoever comes like that may do nothing at all, whatever else allows it."""
    return Statement(
        Sid=sid,
        Effect=Deny,
        Principal=Principal("*"),
        Action=[Action("s3", "*")],
        Resource=list(resources),
        Condition=Condition(how),
    )
