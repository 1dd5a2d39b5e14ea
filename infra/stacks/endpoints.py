"""The endpoints stack: AWS's services at addresses of the VPC, where a setting needs one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from awacs.aws import (
    Action,
    Allow,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from awacs.secretsmanager import (
    DescribeSecret,
    GetRandomPassword,
    GetSecretValue,
    PutSecretValue,
    UpdateSecretVersionStage,
)
from troposphere import AWSHelperFn, GetAtt, Ref, Sub, ec2

from infra import rules
from infra.blocks.endpoints import interface_endpoint
from infra.blocks.references import placeholder
from infra.config import Environment, ExistingNetwork
from infra.config.database_reach import needs_a_secret
from infra.model import Output, Stack, Value
from infra.naming import DATABASE, secret_folder, stack_name
from infra.stacks.draft import Draft
from infra.stacks.network import Network

ID = "endpoints"


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """The secrets that functions read through an endpoint of ours."""

    logstash_arn: str | None
    database: bool
    rotated: bool
    """Whether a function that AWS makes changes the database's."""


def secrets(environment: Environment) -> Secrets | None:
    """Those that need the endpoint, if there are any."""
    network, database = environment.network, environment.database
    if isinstance(network, ExistingNetwork) and not network.secrets_manager_endpoint:
        return None
    logstash = environment.log_processor.logstash if environment.log_processor else None
    rotation = database.rotation if database else None
    found = Secrets(
        logstash_arn=logstash.secret_arn if logstash else None,
        database=needs_a_secret(database),
        rotated=rotation is not None and rotation.function_arn is None,
    )
    return found if found.logstash_arn or found.database else None


def compose(environment: Environment, network: Network, readable: Secrets) -> tuple[Stack, Output]:
    """The stack of Secrets Manager's endpoint, and its security group's id.

    It is a stack of its own, and what may connect to it is told by address: a VPC has one
    endpoint with private DNS for a service, whichever of its stacks need that.
    """
    assert isinstance(network.cidr, Value), "settings with a secret know the VPC's network"
    draft = Draft(ID, "Endpoints of AWS's services in the private subnets")
    with draft.group("Endpoints"):
        cidr = draft.text("VpcCidr", network.cidr, rules.CIDR, "IPv4 network of the VPC")
        made = interface_endpoint(
            draft.template,
            "SecretsManagerEndpoint",
            service_name=Sub("com.amazonaws.${AWS::Region}.secretsmanager"),
            vpc_id=draft.resource_id(
                "VpcId", network.vpc_id, "AWS::EC2::VPC::Id", "VPC that the endpoints are in"
            ),
            subnet_ids=draft.resource_id(
                "PrivateSubnetIds",
                network.private_subnet_ids,
                "List<AWS::EC2::Subnet::Id>",
                "Subnets of that VPC, each in another zone, that get an address of each endpoint",
            ),
            private_dns=True,
            policy=_policy(draft, environment, readable),
            wildcards=_ANY_PASSWORD if readable.rotated else None,
            ingress=[
                ec2.SecurityGroupRule(
                    Description="HTTPS from the VPC",
                    IpProtocol="tcp",
                    FromPort=443,
                    ToPort=443,
                    CidrIp=cidr,
                )
            ],
        )
    group = draft.output(
        "SecretsManagerSecurityGroupId",
        GetAtt(made.security_group, "GroupId"),
        "Security group of Secrets Manager's endpoint",
    )
    return draft.finish(environment.name), group


def _policy(draft: Draft, environment: Environment, readable: Secrets) -> PolicyDocument:
    """The named secret, those of the database's stack, and no others."""
    statements = []
    if readable.logstash_arn is not None:
        arn = draft.text(
            "LogstashSecretArn",
            readable.logstash_arn,
            rules.SECRET_ARN,
            "A secret that can be read through the endpoint",
        )
        statements.append(_allowed("ReadSecret", [GetSecretValue], arn))
    if readable.database:
        folder = draft.text(
            "DatabaseFolder",
            secret_folder(stack_name(environment.name, DATABASE)),
            rules.SECRET_FOLDER,
            "What the names of the database's secrets begin with",
        )
        own = Sub(
            "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"
            f"{placeholder(folder)}*"
        )
        statements.append(_allowed("ReadDatabaseSecrets", [GetSecretValue], own))
        if readable.rotated:
            statements.append(_allowed("RotateDatabaseSecrets", _ROTATION, own))
            statements.append(_allowed("MakePasswords", [GetRandomPassword], "*"))
    return PolicyDocument(Version="2012-10-17", Statement=statements)


_ANY_PASSWORD = {"MakePasswords": "a password that Secrets Manager makes up is no resource yet"}

_ROTATION = [DescribeSecret, PutSecretValue, UpdateSecretVersionStage]
"""https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html"""


def _allowed(sid: str, actions: Sequence[Action], resource: AWSHelperFn | str) -> Statement:
    """To this account's principals alone."""
    return Statement(
        Sid=sid,
        Effect=Allow,
        Principal=Principal("*"),
        Action=list(actions),
        Resource=[resource],
        Condition=Condition(StringEquals("aws:PrincipalAccount", Ref("AWS::AccountId"))),
    )
