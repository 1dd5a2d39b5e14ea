"""The function behind a custom resource, outside of any VPC, under a role of its own."""

from __future__ import annotations

from dataclasses import dataclass

from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.logs import CreateLogStream, PutLogEvents
from awacs.sts import AssumeRole
from troposphere import AWSHelperFn, GetAtt, Ref, Template, awslambda, iam, logs

from infra.blocks.function import Code, code_property
from infra.blocks.gaps import LoggingConfig
from infra.runtime import RUNTIME

_ARCHITECTURE = "arm64"
_MEMORY_MB = 256
_LONGEST_WAIT_SECONDS = 120


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
    timeout_seconds: int,
    log_retention_days: AWSHelperFn | int,
) -> Provider:
    """A function that is asked once for each change, and may write its own log.

    What else it may do, a policy beside its role says.
    """
    log_group = template.add_resource(
        logs.LogGroup(f"{title}LogGroup", RetentionInDays=log_retention_days)
    )
    role = template.add_resource(_role(title, log_group))
    function = template.add_resource(
        awslambda.Function(
            f"{title}Function",
            Description=description,
            Runtime=RUNTIME,
            Architectures=[_ARCHITECTURE],
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


def _role(title: str, log_group: logs.LogGroup) -> iam.Role:
    own_log = Statement(
        Sid="OwnLog",
        Effect=Allow,
        Action=[CreateLogStream, PutLogEvents],
        Resource=[GetAtt(log_group, "Arn")],
    )
    trust = Statement(
        Effect=Allow, Principal=Principal("Service", "lambda.amazonaws.com"), Action=[AssumeRole]
    )
    return iam.Role(
        f"{title}Role",
        AssumeRolePolicyDocument=_document(trust),
        Policies=[iam.Policy(PolicyName="log", PolicyDocument=_document(own_log))],
    )


def _document(statement: Statement) -> PolicyDocument:
    return PolicyDocument(Version="2012-10-17", Statement=[statement])


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
