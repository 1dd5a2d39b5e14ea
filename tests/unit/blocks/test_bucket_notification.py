"""The custom resource in a template: what it asks for, and what its function may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from troposphere import GetAtt, Parameter, Ref, Template, awslambda, sqs

from infra.blocks.bucket_notification import (
    ForeignBucket,
    bucket_notification,
)
from infra.blocks.function import InlineCode, StoredCode
from infra.blocks.notification import EVENTBRIDGE, Told, permit_bucket
from infra.blocks.queue import admit_bucket
from infra.blocks.role import RoleOptions
from infra.lint.cfn_lint import findings
from infra.lint.references import undefined
from infra.model import Assembly, Stack
from infra.render import to_plain
from lambda_src.bucket_notification.properties import parse

BUCKET = ForeignBucket(name=Ref("BucketName"), owner=Ref("AWS::AccountId"))
ARN = {"Fn::Sub": ["arn:${AWS::Partition}:s3:::${Bucket}", {"Bucket": {"Ref": "BucketName"}}]}
OWN_LOG = {"Fn::GetAtt": ["LogNotificationLogGroup", "Arn"]}
ZIP = StoredCode(
    bucket=Ref("CodeS3Bucket"),
    key=Ref("CodeS3Key"),
    handler="lambda_src.bucket_notification.handler.handle",
)


def told(template: Template, bucket: ForeignBucket = BUCKET) -> Told:
    queue = template.add_resource(sqs.Queue("Queue"))
    policy = admit_bucket(template, queue, bucket_arn=bucket.arn, owner=bucket.owner)
    return Told(type="queue", arn=GetAtt(queue, "Arn"), prefix="AWSLogs/", admission=policy)


def template_with(*parameters: str) -> Template:
    template = Template(Description="somebody's")
    template.set_version("2010-09-09")
    for name in parameters:
        template.add_parameter(Parameter(name, Type="String"))
    return template


def resources(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = to_plain(template)["Resources"]
    return found


def linted(template: Template) -> list[Any]:
    plain = to_plain(template)
    assert undefined(plain) == []
    return findings(Assembly("test", "eu-west-1", {}, (Stack("stack", "stack", plain, {}),)))


def test_all_that_it_adds_and_what_that_may_do() -> None:
    """Its role reaches the notifications of that one bucket and its own log."""
    template = template_with("BucketName", "CodeS3Bucket", "CodeS3Key")
    bucket_notification(
        template,
        "LogNotification",
        bucket=BUCKET,
        told=told(template),
        code=ZIP,
        architecture="arm64",
        log_retention_days=30,
        role_options=RoleOptions(),
    )
    assert linted(template) == []
    made = resources(template)
    assert made["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"] == {
        "ArnEquals": {"aws:SourceArn": ARN},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }
    for one in made.values():
        one.pop("Metadata", None)  # what is accepted of it, and why
    assert {title: one for title, one in made.items() if title.startswith("Log")} == {
        "LogNotificationLogGroup": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"RetentionInDays": 30},
        },
        "LogNotificationRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": ["sts:AssumeRole"],
                        }
                    ],
                },
                "Policies": [
                    {
                        "PolicyName": "log",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {
                                    "Sid": "OwnLog",
                                    "Effect": "Allow",
                                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                                    "Resource": [
                                        {"Fn::GetAtt": ["LogNotificationLogGroup", "Arn"]}
                                    ],
                                },
                            ],
                        },
                    }
                ],
            },
        },
        "LogNotificationRights": {
            "Type": "AWS::IAM::RolePolicy",
            "Properties": {
                "RoleName": {"Ref": "LogNotificationRole"},
                "PolicyName": {
                    "Fn::Sub": ["notifications-of-${Bucket}", {"Bucket": {"Ref": "BucketName"}}]
                },
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "NotificationsOfThatBucket",
                            "Effect": "Allow",
                            "Action": ["s3:GetBucketNotification", "s3:PutBucketNotification"],
                            "Resource": [ARN],
                        },
                    ],
                },
            },
        },
        "LogNotificationFunction": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Description": "Puts one notification on a bucket, among those that others have "
                "there",
                "Runtime": "python3.13",
                "Architectures": ["arm64"],
                "Handler": "lambda_src.bucket_notification.handler.handle",
                "Code": {"S3Bucket": {"Ref": "CodeS3Bucket"}, "S3Key": {"Ref": "CodeS3Key"}},
                "Role": {"Fn::GetAtt": ["LogNotificationRole", "Arn"]},
                "MemorySize": 256,
                "Timeout": 180,
                "LoggingConfig": {
                    "LogFormat": "JSON",
                    "LogGroup": {"Ref": "LogNotificationLogGroup"},
                },
            },
        },
        "LogNotificationFunctionInvocation": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {
                "FunctionName": {"Ref": "LogNotificationFunction"},
                "Qualifier": "$LATEST",
                "MaximumRetryAttempts": 0,
                "MaximumEventAgeInSeconds": 120,
            },
        },
        "LogNotification": {
            "Type": "Custom::BucketNotification",
            "DependsOn": [
                "LogNotificationFunctionInvocation",
                "LogNotificationRights",
                "QueuePolicy",
            ],
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["LogNotificationFunction", "Arn"]},
                "ServiceTimeout": 300,
                "Bucket": {"Ref": "BucketName"},
                "ExpectedBucketOwner": {"Ref": "AWS::AccountId"},
                "Type": "queue",
                "Id": {"Fn::Sub": "${AWS::StackName}-LogNotification"},
                "Arn": {"Fn::GetAtt": ["Queue", "Arn"]},
                "Events": ["s3:ObjectCreated:*"],
                "Prefix": "AWSLogs/",
            },
        },
    }


def test_the_source_may_stand_in_the_template_itself() -> None:
    """Then its file is called `index`, and nothing has to stand in S3 before."""
    template = template_with("BucketName")
    source = "def handle(event, context):\n    pass\n"
    bucket_notification(
        template,
        "LogNotification",
        bucket=BUCKET,
        told=EVENTBRIDGE,
        code=InlineCode(source=source),
        architecture="arm64",
        log_retention_days=30,
        role_options=RoleOptions(),
    )
    assert linted(template) == []
    made = resources(template)
    function = made["LogNotificationFunction"]["Properties"]
    assert (function["Handler"], function["Code"]) == ("index.handle", {"ZipFile": source})
    asked = made["LogNotification"]
    assert asked["DependsOn"] == ["LogNotificationFunctionInvocation", "LogNotificationRights"]
    assert asked["Properties"].keys() == {
        *("ServiceToken", "ServiceTimeout", "Bucket", "ExpectedBucketOwner", "Type")
    }


def test_a_role_keeps_to_the_path_and_the_boundary_that_an_organisation_asks_for() -> None:
    """Whoever must not make roles without them can use this."""
    template = template_with("BucketName", "Boundary")
    bucket_notification(
        template,
        "LogNotification",
        bucket=BUCKET,
        told=EVENTBRIDGE,
        code=InlineCode(source="pass"),
        architecture="arm64",
        log_retention_days=30,
        role_options=RoleOptions(path="/teams/web/", permissions_boundary=Ref("Boundary")),
    )
    role = resources(template)["LogNotificationRole"]["Properties"]
    assert (role["Path"], role["PermissionsBoundary"]) == ("/teams/web/", {"Ref": "Boundary"})


def test_a_function_of_ones_own_is_invoked_for_that_bucket_of_that_account() -> None:
    """Another account owns the bucket here."""
    bucket = ForeignBucket(name="their-logs", owner="210987654321")
    template = template_with()
    mine = awslambda.Function("Mine", Role="arn", Code=awslambda.Code(ZipFile="pass"))
    template.add_resource(mine)
    permission = permit_bucket(template, mine, bucket_arn=bucket.arn, owner=bucket.owner)
    bucket_notification(
        template,
        "LogNotification",
        bucket=bucket,
        told=Told(type="function", arn=GetAtt(mine, "Arn"), prefix="", admission=permission),
        code=InlineCode(source="pass"),
        architecture="arm64",
        log_retention_days=30,
        role_options=RoleOptions(),
    )
    made = resources(template)
    assert made["MineBucketPermission"]["Properties"] == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Fn::GetAtt": ["Mine", "Arn"]},
        "Principal": "s3.amazonaws.com",
        "SourceArn": {
            "Fn::Sub": ["arn:${AWS::Partition}:s3:::${Bucket}", {"Bucket": "their-logs"}]
        },
        "SourceAccount": "210987654321",
    }
    assert made["LogNotification"]["DependsOn"] == [
        "LogNotificationFunctionInvocation",
        "LogNotificationRights",
        "MineBucketPermission",
    ]


ARNS = {
    "queue": "arn:aws:sqs:eu-west-1:123456789012:ours",
    "function": "arn:aws:lambda:eu-west-1:123456789012:function:ours",
}


@pytest.mark.parametrize("kind", ["queue", "function", "eventbridge"])
def test_the_function_understands_what_the_template_asks_for(kind: Any) -> None:
    """The two are written apart and have to agree."""
    template = template_with("BucketName")
    choice = EVENTBRIDGE if kind == "eventbridge" else replace(told(template), type=kind)
    bucket_notification(
        template,
        "LogNotification",
        bucket=BUCKET,
        told=choice,
        code=InlineCode(source="pass"),
        architecture="arm64",
        log_retention_days=30,
        role_options=RoleOptions(),
    )
    asked = resources(template)["LogNotification"]["Properties"]
    as_cloudformation_sends_them = {
        "ServiceTimeout": str(asked["ServiceTimeout"]),
        "Bucket": "their-logs",
        "ExpectedBucketOwner": "123456789012",
        "Id": "dev-log-processor-LogNotification",
        "Arn": ARNS.get(kind),
    }
    wanted = parse({name: as_cloudformation_sends_them.get(name, asked[name]) for name in asked})
    assert (wanted.type, wanted.prefix) == (kind, "" if kind == "eventbridge" else "AWSLogs/")
