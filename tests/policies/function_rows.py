"""What every function may do, and what none may, whatever it is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .identities import Resource
from .requests import OTHER_ACCOUNT, Caller, Row, administrator, service
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
        yield from _own_log(actor)
        yield from _interfaces(actor)
        yield from _traces(actor)
        yield from _itself(actor)
        yield from _elsewhere(actor)
        trusted = service("lambda.amazonaws.com")
        yield from role_rows(actor.role, trusted, others=[actor.code])


def may(actor: Actor, says: str, action: str, resource: str) -> Row:
    """What the function's code may do with something of its account."""
    return Row(says, actor.code, action, resource, actor.place.account)


def may_not(actor: Actor, says: str, action: str, resource: str) -> Row:
    """What it may not."""
    return may(actor, says, action, resource).but("")


def _own_log(actor: Actor) -> Iterator[Row]:
    stream = ":log-stream:2026/10/14/[$LATEST]0a1b2c3d"
    other = actor.place.arn("logs", "log-group:/aws/lambda/other")
    for action in ("CreateLogStream", "PutLogEvents"):
        row = may(actor, "write its log", f"logs:{action}", f"{actor.log_group}{stream}")
        yield row
        yield row.but("or another function's", resource=f"{other}{stream}")
        yield row.but("or one of a longer name", resource=f"{actor.log_group}-other{stream}")
    for action in (
        *("DeleteLogGroup", "PutRetentionPolicy", "PutSubscriptionFilter", "FilterLogEvents"),
        *("CreateLogGroup", "DisassociateKmsKey"),
    ):
        yield may_not(actor, "administer its log", f"logs:{action}", actor.log_group)
    for action in ("DeleteLogStream", "GetLogEvents"):
        name = f"{actor.log_group}{stream}"
        yield may_not(actor, "read or lose its log", f"logs:{action}", name)


def _interfaces(actor: Actor) -> Iterator[Row]:
    in_a_vpc = "VpcConfig" in actor.function.properties
    for action, what in INTERFACE_ACTIONS.items():
        resource = what if what == "*" else actor.place.arn("ec2", what)
        says, name = "make the function's network interfaces", f"ec2:{action}"
        row = Row(says, actor.lambda_itself, name, resource, actor.place.account, allowed=in_a_vpc)
        yield row
        yield row.but("", caller=actor.code)
    group = actor.place.arn("ec2", "security-group/sg-0a1b2c3d4e5f60718")
    for action in ("AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"):
        yield may_not(actor, "open a way out of the VPC", f"ec2:{action}", group)
    instance = actor.place.arn("ec2", "instance/i-0a1b2c3d4e5f60718")
    yield may_not(actor, "start an instance", "ec2:StartInstances", instance)


def _traces(actor: Actor) -> Iterator[Row]:
    traced = actor.function.properties.get("TracingConfig", {}).get("Mode") == "Active"
    for action in ("PutTelemetryRecords", "PutTraceSegments"):
        row = may(actor, "be traced", f"xray:{action}", "*")
        yield row if traced else row.but("")
    yield may_not(actor, "read traces", "xray:GetTraceSummaries", "*")


def _itself(actor: Actor) -> Iterator[Row]:
    role, function = actor.role.arn, actor.function.arn
    for action in ("PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "PassRole"):
        yield may_not(actor, "give itself rights", f"iam:{action}", role)
    user = actor.place.global_arn("iam", "user/somebody")
    yield may_not(actor, "make itself a key", "iam:CreateAccessKey", user)
    other = actor.place.global_arn("iam", "role/administrator")
    yield may_not(actor, "take on another role", "sts:AssumeRole", other)
    for action in ("UpdateFunctionCode", "UpdateFunctionConfiguration", "AddPermission"):
        yield may_not(actor, "change itself", f"lambda:{action}", function)
    beside = actor.place.arn("lambda", "function:orders")
    yield may_not(actor, "call another function", "lambda:InvokeFunction", beside)
    stack = actor.place.arn("cloudformation", "stack/dev-network/0a1b2c3d")
    yield may_not(actor, "change a stack", "cloudformation:UpdateStack", stack)


def _elsewhere(actor: Actor) -> Iterator[Row]:
    """Of what the account has besides, nothing."""
    for says, action, service_, resource in (
        ("decrypt with a key of the account", "kms:Decrypt", "kms", "key/0a1b2c3d-0000"),
        ("read a parameter", "ssm:GetParameter", "ssm", "parameter/database/password"),
        ("send to a queue", "sqs:SendMessage", "sqs", "orders"),
        ("take from a queue", "sqs:ReceiveMessage", "sqs", "orders"),
        ("tell a topic", "sns:Publish", "sns", "orders"),
        ("read a secret", "secretsmanager:GetSecretValue", "secretsmanager", "secret:db-AbCdEf"),
    ):
        yield may_not(actor, says, action, actor.place.arn(service_, resource))
    for action in ("s3:ListAllMyBuckets", "secretsmanager:ListSecrets", "ec2:DescribeInstances"):
        yield may_not(actor, "see what there is", action, "*")
    objects = actor.place.global_arn("s3", "orders/2026.csv")
    for action in ("GetObject", "PutObject", "DeleteObject"):
        yield may_not(actor, "touch another bucket", f"s3:{action}", objects)


def role_rows(role: Resource, trusted: Caller, *, others: Sequence[Caller] = ()) -> Iterator[Row]:
    """Whom a role is for can take it on, and nobody else."""
    ours = role.place.account
    take = Row("take on the role", trusted, "sts:AssumeRole", role.arn, ours)
    yield take
    for other in ("ec2.amazonaws.com", "edgelambda.amazonaws.com", "s3.amazonaws.com"):
        yield take.but("instead", caller=replace(trusted, words=other, principal=other))
    for caller in (administrator(ours), administrator(OTHER_ACCOUNT), *others):
        yield take.but("", caller=caller)
    yield take.but("with a session's tags", action="sts:TagSession")
