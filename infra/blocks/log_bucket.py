"""The buckets that load balancers write their logs to, and a function what it has to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from awacs.aws import (
    Allow,
    ArnLike,
    Condition,
    Principal,
    Statement,
    StringEquals,
)
from awacs.s3 import GetBucketAcl, ListBucket, PutObject
from troposphere import AWSHelperFn, Ref, Sub, Template, s3

from infra.blocks.bucket import private_bucket
from infra.blocks.notification import EVENTBRIDGE, Told, configuration
from infra.blocks.references import arn, placeholder
from infra.rules import STATE_FOLDER

_STATE = f"{STATE_FOLDER}/"
_CHECKPOINTS = f"{_STATE}checkpoints/"
_CHECKPOINT_DAYS = 14
"""As long as a dead letter is kept: until then its object may be gone on with."""

_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"
_NLB_DELIVERY = "delivery.logs.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class LogLocation:
    """Where load balancers will write, and the function keep its state: known beforehand.

    An account-regional bucket's name follows from its prefix. So queue and role name the bucket
    without referring to it, and nothing goes in a circle.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    """

    name: str
    """Of the log bucket, as text inside an Fn::Sub."""
    state_name: str
    """Of the bucket for state, which may be the same."""
    key_prefix: Ref
    """As load balancers have it, but with its slash: empty, or `team/shop/`."""
    owner: AWSHelperFn
    """The account that the log bucket belongs to."""

    @property
    def bucket_name(self) -> Sub:
        """The log bucket's name."""
        return Sub(self.name)

    @property
    def bucket_arn(self) -> Sub:
        """The log bucket itself."""
        return Sub(_arn(self.name))

    @property
    def all_objects_arn(self) -> Sub:
        """Every object of the log bucket."""
        return Sub(f"{_arn(self.name)}/*")

    @property
    def log_objects_arn(self) -> Sub:
        """Every object that this account's load balancers write."""
        prefix = placeholder(self.key_prefix)
        return Sub(f"{_arn(self.name)}/{prefix}AWSLogs/${{AWS::AccountId}}/*")

    @property
    def log_prefix(self) -> Sub:
        """The key prefix that all of them share."""
        return Sub(f"{placeholder(self.key_prefix)}AWSLogs/")

    @property
    def state_bucket_arn(self) -> Sub:
        """The bucket for state itself."""
        return Sub(_arn(self.state_name))

    @property
    def all_state_objects_arn(self) -> Sub:
        """Every object of the bucket for state."""
        return Sub(f"{_arn(self.state_name)}/*")

    @property
    def state_objects_arn(self) -> Sub:
        """Every object that the function writes."""
        return Sub(f"{_arn(self.state_name)}/{_STATE}*")

    @property
    def checkpoints_arn(self) -> Sub:
        """Those of them that it reads again."""
        return Sub(f"{_arn(self.state_name)}/{_CHECKPOINTS}*")

    @property
    def state_url(self) -> Sub:
        """Where the function writes them: `s3://bucket/state/`."""
        return Sub(f"s3://{self.state_name}/{_STATE}")

    @property
    def keeps_state_apart(self) -> bool:
        """Whether the function's own objects stand in another bucket than the logs."""
        return self.state_name != self.name


def _arn(name: str) -> str:
    return f"arn:${{AWS::Partition}}:s3:::{name}"


@dataclass(frozen=True, kw_only=True)
class AccessLog:
    """Where S3 writes down who asked for what in a bucket."""

    bucket: AWSHelperFn
    prefix: AWSHelperFn


def log_bucket(
    template: Template,
    title: str,
    *,
    name_prefix: AWSHelperFn,
    location: LogLocation,
    told: Told | Literal["eventbridge"],
    expiry_days: AWSHelperFn,
    network_load_balancers: bool,
    access_log: AccessLog | None,
) -> s3.Bucket:
    """A private bucket that this account's load balancers may write logs to, and nobody else.

    Whoever is `told` is told of every log. What a function keeps below `state/` is no log: nobody
    is told of it; it expires with the logs, and checkpoints earlier. `network_load_balancers` lets
    in the other service that delivers their logs.
    """
    after = {} if told == EVENTBRIDGE else {"DependsOn": told.admission.title}
    deliveries = [_delivery(location)]
    if network_load_balancers:
        deliveries += _nlb_deliveries(location)
    return private_bucket(
        template,
        title,
        name_prefix=name_prefix,
        arn=location.bucket_arn,
        objects_arn=location.all_objects_arn,
        lifecycle=_lifecycle(expiry_days),
        statements=deliveries,
        NotificationConfiguration=configuration(told),
        **_logged(access_log),
        **after,
    )


def state_bucket(
    template: Template,
    title: str,
    *,
    name_prefix: AWSHelperFn,
    location: LogLocation,
    expiry_days: AWSHelperFn,
    access_log: AccessLog | None,
) -> s3.Bucket:
    """A private bucket for what a function keeps of logs that stand in somebody else's."""
    return private_bucket(
        template,
        title,
        name_prefix=name_prefix,
        arn=location.state_bucket_arn,
        objects_arn=location.all_state_objects_arn,
        lifecycle=_lifecycle(expiry_days),
        **_logged(access_log),
    )


def _logged(access_log: AccessLog | None) -> dict[str, Any]:
    if access_log is None:
        return {}
    return {
        "LoggingConfiguration": s3.LoggingConfiguration(
            DestinationBucketName=access_log.bucket, LogFilePrefix=access_log.prefix
        )
    }


def _lifecycle(expiry_days: AWSHelperFn) -> list[s3.LifecycleRule]:
    return [
        s3.LifecycleRule(
            # Of all objects: of logs, and of the lines of theirs that were rejected.
            Id="expire",
            Status="Enabled",
            ExpirationInDays=expiry_days,
            AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(DaysAfterInitiation=1),
        ),
        s3.LifecycleRule(
            Id="expire-checkpoints",
            Status="Enabled",
            Prefix=_CHECKPOINTS,
            ExpirationInDays=_CHECKPOINT_DAYS,
        ),
    ]


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


def _nlb_deliveries(location: LogLocation) -> list[Statement]:
    """Network load balancers have their logs delivered by CloudWatch Logs.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
    """
    principal = Principal("Service", _NLB_DELIVERY)
    this_account = [
        StringEquals("aws:SourceAccount", Ref("AWS::AccountId")),
        ArnLike("aws:SourceArn", arn("logs", "*")),
    ]
    return [
        Statement(
            Sid="NetworkLoadBalancerLogDelivery",
            Effect=Allow,
            Principal=principal,
            Action=[PutObject],
            Resource=[location.log_objects_arn],
            Condition=Condition(
                [
                    StringEquals(
                        {
                            "aws:SourceAccount": Ref("AWS::AccountId"),
                            "s3:x-amz-acl": "bucket-owner-full-control",
                        }
                    ),
                    ArnLike("aws:SourceArn", arn("logs", "*")),
                ]
            ),
        ),
        Statement(
            Sid="NetworkLoadBalancerLogDeliveryCheck",
            Effect=Allow,
            Principal=principal,
            Action=[GetBucketAcl, ListBucket],
            Resource=[location.bucket_arn],
            Condition=Condition(this_account),
        ),
    ]
