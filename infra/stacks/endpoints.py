"""The endpoints stack: AWS's services at addresses of the VPC, where a setting needs one."""

from __future__ import annotations

from awacs.aws import Allow, Condition, PolicyDocument, Principal, Statement, StringEquals
from awacs.secretsmanager import GetSecretValue
from troposphere import GetAtt, Ref, Sub, ec2

from infra import rules
from infra.blocks.endpoints import interface_endpoint
from infra.config import Environment, ExistingNetwork
from infra.model import Output, Stack, Value
from infra.stacks.draft import Draft
from infra.stacks.network import Network

ID = "endpoints"


def secret_needing_one(environment: Environment) -> str | None:
    """The secret that the function reads through an endpoint of ours, if there is one."""
    settings, network = environment.log_processor, environment.network
    if isinstance(network, ExistingNetwork) and not network.secrets_manager_endpoint:
        return None
    return settings.logstash.secret_arn if settings else None


def compose(environment: Environment, network: Network, secret_arn: str) -> tuple[Stack, Output]:
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
            policy=_one_secret(
                draft.text(
                    "LogstashSecretArn",
                    secret_arn,
                    rules.SECRET_ARN,
                    "The only secret that can be read through the endpoint",
                )
            ),
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


def _one_secret(secret_arn: Ref) -> PolicyDocument:
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Sid="ReadSecret",
                Effect=Allow,
                Principal=Principal("*"),
                Action=[GetSecretValue],
                Resource=[secret_arn],
                Condition=Condition(StringEquals("aws:PrincipalAccount", Ref("AWS::AccountId"))),
            )
        ],
    )
