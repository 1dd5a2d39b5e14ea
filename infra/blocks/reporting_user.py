"""A read-only PostgreSQL user, made and kept by a function of ours in the servers' VPC.

CloudFormation has nothing for what is inside a database, so it takes a custom resource. Its
function is `lambda_src/reporting_user`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from awacs.aws import Allow, Statement
from awacs.secretsmanager import GetSecretValue
from troposphere import (
    AWSHelperFn,
    AWSObject,
    GetAtt,
    Join,
    PropsDictType,
    Ref,
    Sub,
    Template,
    events,
    secretsmanager,
)
from troposphere.validators import boolean, integer
from troposphere.validators.cloudformation import AWSCustomObject

from infra.blocks.custom_resource import LONGEST_WAIT_SECONDS, once
from infra.blocks.function import NAME, Code, Function, Placement, Size, vpc_function
from infra.blocks.notification import permit_rule
from infra.blocks.references import embedded
from infra.blocks.role import RoleOptions
from infra.runtime import Architecture

_MEMORY_MB = 256
_TIMEOUT_SECONDS = 300
"""Some seconds for each database, and as many for a server that is just being restarted."""


class CustomReportingUser(AWSCustomObject):
    """Custom::ReportingUser, as `lambda_src/reporting_user/properties.py` explains it."""

    resource_type = "Custom::ReportingUser"
    props: PropsDictType = {
        "ServiceToken": (str, True),
        "ServiceTimeout": (integer, False),
        "AdministratorSecret": (str, True),
        "ReportingSecret": (str, True),
        "Host": (str, True),
        "Port": (str, True),
        "Databases": (list, True),
        "Owners": (list, True),
        "ReadAllData": (boolean, True),
        "RevokePublic": (boolean, True),
        "ConnectionLimit": (integer, True),
        "StatementTimeoutSeconds": (integer, True),
        "IdleInTransactionTimeoutSeconds": (integer, True),
        "ValidUntil": (str, False),
    }


@dataclass(frozen=True, kw_only=True)
class Access:
    """How the function comes to the master, and to the secrets that open it."""

    host: AWSHelperFn
    port: AWSHelperFn
    administrator: secretsmanager.Secret
    reporting: secretsmanager.Secret
    way: Sequence[AWSObject]
    """What has to be there before the function can connect, and as long as it has to."""

    @property
    def properties(self) -> dict[str, AWSHelperFn]:
        """The same as the custom resource has it."""
        return {
            "AdministratorSecret": Ref(self.administrator),
            "ReportingSecret": Ref(self.reporting),
            "Host": self.host,
            "Port": self.port,
        }


@dataclass(frozen=True, kw_only=True)
class ReportingUser:
    """Handles to what `reporting_user` made."""

    user: CustomReportingUser
    function: Function
    schedule: events.Rule | None


def reporting_user(
    template: Template,
    title: str,
    *,
    access: Access,
    wanted: Mapping[str, Any],
    variable: str,
    code: Code,
    architecture: Architecture,
    placement: Placement,
    repeat_minutes: AWSHelperFn | None,
    log_retention_days: AWSHelperFn,
    role_options: RoleOptions,
) -> ReportingUser:
    """A user that may read what is `wanted`, and nothing else; no password is told to anybody.

    The function may read the two secrets and write its own log, nothing else. Invoked by nobody's
    request, as the schedule does, it does what `variable` tells it: the same once more.
    """
    properties = {**access.properties, **wanted}
    function = vpc_function(
        template,
        title,
        description="Makes and keeps a PostgreSQL user that may read what is named",
        code=code,
        architecture=architecture,
        placement=placement,
        permissions=[_secrets(access)],
        variables={variable: Sub(json.dumps(_inside_sub(properties)))},
        size=Size(
            memory_mb=_MEMORY_MB, timeout_seconds=_TIMEOUT_SECONDS, reserved_concurrency=None
        ),
        log_retention_days=log_retention_days,
        role_options=role_options,
        tracing=False,
        name=f"{NAME}-reporting-user",
    )
    invocation = template.add_resource(once(function.function))
    user = template.add_resource(
        CustomReportingUser(
            title,
            # On the way back they outlive it: the user is removed through them.
            DependsOn=[invocation.title, *(each.title for each in access.way)],
            ServiceToken=GetAtt(function.function, "Arn"),
            ServiceTimeout=LONGEST_WAIT_SECONDS + _TIMEOUT_SECONDS,
            **_literal(properties),
        )
    )
    schedule = None
    if repeat_minutes is not None:
        schedule = _schedule(template, title, user, function, repeat_minutes)
    return ReportingUser(user=user, function=function, schedule=schedule)


def _secrets(access: Access) -> Statement:
    return Statement(
        Sid="ReadSecrets",
        Effect=Allow,
        Action=[GetSecretValue],
        Resource=[Ref(access.administrator), Ref(access.reporting)],
    )


def _schedule(
    template: Template,
    title: str,
    user: CustomReportingUser,
    function: Function,
    minutes: AWSHelperFn,
) -> events.Rule:
    """It goes before the user does: a run that came later would make the user once more."""
    rule = template.add_resource(
        events.Rule(
            f"{title}Schedule",
            DependsOn=user.title,
            Description="Repeats the grants, so that what came later is covered",
            ScheduleExpression=Sub(f"rate({embedded(minutes)} minutes)"),
            State="ENABLED",
            Targets=[events.Target(Id="ReportingUser", Arn=GetAtt(function.function, "Arn"))],
        )
    )
    permit_rule(template, function.function, rule_arn=GetAtt(rule, "Arn"))
    return rule


def _literal(value: Any) -> Any:
    """The value, in which no text looks like a reference: linters take it for a forgotten one."""
    match value:
        case Mapping():
            return {name: _literal(each) for name, each in value.items()}
        case list():
            return [_literal(each) for each in value]
        case str() if "${" in value:
            return Join("$", value.split("$"))
        case _:
            return value


def _inside_sub(value: Any) -> Any:
    """The value with its references as they stand inside an Fn::Sub."""
    match value:
        case Mapping():
            return {name: _inside_sub(each) for name, each in value.items()}
        case list():
            return [_inside_sub(each) for each in value]
        case str() | AWSHelperFn():
            return embedded(value)
        case _:
            return value
