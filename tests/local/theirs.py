"""Somebody else's bucket in the local AWS, and everybody who is told of what comes into it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from infra.local.emulator import Emulator
from tests.local.stacks import Client

Configuration = dict[str, Any]

_ACCOUNT, _REGION = Emulator.account, "eu-west-1"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
_TELLING = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": ["sqs:SendMessage", "sns:Publish"],
            "Resource": "*",
        }
    ],
}


@contextmanager
def notified(client: Client, bucket: str) -> Iterator[Configuration]:
    """A bucket with one notification of each kind on it."""
    place = {"LocationConstraint": _REGION}
    client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    policy = {"Policy": json.dumps(_TELLING)}
    name = f"{bucket}-queue"
    queue = client("sqs").create_queue(QueueName=name, Attributes=policy)["QueueUrl"]
    topic = client("sns").create_topic(Name=f"{bucket}-topic", Attributes=policy)["TopicArn"]
    function = _function(client, bucket)
    configuration = {
        "QueueConfigurations": [
            {
                "Id": "inventory",
                "QueueArn": f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:{name}",
                "Events": ["s3:ObjectCreated:*"],
                "Filter": prefix("inventory/"),
            }
        ],
        "TopicConfigurations": [
            {"Id": "removals", "TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}
        ],
        "LambdaFunctionConfigurations": [
            {
                "Id": "thumbnails",
                "LambdaFunctionArn": function,
                "Events": ["s3:ObjectCreated:Put"],
                "Filter": prefix("images/"),
            }
        ],
        "EventBridgeConfiguration": {},
    }
    client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration=configuration
    )
    yield configuration
    client("sqs").delete_queue(QueueUrl=queue)
    client("sns").delete_topic(TopicArn=topic)
    client("lambda").delete_function(FunctionName=function)


def configuration_of(client: Client, bucket: str) -> Configuration:
    found = client("s3").get_bucket_notification_configuration(Bucket=bucket)
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def prefix(value: str) -> Configuration:
    return {"Key": {"FilterRules": [{"Name": "prefix", "Value": value}]}}


def admit(client: Client, function: str, bucket: str) -> None:
    """Let S3 invoke the function for that bucket."""
    client("lambda").add_permission(
        FunctionName=function,
        StatementId=bucket,
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}",
        SourceAccount=_ACCOUNT,
    )


def function(client: Client, name: str, source: str, **settings: Any) -> str:
    """A function of a few lines, under a role that may do nothing; its ARN."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", source)
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))
    made = client("lambda").create_function(
        FunctionName=name,
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="index.handle",
        Code={"ZipFile": code.getvalue()},
        **settings,
    )
    return str(made["FunctionArn"])


def _function(client: Client, bucket: str) -> str:
    made = function(client, f"{bucket}-function", "def handle(event, context): pass\n")
    admit(client, made, bucket)
    return made
