"""What the function may do in AWS, and what it may not: each of these from one that it may."""

from __future__ import annotations

from collections.abc import Iterator

from .requests import Row
from .scene import Scene

OTHER_ACCOUNT = "999999999999"
INTERFACE_ACTIONS = {
    "AssignPrivateIpAddresses": "network-interface/eni-0a1b2c3d4e5f60718",
    "CreateNetworkInterface": "subnet/subnet-0a1b2c3d4e5f60718",
    "DeleteNetworkInterface": "network-interface/eni-0a1b2c3d4e5f60718",
    "DescribeNetworkInterfaces": "*",
    "DescribeSubnets": "*",
    "UnassignPrivateIpAddresses": "network-interface/eni-0a1b2c3d4e5f60718",
}


def function_rows(scene: Scene) -> Iterator[Row]:
    """All of them."""
    yield from _logs(scene)
    yield from _state(scene)
    yield from _bucket_itself(scene)
    yield from _queues(scene)
    yield from _own_log(scene)
    yield from _secrets(scene)
    yield from _interfaces(scene)
    yield from _itself(scene)


def _logs(scene: Scene) -> Iterator[Row]:
    day = "elasticloadbalancing/eu-west-1/2026/10/14/app.log.gz"
    key = f"{scene.bucket}/{scene.log_prefix}{day}"
    other = scene.log_prefix.replace(scene.place.account, OTHER_ACCOUNT)
    elsewhere = scene.bucket.removesuffix("-an") + "-other"
    read = _may(scene, "read a log", "s3:GetObject", key)
    yield read
    yield _may(scene, "read a version of a log", "s3:GetObjectVersion", key)
    yield read.but("of another account", resource=f"{scene.bucket}/{other}{day}")
    yield read.but("from the prefix's parent", resource=f"{scene.bucket}/{scene.log_prefix[:-1]}")
    yield read.but("with a key of another kind", resource=f"{scene.bucket}/reports/2026.csv")
    yield read.but("below another prefix", resource=f"{scene.bucket}/x/{scene.log_prefix}{day}")
    yield read.but("from another bucket", resource=f"{elsewhere}/{scene.log_prefix}{day}")
    for action in ("DeleteObject", "DeleteObjectVersion", "PutObject", "PutObjectTagging"):
        yield _may_not(scene, "change or lose a log", f"s3:{action}", key)
    for action in ("GetObjectAcl", "PutObjectAcl", "GetObjectTagging", "RestoreObject"):
        yield _may_not(scene, "look into or change a log's rights", f"s3:{action}", key)
    if scene.bucket in scene.policies.resource:
        yield read.over("over plain HTTP", **{"aws:SecureTransport": "false"})
        yield read.over("over TLS 1.1", **{"s3:TlsVersion": "1.1"})


def _state(scene: Scene) -> Iterator[Row]:
    folder = f"{scene.bucket}/state"
    keep = _may(scene, "keep a rejected line", "s3:PutObject", f"{folder}/rejected/a.ndjson")
    again = _may(scene, "go on at a checkpoint", "s3:GetObject", f"{folder}/checkpoints/a.json")
    yield keep
    yield _may(scene, "keep a checkpoint", "s3:PutObject", f"{folder}/checkpoints/a.json")
    yield again
    yield keep.but("beside its folder", resource=f"{scene.bucket}/statement/a.ndjson")
    yield keep.but("in the bucket's root", resource=f"{scene.bucket}/a.ndjson")
    yield keep.but("in another bucket", resource=f"{scene.bucket}-other/state/rejected/a.ndjson")
    yield again.but("or read rejected lines", resource=f"{folder}/rejected/a.ndjson")
    yield again.but("or read other state", resource=f"{folder}/other.json")
    for action in (
        "DeleteObject",
        "PutObjectAcl",
        "PutObjectRetention",
        "BypassGovernanceRetention",
    ):
        yield _may_not(
            scene, "take back what it kept", f"s3:{action}", f"{folder}/checkpoints/a.json"
        )


def _bucket_itself(scene: Scene) -> Iterator[Row]:
    tell = _may(scene, "tell a log that is gone from one denied", "s3:ListBucket", scene.bucket)
    yield tell
    yield tell.but("in another bucket", resource=f"{scene.bucket}-other")
    for action in (
        *("PutBucketPolicy", "DeleteBucketPolicy", "PutBucketPublicAccessBlock", "PutBucketAcl"),
        *("PutBucketNotification", "PutLifecycleConfiguration", "PutEncryptionConfiguration"),
        *("PutBucketVersioning", "PutReplicationConfiguration", "DeleteBucket", "GetBucketPolicy"),
        *("ListBucketVersions", "PutBucketOwnershipControls"),
    ):
        yield _may_not(scene, "administer the bucket", f"s3:{action}", scene.bucket)
    yield _may_not(scene, "see which buckets there are", "s3:ListAllMyBuckets", "*")


