"""The bucket that load balancers write their access logs to."""

from __future__ import annotations

from dataclasses import dataclass

from awacs.aws import Allow, Condition, PolicyDocument, Principal, Statement, StringEquals
from awacs.s3 import PutObject
from troposphere import GetAtt, Ref, Sub, Template, s3

from infra.blocks.queue import Queue, admit_bucket
from infra.blocks.references import placeholder

_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class LogLocation:
    """Where load balancers will write, known before the bucket exists.

    An account-regional bucket's name follows from its prefix. So queue and role name the bucket
    without referring to it, and nothing goes in a circle.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    """

    name_prefix: Ref
    folder: Ref
    """Empty, or with its slash: `team/shop/`."""

    @property
    def bucket_arn(self) -> Sub:
        """The bucket itself."""
        return Sub(self._arn)

    @property
    def log_objects_arn(self) -> Sub:
        """Every object that this account's load balancers write."""
        folder = placeholder(self.folder)
        return Sub(f"{self._arn}/{folder}AWSLogs/${{AWS::AccountId}}/*")

    @property
    def log_prefix(self) -> Sub:
        """The key prefix that all of them share."""
        return Sub(f"{placeholder(self.folder)}AWSLogs/")

    @property
    def _arn(self) -> str:
        prefix = placeholder(self.name_prefix)
        return f"arn:${{AWS::Partition}}:s3:::{prefix}-${{AWS::AccountId}}-${{AWS::Region}}-an"


def log_bucket(
    template: Template, title: str, *, location: LogLocation, notify: Queue, expiry_days: Ref
) -> s3.Bucket:
    """A bucket nobody can make public, which tells `notify` of every log and outlives its stack.

    Load balancers of this account may write below the log prefix, and nobody else anywhere.
    """
    admitted = admit_bucket(template, notify.queue, bucket_arn=location.bucket_arn)
    bucket = template.add_resource(
        s3.Bucket(
            title,
            # S3 tries the destination when the bucket is made.
            DependsOn=admitted.title,
            DeletionPolicy="Retain",
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
    _delivery_policy(template, bucket, location)
    return bucket


def _lifecycle(expiry_days: Ref) -> s3.LifecycleConfiguration:
    return s3.LifecycleConfiguration(
        Rules=[
            s3.LifecycleRule(
                Id="expire",
                Status="Enabled",
                ExpirationInDays=expiry_days,
                AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(
                    DaysAfterInitiation=1
                ),
            )
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


def _delivery_policy(template: Template, bucket: s3.Bucket, location: LogLocation) -> None:
    template.add_resource(
        s3.BucketPolicy(
            f"{bucket.title}Policy",
            Bucket=Ref(bucket),
            PolicyDocument=PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    Statement(
                        Sid="LoadBalancerLogDelivery",
                        Effect=Allow,
                        Principal=Principal("Service", _DELIVERY),
                        Action=[PutObject],
                        Resource=[location.log_objects_arn],
                        Condition=Condition(
                            StringEquals("aws:SourceAccount", Ref("AWS::AccountId"))
                        ),
                    )
                ],
            ),
        )
    )
