"""A notification on a bucket that somebody else owns: their own notifications stay as they are.

CloudFormation has notifications as a property of a bucket, so a bucket that stands elsewhere takes
a custom resource. Its function is `lambda_src/bucket_notification`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from awacs.aws import Action, Allow, PolicyDocument, Statement
from troposphere import (
    AWSHelperFn,
    GetAtt,
    PropsDictType,
    Ref,
    Sub,
    Template,
    awslambda,
    iam,
    logs,
)
from troposphere.validators import integer
from troposphere.validators.cloudformation import AWSCustomObject

from infra.blocks.custom_resource import provider
from infra.blocks.function import Code
from infra.blocks.gaps import RolePolicy
from infra.blocks.notification import CREATED, EVENTBRIDGE, Told
from infra.blocks.role import RoleOptions
from infra.runtime import Architecture

_TIMEOUT_SECONDS = 180
"""Long enough for a new role and a new queue policy to be known everywhere."""


class CustomBucketNotification(AWSCustomObject):
    """Custom::BucketNotification, as `lambda_src/bucket_notification/properties.py` explains it."""

    resource_type = "Custom::BucketNotification"
    props: PropsDictType = {
        "ServiceToken": (str, True),
        "ServiceTimeout": (integer, False),
        "Bucket": (str, True),
        "ExpectedBucketOwner": (str, True),
        "Type": (str, True),
        "Id": (str, False),
        "Arn": (str, False),
        "Events": ([str], False),
        "Prefix": (str, False),
    }


@dataclass(frozen=True, kw_only=True)
class ForeignBucket:
    """A bucket that stands in no template of ours, in the region of the stack."""

    name: AWSHelperFn | str
    owner: AWSHelperFn | str
    """Its account: `Ref("AWS::AccountId")` where that is the stack's own."""

    @property
    def arn(self) -> Sub:
        """The bucket itself."""
        return Sub("arn:${AWS::Partition}:s3:::${Bucket}", Bucket=self.name)


@dataclass(frozen=True, kw_only=True)
class BucketNotification:
    """Handles to what `bucket_notification` made."""

    notification: CustomBucketNotification
    function: awslambda.Function
    role: iam.Role
    log_group: logs.LogGroup


def bucket_notification(
    template: Template,
    title: str,
    *,
    bucket: ForeignBucket,
    told: Told | Literal["eventbridge"],
    code: Code,
    architecture: Architecture,
    log_retention_days: AWSHelperFn | int,
    role_options: RoleOptions,
) -> BucketNotification:
    """One notification on a foreign bucket; what others have there is never changed.

    The function behind it may read and write the notifications of that one bucket and its own
    log, nothing else. Deleting takes the notification away; EventBridge stays on, for whoever else
    relies on it.
    """
    made = provider(
        template,
        title,
        description="Puts one notification on a bucket, among those that others have there",
        code=code,
        architecture=architecture,
        timeout_seconds=_TIMEOUT_SECONDS,
        log_retention_days=log_retention_days,
        role_options=role_options,
    )
    rights = template.add_resource(_rights(title, made.role, bucket))
    notification = template.add_resource(
        CustomBucketNotification(
            title,
            DependsOn=[
                made.invocation.title,
                rights.title,
                *([told.admission.title] if told != EVENTBRIDGE else []),
            ],
            ServiceToken=GetAtt(made.function, "Arn"),
            ServiceTimeout=made.service_timeout_seconds,
            Bucket=bucket.name,
            ExpectedBucketOwner=bucket.owner,
            **_asked_for(title, told),
        )
    )
    return BucketNotification(
        notification=notification,
        function=made.function,
        role=made.role,
        log_group=made.log_group,
    )


def _rights(title: str, role: iam.Role, bucket: ForeignBucket) -> RolePolicy:
    """The bucket's name in its own makes it another policy when the bucket is another.

    The old one then stays until the notification on the old bucket is deleted: after an update
    CloudFormation deletes what was replaced, in the order of dependence.
    """
    document = PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Sid="NotificationsOfThatBucket",
                Effect=Allow,
                Action=[
                    Action("s3", "GetBucketNotification"),
                    Action("s3", "PutBucketNotification"),
                ],
                Resource=[bucket.arn],
            ),
        ],
    )
    return RolePolicy(
        f"{title}Rights",
        RoleName=Ref(role),
        PolicyName=Sub("notifications-of-${Bucket}", Bucket=bucket.name),
        PolicyDocument=document,
    )


def _asked_for(title: str, told: Told | Literal["eventbridge"]) -> dict[str, Any]:
    if told == EVENTBRIDGE:
        return {"Type": EVENTBRIDGE}
    return {
        "Type": told.type,
        # Others see it among their own, and two stacks on one bucket must not share it.
        "Id": Sub(f"${{AWS::StackName}}-{title}"),
        "Arn": told.arn,
        "Events": [CREATED],
        "Prefix": told.prefix,
    }
