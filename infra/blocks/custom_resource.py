"""The function behind a custom resource, outside of any VPC, under a role of its own."""

from __future__ import annotations

from dataclasses import dataclass

from troposphere import AWSHelperFn, GetAtt, Ref, Template, awslambda, iam, logs

from infra.blocks.function import LOG_ACCEPTED, Code, code_property, own_log
from infra.blocks.gaps import LoggingConfig
from infra.blocks.reasons import reasons
from infra.blocks.role import RoleOptions, service_role
from infra.runtime import RUNTIME, Architecture

_MEMORY_MB = 256
_LONGEST_WAIT_SECONDS = 120

_ACCEPTED = {
    "CKV_AWS_115": "CloudFormation calls it, once for each change of the stack",
    "CKV_AWS_116": "CloudFormation waits for its answer, and says so if none comes",
    "CKV_AWS_117": "it calls AWS alone, and has to answer CloudFormation where a VPC has no way "
    "out",
}


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Handles to what `provider` made."""

    function: awslambda.Function
    role: iam.Role
    log_group: logs.LogGroup
    invocation: awslambda.EventInvokeConfig
    """A custom resource waits for it too: before, Lambda would repeat a request that failed."""
    service_timeout_seconds: int
    """What the function does it has done before CloudFormation gives up on it and rolls back."""


def provider(
    template: Template,
    title: str,
    *,
    description: str,
    code: Code,
    architecture: Architecture,
    timeout_seconds: int,
    log_retention_days: AWSHelperFn | int,
    role_options: RoleOptions,
) -> Provider:
    """A function that is asked once for each change, and may write its own log.

    What else it may do, a policy beside its role says.
    """
    log_group = template.add_resource(
        logs.LogGroup(
            f"{title}LogGroup",
            Metadata=reasons(accepted=LOG_ACCEPTED),
            RetentionInDays=log_retention_days,
        )
    )
    role = service_role(
        template,
        f"{title}Role",
        service="lambda.amazonaws.com",
        policy_name="log",
        statements=[own_log(log_group)],
        options=role_options,
    )
    function = template.add_resource(
        awslambda.Function(
            f"{title}Function",
            Metadata=reasons(accepted=_ACCEPTED),
            Description=description,
            Runtime=RUNTIME,
            Architectures=[architecture],
            Handler=code.handler,
            Code=code_property(code),
            Role=GetAtt(role, "Arn"),
            MemorySize=_MEMORY_MB,
            Timeout=timeout_seconds,
            LoggingConfig=LoggingConfig(LogFormat="JSON", LogGroup=Ref(log_group)),
        )
    )
    return Provider(
        function=function,
        role=role,
        log_group=log_group,
        invocation=template.add_resource(_once(function)),
        service_timeout_seconds=_LONGEST_WAIT_SECONDS + timeout_seconds,
    )


def _once(function: awslambda.Function) -> awslambda.EventInvokeConfig:
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