def _queues(scene: Scene) -> Iterator[Row]:
    nobodys = scene.place.arn("sqs", "orders")
    for queue in scene.polled:
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            row = _may(scene, "take messages for the function", f"sqs:{action}", queue)
            yield row
            for other in (nobodys, *scene.other_queues):
                yield row.but("from another queue", resource=other)
        for action in ("SendMessage", "PurgeQueue", "SetQueueAttributes", "DeleteQueue"):
            yield _may_not(scene, "change its queue", f"sqs:{action}", queue)
    for arn in scene.failures:
        put = _may(scene, "leave an event that failed", _put(arn), arn)
        yield put
        yield put.but("somewhere else", resource=f"{arn}-other")
    yield _may_not(scene, "send to a queue", "sqs:SendMessage", nobodys)
    yield _may_not(scene, "tell a topic", "sns:Publish", scene.place.arn("sns", "orders"))


def _put(arn: str) -> str:
    return {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}[arn.split(":")[2]]


def _own_log(scene: Scene) -> Iterator[Row]:
    stream = ":log-stream:2026/10/14/[$LATEST]0a1b2c3d"
    other = scene.place.arn("logs", "log-group:/aws/lambda/other")
    for action in ("CreateLogStream", "PutLogEvents"):
        row = _may(scene, "write its log", f"logs:{action}", f"{scene.log_group}{stream}")
        yield row
        yield row.but("or another function's", resource=f"{other}{stream}")
        yield row.but("or one of a longer name", resource=f"{scene.log_group}-other{stream}")
    for action in (
        *("DeleteLogGroup", "PutRetentionPolicy", "PutSubscriptionFilter", "FilterLogEvents"),
        *("CreateLogGroup", "DisassociateKmsKey"),
    ):
        yield _may_not(scene, "administer its log", f"logs:{action}", scene.log_group)
    for action in ("DeleteLogStream", "GetLogEvents"):
        yield _may_not(
            scene, "read or lose its log", f"logs:{action}", f"{scene.log_group}{stream}"
        )


def _secrets(scene: Scene) -> Iterator[Row]:
    named = scene.variables.get("LOGSTASH_SECRET")
    other = scene.place.arn("secretsmanager", "secret:database-AbCdEf")
    if named:
        read = _may(scene, "read the named secret", "secretsmanager:GetSecretValue", named)
        yield read
        yield read.but("or another one", resource=other)
        yield read.but("or one whose name goes on", resource=f"{named}-GhIjKl")
        for action in ("PutSecretValue", "DeleteSecret", "DescribeSecret", "UpdateSecret"):
            yield _may_not(scene, "change the secret", f"secretsmanager:{action}", named)
    else:
        yield _may_not(scene, "read a secret", "secretsmanager:GetSecretValue", other)
    yield _may_not(scene, "see which secrets there are", "secretsmanager:ListSecrets", "*")
    key = scene.place.arn("kms", "key/0a1b2c3d-0000-4000-8000-000000000000")
    yield _may_not(scene, "decrypt with a key of the account", "kms:Decrypt", key)
    parameter = scene.place.arn("ssm", "parameter/database/password")
    yield _may_not(scene, "read a parameter", "ssm:GetParameter", parameter)


def _interfaces(scene: Scene) -> Iterator[Row]:
    for action, what in INTERFACE_ACTIONS.items():
        resource = what if what == "*" else scene.place.arn("ec2", what)
        row = Row(
            "make the function's network interfaces",
            scene.lambda_itself,
            f"ec2:{action}",
            resource,
            scene.place.account,
        )
        yield row
        yield row.but("from its code", caller=scene.code)
    group = scene.place.arn("ec2", "security-group/sg-0a1b2c3d4e5f60718")
    for action in ("AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"):
        yield _may_not(scene, "open a way out of the VPC", f"ec2:{action}", group)
    instance = scene.place.arn("ec2", "instance/i-0a1b2c3d4e5f60718")
    yield _may_not(scene, "start an instance", "ec2:StartInstances", instance)


def _itself(scene: Scene) -> Iterator[Row]:
    role, function = scene.role.arn, scene.function.arn
    for action in ("PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "PassRole"):
        yield _may_not(scene, "give itself rights", f"iam:{action}", role)
    user = scene.place.global_arn("iam", "user/somebody")
    yield _may_not(scene, "make itself a key", "iam:CreateAccessKey", user)
    other = scene.place.global_arn("iam", "role/administrator")
    yield _may_not(scene, "take on another role", "sts:AssumeRole", other)
    for action in ("UpdateFunctionCode", "UpdateFunctionConfiguration", "AddPermission"):
        yield _may_not(scene, "change itself", f"lambda:{action}", function)
    beside = scene.place.arn("lambda", "function:orders")
    yield _may_not(scene, "call another function", "lambda:InvokeFunction", beside)
    stack = scene.place.arn("cloudformation", "stack/dev-network/0a1b2c3d")
    yield _may_not(scene, "change a stack", "cloudformation:UpdateStack", stack)


def _may(scene: Scene, says: str, action: str, resource: str) -> Row:
    return Row(says, scene.code, action, resource, scene.place.account)


def _may_not(scene: Scene, says: str, action: str, resource: str) -> Row:
    return Row(says, scene.code, action, resource, scene.place.account, allowed=False)
