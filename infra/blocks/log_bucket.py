"""The bucket that load balancers write their logs to, and a function what it has to keep."""

from __future__ import annotations

from dataclasses import dataclass

from awacs.aws import (
    Action,
    Allow,
    Bool,
    Condition,
    Deny,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from awacs.s3 import PutObject
from troposphere import GetAtt, Ref, Sub, Template, s3

from infra.blocks.queue import Queue, admit_bucket
from infra.blocks.references import account_regional_name, placeholder
from infra.rules import STATE_FOLDER

_STATE = f"{STATE_FOLDER}/"
_CHECKPOINTS = f"{_STATE}checkpoints/"
_CHECKPOINT_DAYS = 14
"""As long as a dead letter is kept: until then its object may be gone on with."""

_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class LogLocation:
    """Where load balancers will write, known before the bucket exists.

    An account-regional bucket's name follows from its prefix. So queue and role name the bucket
    without referring to it, and nothing goes in a circle.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    """

    name_prefix: Ref
    key_prefix: Ref
    """As load balancers have it, but with its slash: empty, or `team/shop/`."""

    @property
    def bucket_arn(self) -> Sub:
        """The bucket itself."""
        return Sub(self._arn)

    @property
    def all_objects_arn(self) -> Sub:
        """Every object of the bucket."""
        return Sub(f"{self._arn}/*")

    @property
    def log_objects_arn(self) -> Sub:
        """Every object that this account's load balancers write."""
        prefix = placeholder(self.key_prefix)
        return Sub(f"{self._arn}/{prefix}AWSLogs/${{AWS::AccountId}}/*")

    @property
    def log_prefix(self) -> Sub:
        """The key prefix that all of them share."""
        return Sub(f"{placeholder(self.key_prefix)}AWSLogs/")

    @property
    def state_objects_arn(self) -> Sub:
        """Every object that the function writes."""
        return Sub(f"{self._arn}/{_STATE}*")

    @property
    def checkpoints_arn(self) -> Sub:
        """Those of them that it reads again."""
        return Sub(f"{self._arn}/{_CHECKPOINTS}*")

    @property
    def state_url(self) -> Sub:
        """Where the function writes them: `s3://bucket/state/`."""
        return Sub(f"s3://{self._name}/{_STATE}")

    @property
    def _arn(self) -> str:
        return f"arn:${{AWS::Partition}}:s3:::{self._name}"

    @property
    def _name(self) -> str:
        return account_regional_name(self.name_prefix)


def log_bucket(
    template: Template, title: str, *, location: LogLocation, notify: Queue, expiry_days: Ref
) -> s3.Bucket:
    """A bucket nobody can make public, which tells `notify` of every log and outlives its stack.

    Its policy admits load balancers of this account, to write below the log prefix, and nobody
    else; and it refuses plain HTTP. What a function keeps below `state/` is no log, so nothing is
    told of it; it expires with the logs, and checkpoints earlier.
    """
    admitted = admit_bucket(template, notify.queue, bucket_arn=location.bucket_arn)
    bucket = template.add_resource(
        s3.Bucket(
            title,
            # S3 tries the destination when the bucket is made.
            DependsOn=admitted.title,
            # Retain alone would also keep it when its creation is rolled back, and its name would
            # then stand in the way of the next attempt.
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
            BucketNamespace="account-regional",
            BucketNamePrefix=location.name_prefix,
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
            LifecycleConfiguration=_lifecycle(expiry_days),
            NotificationConfiguration=_notification(location, notify),
        )
    )
    _policy(template, bucket, location)
    return bucket


def _lifecycle(expiry_days: Ref) -> s3.LifecycleConfiguration:
    return s3.LifecycleConfiguration(
        Rules=[
            s3.LifecycleRule(
                # Of all objects: of logs, and of the lines of theirs that were rejected.
                Id="expire",
                Status="Enabled",
                ExpirationInDays=expiry_days,
                AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(
                    DaysAfterInitiation=1
                ),
            ),
            s3.LifecycleRule(
                Id="expire-checkpoints",
                Status="Enabled",
                Prefix=_CHECKPOINTS,
                ExpirationInDays=_CHECKPOINT_DAYS,
            ),
        ]
    )


def _notification(location: LogLocation, notify: Queue) -> s3.NotificationConfiguration:
    return s3.NotificationConfiguration(
        QueueConfigurations=[
            s3.QueueConfigurations(
                # Load balancers write with PutObject, POST and multipart upload.
                Event="s3:ObjectCreated:*",
                Queue=GetAtt(notify.queue, "Arn"),
                Filter=s3.Filter(
                    S3Key=s3.S3Key(Rules=[s3.Rules(Name="prefix", Value=location.log_prefix)])
                ),
            )
        ]
    )


def _policy(template: Template, bucket: s3.Bucket, location: LogLocation) -> None:
    template.add_resource(
        s3.BucketPolicy(
            f"{bucket.title}Policy",
            Bucket=Ref(bucket),
            PolicyDocument=PolicyDocument(
                Version="2012-10-17",
                Statement=[_delivery(location), _encrypted_transport(location)],
            ),
        )
    )


def _delivery(location: LogLocation) -> Statement:
    """One service principal in all regions; the accounts of each region are its past.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    return Statement(
        Sid="LoadBalancerLogDelivery",
        Effect=Allow,
        Principal=Principal("Service", _DELIVERY),
        Action=[PutObject],
        Resource=[location.log_objects_arn],
        Condition=Condition(StringEquals("aws:SourceAccount", Ref("AWS::AccountId"))),
    )


def _encrypted_transport(location: LogLocation) -> Statement:
    return Statement(
        Sid="NoPlainHttp",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[Action("s3", "*")],
        Resource=[location.bucket_arn, location.all_objects_arn],
        Condition=Condition(Bool("aws:SecureTransport", "false")),
    )
