"""What the database's function may do with secrets, and what RDS writes down for us."""

from __future__ import annotations

from collections.abc import Iterator

from .function_rows import may, may_not, role_rows
from .identities import Resource
from .requests import Caller, Row, service
from .scene import Actor, Scene

MONITORING = "monitoring.rds.amazonaws.com"


def database_rows(scene: Scene) -> Iterator[Row]:
    """All of them, where there are such things."""
    actors = {actor.function.arn: actor for actor in scene.actors}
    for each in scene.of_type("Custom::ReportingUser"):
        secrets = [each.properties[name] for name in ("AdministratorSecret", "ReportingSecret")]
        yield from _reading(actors[each.properties["ServiceToken"]], secrets)
    roles = {role.arn: role for role in scene.of_type("AWS::IAM::Role")}
    found = {
        each.properties["MonitoringRoleArn"]
        for each in scene.of_type("AWS::RDS::DBInstance")
        if "MonitoringRoleArn" in each.properties
    }
    for arn in found:
        yield from _figures(roles[arn])


def _reading(actor: Actor, secrets: list[str]) -> Iterator[Row]:
    """The two secrets, and those alone; nobody of ours changes one."""
    for secret in secrets:
        read = may(actor, "read its secret", "secretsmanager:GetSecretValue", secret)
        yield read
        yield read.but("or one beside it", resource=f"{secret[:-7]}-other-AbCdEf")
        for action in ("PutSecretValue", "UpdateSecret", "DeleteSecret", "DescribeSecret"):
            yield may_not(actor, "change its secret", f"secretsmanager:{action}", secret)
    server = actor.place.arn("rds", "db:prod-database-master")
    for action in ("ModifyDBInstance", "DeleteDBInstance", "RebootDBInstance"):
        yield may_not(actor, "touch the server itself", f"rds:{action}", server)
    user = actor.place.arn("rds-db", "dbuser:db-ABCDEFGH/administrator")
    yield may_not(actor, "log in by IAM", "rds-db:connect", user)


def _figures(role: Resource) -> Iterator[Row]:
    """RDS writes figures of operating systems to groups of its own, in our name.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
    """
    trusted, place = service(MONITORING), role.place
    yield from role_rows(role, trusted)
    session = place.global_arn("sts", f"assumed-role/{role.name}/monitoring")
    caller = Caller("RDS in its role", session, role=role.arn)
    group = place.arn("logs", "log-group:RDSOSMetrics")
    other = place.arn("logs", "log-group:/aws/lambda/other")
    stream = ":log-stream:db-ABCDEFGH"
    for action in ("CreateLogGroup", "PutRetentionPolicy"):
        row = Row("keep figures", caller, f"logs:{action}", group, place.account)
        yield row
        yield row.but("in another group", resource=other)
    for action in ("CreateLogStream", "DescribeLogStreams", "GetLogEvents", "PutLogEvents"):
        row = Row("write figures", caller, f"logs:{action}", f"{group}{stream}", place.account)
        yield row
        yield row.but("in another group", resource=f"{other}{stream}")
    for action in ("DeleteLogGroup", "PutSubscriptionFilter"):
        row = Row("administer logs", caller, f"logs:{action}", group, place.account)
        yield row.but("")
    yield Row(
        "lose figures", caller, "logs:DeleteLogStream", f"{group}{stream}", place.account
    ).but("")
