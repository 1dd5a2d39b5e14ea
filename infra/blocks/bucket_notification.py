"""A notification on a bucket that somebody else owns: their own notifications stay as they are.

CloudFormation has notifications as a property of a bucket, so a bucket that stands elsewhere takes
a custom resource. Its function is `lambda_src/bucket_notification`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from awacs.aws import Action, Allow, PolicyDocument, Principal, Statement
from awacs.logs import CreateLogStream, PutLogEvents
from awacs.sts import AssumeRole
from troposphere import (
    AWSHelperFn,
    AWSObject,
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

from infra.blocks.function import ARCHITECTURE, RUNTIME, Code
from infra.blocks.gaps import LoggingConfig, RolePolicy

EMBEDDED_HANDLER = "index.handle"
"""Of code that stands in the template: CloudFormation calls its file `index`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
"""

_MEMORY_MB = 256
_TIMEOUT_SECONDS = 180
"""Long enough for a new role and a new queue policy to be known everywhere."""

_LONGEST_WAIT_SECONDS = 120
_SERVICE_TIMEOUT_SECONDS = _LONGEST_WAIT_SECONDS + _TIMEOUT_SECONDS
"""What the function does it has done before CloudFormation gives up on it and rolls back."""


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
class Told:
    """A queue or a function that is told of objects."""

    type: Literal["queue", "function"]
    arn: AWSHelperFn
    prefix: AWSHelperFn | str
    """Of the keys of the objects; all if empty."""
    admission: AWSObject
    """Lets S3 send to it, which S3 tries: the queue's policy or the function's permission."""
    events: Sequence[str] = ("s3:ObjectCreated:*",)


EVENTBRIDGE: Literal["eventbridge"] = "eventbridge"


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
    code: Code | str,
    log_retention_days: AWSHelperFn | int,
    role_path: AWSHelperFn | str | None = None,
    permissions_boundary: AWSHelperFn | str | None = None,
) -> BucketNotification:
    """One notification on a foreign bucket; what others have there is never changed.

    The function behind it may read and write the notifications of that one bucket and its own
    log, nothing else. `code` is the zip's place, or the source itself, which the template then
    carries. Deleting takes the notification away; EventBridge stays on, for whoever else relies
    on it.
    """
    log_group = template.add_resource(
        logs.LogGroup(f"{title}LogGroup", RetentionInDays=log_retention_days)
    )
    role = template.add_resource(
        iam.Role(
            f"{title}Role",
            AssumeRolePolicyDocument=_trust(),
            Policies=[iam.Policy(PolicyName="log", PolicyDocument=_own_log(log_group))],
            **_given(Path=role_path, PermissionsBoundary=permissions_boundary),
        )
    )
    rights = template.add_resource(_rights(title, role, bucket))
    function = template.add_resource(_function(title, code, role, log_group))
    invocation = template.add_resource(_invocation(function))
    notification = template.add_resource(
        CustomBucketNotification(
            title,
            DependsOn=[
                invocation.title,
                rights.title,
                *([told.admission.title] if told != EVENTBRIDGE else []),
            ],
            ServiceToken=GetAtt(function, "Arn"),
            ServiceTimeout=_SERVICE_TIMEOUT_SECONDS,
            Bucket=bucket.name,
            ExpectedBucketOwner=bucket.owner,
            **_asked_for(title, told),
        )
    )
    return BucketNotification(
        notification=notification, function=function, role=role, log_group=log_group
    )


def permit_bucket(
    template: Template, function: awslambda.Function, *, bucket: ForeignBucket
) -> awslambda.Permission:
    """S3 may invoke the function, for that bucket of that account and for no other.

    The ARN alone is not enough: a deleted bucket's name can come back in another account.
    https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html
    """
    return template.add_resource(
        awslambda.Permission(
            f"{function.title}Permission",
            Action="lambda:InvokeFunction",
            FunctionName=GetAtt(function, "Arn"),
            Principal="s3.amazonaws.com",
            SourceArn=bucket.arn,
            SourceAccount=bucket.owner,
        )
    )


def _trust() -> PolicyDocument:
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Effect=Allow,
                Principal=Principal("Service", "lambda.amazonaws.com"),
                Action=[AssumeRole],
            )
        ],
    )


def _own_log(log_group: logs.LogGroup) -> PolicyDocument:
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Sid="OwnLog",
                Effect=Allow,
                Action=[CreateLogStream, PutLogEvents],
                Resource=[GetAtt(log_group, "Arn")],
            ),
        ],
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


def _function(
    title: str, code: Code | str, role: iam.Role, log_group: logs.LogGroup
) -> awslambda.Function:
    handler, carried = _carried(code)
    return awslambda.Function(
        f"{title}Function",
        Description="Puts one notification on a bucket, among those that others have there",
        Runtime=RUNTIME,
        Architectures=[ARCHITECTURE],
        Handler=handler,
        Code=carried,
        Role=GetAtt(role, "Arn"),
        MemorySize=_MEMORY_MB,
        Timeout=_TIMEOUT_SECONDS,
        LoggingConfig=LoggingConfig(LogFormat="JSON", LogGroup=Ref(log_group)),
    )


def _carried(code: Code | str) -> tuple[str, awslambda.Code]:
    if isinstance(code, str):
        return EMBEDDED_HANDLER, awslambda.Code(ZipFile=code)
    return code.handler, awslambda.Code(S3Bucket=code.bucket, S3Key=code.key)


def _invocation(function: awslambda.Function) -> awslambda.EventInvokeConfig:
    """Each request once, and not for long: a Create that came late would follow its own Delete.

    Lambda repeats what has failed twice, up to six hours later, if it is not told otherwise.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
    """
    return awslambda.EventInvokeConfig(
        f"{function.title}Invocation",
        FunctionName=Ref(function),
        Qualifier="$LATEST",
        MaximumRetryAttempts=0,
        MaximumEventAgeInSeconds=_LONGEST_WAIT_SECONDS,
    )


def _asked_for(title: str, told: Told | Literal["eventbridge"]) -> dict[str, Any]:
    if told == EVENTBRIDGE:
        return {"Type": EVENTBRIDGE}
    return {
        "Type": told.type,
        # Others see it among their own, and two stacks on one bucket must not share it.
        "Id": Sub(f"${{AWS::StackName}}-{title}"),
        "Arn": told.arn,
        "Events": list(told.events),
        "Prefix": told.prefix,
    }


def _given(**properties: AWSHelperFn | str | None) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}
