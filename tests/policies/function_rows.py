"""What every function may do, and what none may, whatever it is for."""

from __future__ import annotations

from collections.abc import Iterator

from .requests import OTHER_ACCOUNT, Row, administrator, service
from .scene import Actor, Scene

INTERFACE_ACTIONS = {
    "AssignPrivateIpAddresses": "network-interface/eni-0a1b2c3d4e5f60718",
    "CreateNetworkInterface": "subnet/subnet-0a1b2c3d4e5f60718",
    "DeleteNetworkInterface": "network-interface/eni-0a1b2c3d4e5f60718",
    "DescribeNetworkInterfaces": "*",
    "DescribeSubnets": "*",
    "UnassignPrivateIpAddresses": "network-interface/eni-0a1b2c3d4e5f60718",
}


def function_rows(scene: Scene) -> Iterator[Row]:
    """All of them, for each function."""
    for actor in scene.actors:
        yield from _own_log(scene, actor)
        yield from _interfaces(scene, actor)
        yield from _traces(scene, actor)
        yield from _itself(scene, actor)
        yield from _elsewhere(scene, actor)
        yield from _role(scene, actor)


def may(scene: Scene, actor: Actor, says: str, action: str, resource: str) -> Row:
    """What the function's code may do with something of its account."""
    return Row(says, actor.code, action, resource, scene.place.account)


def may_not(scene: Scene, actor: Actor, says: str, action: str, resource: str) -> Row:
    """What it may not."""
    return may(scene, actor, says, action, resource).but("")


def _own_log(scene: Scene, actor: Actor) -> Iterator[Row]:
    stream = ":log-stream:2026/10/14/[$LATEST]0a1b2c3d"
    other = scene.place.arn("logs", "log-group:/aws/lambda/other")
    for action in ("CreateLogStream", "PutLogEvents"):
        row = may(scene, actor, "write its log", f"logs:{action}", f"{actor.log_group}{stream}")
        yield row
        yield row.but("or another function's", resource=f"{other}{stream}")
        yield row.but("or one of a longer name", resource=f"{actor.log_group}-other{stream}")
    for action in (
        *("DeleteLogGroup", "PutRetentionPolicy", "PutSubscriptionFilter", "FilterLogEvents"),
        *("CreateLogGroup", "DisassociateKmsKey"),
    ):
        yield may_not(scene, actor, "administer its log", f"logs:{action}", actor.log_group)
    for action in ("DeleteLogStream", "GetLogEvents"):
        name = f"{actor.log_group}{stream}"
        yield may_not(scene, actor, "read or lose its log", f"logs:{action}", name)


def _interfaces(scene: Scene, actor: Actor) -> Iterator[Row]:
    in_a_vpc = "VpcConfig" in actor.function.properties
    for action, what in INTERFACE_ACTIONS.items():
        resource = what if what == "*" else scene.place.arn("ec2", what)
        says, name = "make the function's network interfaces", f"ec2:{action}"
        row = Row(says, actor.lambda_itself, name, resource, scene.place.account, allowed=in_a_vpc)
        yield row
        yield row.but("", caller=actor.code)
    group = scene.place.arn("ec2", "security-group/sg-0a1b2c3d4e5f60718")
    for action in ("AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"):
        yield may_not(scene, actor, "open a way out of the VPC", f"ec2:{action}", group)
    instance = scene.place.arn("ec2", "instance/i-0a1b2c3d4e5f60718")
    yield may_not(scene, actor, "start an instance", "ec2:StartInstances", instance)


def _traces(scene: Scene, actor: Actor) -> Iterator[Row]:
    traced = actor.function.properties.get("TracingConfig", {}).get("Mode") == "Active"
    for action in ("PutTelemetryRecords", "PutTraceSegments"):
        row = may(scene, actor, "be traced", f"xray:{action}", "*")
        yield row if traced else row.but("")
    yield may_not(scene, actor, "read traces", "xray:GetTraceSummaries", "*")


def _itself(scene: Scene, actor: Actor) -> Iterator[Row]:
    role, function = actor.role.arn, actor.function.arn
    for action in ("PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "PassRole"):
        yield may_not(scene, actor, "give itself rights", f"iam:{action}", role)
    user = scene.place.global_arn("iam", "user/somebody")
    yield may_not(scene, actor, "make itself a key", "iam:CreateAccessKey", user)
    other = scene.place.global_arn("iam", "role/administrator")
    yield may_not(scene, actor, "take on another role", "sts:AssumeRole", other)
    for action in ("UpdateFunctionCode", "UpdateFunctionConfiguration", "AddPermission"):
        yield may_not(scene, actor, "change itself", f"lambda:{action}", function)
    beside = scene.place.arn("lambda", "function:orders")
    yield may_not(scene, actor, "call another function", "lambda:InvokeFunction", beside)
    stack = scene.place.arn("cloudformation", "stack/dev-network/0a1b2c3d")
    yield may_not(scene, actor, "change a stack", "cloudformation:UpdateStack", stack)


def _elsewhere(scene: Scene, actor: Actor) -> Iterator[Row]:
    """Of what the account has besides, nothing."""
    for says, action, service_, resource in (
        ("decrypt with a key of the account", "kms:Decrypt", "kms", "key/0a1b2c3d-0000"),
        ("read a parameter", "ssm:GetParameter", "ssm", "parameter/database/password"),
        ("send to a queue", "sqs:SendMessage", "sqs", "orders"),
        ("take from a queue", "sqs:ReceiveMessage", "sqs", "orders"),
        ("tell a topic", "sns:Publish", "sns", "orders"),
        ("read a secret", "secretsmanager:GetSecretValue", "secretsmanager", "secret:db-AbCdEf"),
    ):
        yield may_not(scene, actor, says, action, scene.place.arn(service_, resource))
    for action in ("s3:ListAllMyBuckets", "secretsmanager:ListSecrets", "ec2:DescribeInstances"):
        yield may_not(scene, actor, "see what there is", action, "*")
    objects = scene.place.global_arn("s3", "orders/2026.csv")
    for action in ("GetObject", "PutObject", "DeleteObject"):
        yield may_not(scene, actor, "touch another bucket", f"s3:{action}", objects)


def _role(scene: Scene, actor: Actor) -> Iterator[Row]:
    ours, role = scene.place.account, actor.role.arn
    take = Row("take on the role", service("lambda.amazonaws.com"), "sts:AssumeRole", role, ours)
    yield take
    for other in ("ec2.amazonaws.com", "edgelambda.amazonaws.com", "s3.amazonaws.com"):
        yield take.but("in Lambda's place", caller=service(other))
    yield take.but("", caller=administrator(ours))
    yield take.but("", caller=administrator(OTHER_ACCOUNT))
    yield take.but("of its own accord", caller=actor.code)
    yield take.but("with a session's tags", action="sts:TagSession")
