"""The functions in the VPC that work on the master: how they reach it, and the secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import AWSHelperFn, GetAtt, Join, Ref, ec2, secretsmanager

from infra import packaging, rules
from infra.blocks.endpoints import admit_group
from infra.blocks.function import Placement, StoredCode
from infra.blocks.postgres import Server
from infra.blocks.postgres_options import ServerOptions
from infra.blocks.postgres_secrets import RotationPlace, rotate
from infra.blocks.reporting_user import Access, ReportingUser, reporting_user
from infra.blocks.role import RoleOptions
from infra.config import Environment, Rotation
from infra.config import ReportingUser as ReportingUserSettings
from infra.config.prefix_lists import s3_prefix_list_id
from infra.config.reporting_user import VARIABLE, properties
from infra.model import Asset, Output, Value
from infra.stacks.database.foundation import Place
from infra.stacks.draft import Draft
from infra.stacks.log_processor.reach import S3_PREFIX_LIST
from infra.stacks.network import Network

FUNCTION = "reporting_user"
HANDLER = packaging.handler(FUNCTION)

HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the functions of one stack share."""

    place: Place
    master: Server
    administrator: secretsmanager.Secret
    attachment: secretsmanager.SecretTargetAttachment
    """Which tells the administrator's secret where the master is."""
    options: ServerOptions
    secrets: ec2.SecurityGroupRule | None
    """The way to Secrets Manager, where a function of ours takes it."""
    roles: RoleOptions

    @property
    def port(self) -> AWSHelperFn:
        """Where the master listens."""
        return self.options.port

    @property
    def subnet_ids(self) -> AWSHelperFn:
        """Where functions run."""
        assert self.place.private_subnet_ids is not None
        return self.place.private_subnet_ids

    @property
    def egress(self) -> list[ec2.SecurityGroupRule]:
        """To the master and to its secrets."""
        assert self.secrets is not None
        group = GetAtt(self.master.security_group, "GroupId")
        return [_tcp("The master", self.port, DestinationSecurityGroupId=group), self.secrets]


def way_to_secrets(draft: Draft, network: Network, group: Output | None) -> ec2.SecurityGroupRule:
    """To the endpoint where we made it, else to the VPC, where somebody else did."""
    description = "Secrets Manager, through an interface endpoint"
    if group is not None:
        to = draft.text(
            "SecretsManagerSecurityGroupId",
            group,
            rules.SECURITY_GROUP_ID,
            "Security group of Secrets Manager's endpoint",
        )
        return _tcp(description, HTTPS, DestinationSecurityGroupId=to)
    assert network.cidr is not None, "settings with such a function know the VPC's network"
    vpc: AWSHelperFn = (
        draft.text("VpcCidr", network.cidr, rules.CIDR, "IPv4 network of the VPC")
        if isinstance(network.cidr, Value)
        else network.cidr
    )
    return _tcp(description, HTTPS, CidrIp=vpc)


def reader(
    draft: Draft,
    environment: Environment,
    settings: ReportingUserSettings,
    code: Asset,
    around: Surroundings,
    secret: secretsmanager.Secret,
) -> ReportingUser:
    """The reporting user, by a function that reaches the master, its secrets and S3."""
    master = around.master
    return reporting_user(
        draft.template,
        "ReportingUser",
        access=Access(
            host=master.host,
            port=master.port,
            administrator=around.administrator,
            reporting=secret,
            way=[_admission(draft, master, "ReportingUser", around.port)],
        ),
        wanted=properties(settings),
        variable=VARIABLE,
        code=_code(draft, code),
        architecture=settings.architecture,
        placement=Placement(
            vpc_id=around.place.vpc_id,
            subnet_ids=around.subnet_ids,
            egress=[*around.egress, _to_s3(draft, environment, settings)],
        ),
        repeat_minutes=_repeat_minutes(draft, settings),
        log_retention_days=draft.choice(
            "FunctionLogRetentionDays",
            settings.log_retention_days,
            rules.LOG_RETENTION_DAYS,
            "Days that the function's own log is kept",
        ),
        role_options=around.roles,
    )


def rotation(draft: Draft, settings: Rotation, around: Surroundings) -> None:
    """Let the master password be changed from time to time."""
    days = draft.number(
        "RotationDays",
        settings.every_days,
        "Days after which the master password is another one",
        minimum=1,
        maximum=1000,
    )
    by = (
        _aws_function(draft, around)
        if settings.function_arn is None
        else draft.text(
            "RotationFunctionArn",
            settings.function_arn,
            rules.FUNCTION_ARN,
            "Function that changes the master password; it has to be among the approved",
        )
    )
    rotate(draft.template, around.administrator, around.attachment, every_days=days, by=by)


def _tcp(description: str, port: AWSHelperFn | int, **to: Any) -> ec2.SecurityGroupRule:
    return ec2.SecurityGroupRule(
        Description=description, IpProtocol="tcp", FromPort=port, ToPort=port, **to
    )


def _aws_function(draft: Draft, around: Surroundings) -> RotationPlace:
    group = _group(draft, "Rotation", around)
    _admit(draft, around.master, "Rotation", group, around.port)
    return RotationPlace(
        subnet_ids=Join(",", around.subnet_ids),
        security_group_id=GetAtt(group, "GroupId"),
    )


def _group(draft: Draft, title: str, around: Surroundings) -> ec2.SecurityGroup:
    return draft.template.add_resource(
        ec2.SecurityGroup(
            f"{title}SecurityGroup",
            GroupDescription="Of a function: nothing in, only the listed egress out",
            VpcId=around.place.vpc_id,
            SecurityGroupEgress=around.egress,
        )
    )


def _admission(
    draft: Draft, master: Server, title: str, port: AWSHelperFn
) -> ec2.SecurityGroupIngress:
    """By the title that the function's group will have."""
    return _admit(draft, master, title, ec2.SecurityGroup(f"{title}SecurityGroup"), port)


def _admit(
    draft: Draft, master: Server, title: str, group: ec2.SecurityGroup, port: AWSHelperFn
) -> ec2.SecurityGroupIngress:
    return admit_group(
        draft.template,
        f"{title}Ingress",
        to=master.security_group,
        source=group,
        port=port,
        description="Our function",
    )


def _to_s3(
    draft: Draft, environment: Environment, settings: ReportingUserSettings
) -> ec2.SecurityGroupRule:
    """CloudFormation takes the answer of a custom resource through S3.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
    """
    prefix_list = draft.text(
        S3_PREFIX_LIST,
        s3_prefix_list_id(settings.s3_prefix_list_id, environment.region),
        rules.PREFIX_LIST_ID,
        "Prefix list com.amazonaws.<region>.s3 of the region",
    )
    return _tcp("S3, for CloudFormation's answer", HTTPS, DestinationPrefixListId=prefix_list)


def _repeat_minutes(draft: Draft, settings: ReportingUserSettings) -> Ref | None:
    if settings.repeat_minutes == "never":
        return None
    return draft.number(
        "RepeatMinutes",
        settings.repeat_minutes,
        "Minutes after which the grants are repeated",
        minimum=5,
        maximum=10_080,
    )


def _code(draft: Draft, code: Asset) -> StoredCode:
    return StoredCode(
        bucket=draft.text(
            "CodeS3Bucket", code.bucket, rules.BUCKET_NAME, "Bucket of the function's zip"
        ),
        key=draft.text(
            "CodeS3Key", code.key, rules.ASSET_KEY, "Key of the zip, which names its content"
        ),
        handler=HANDLER,
    )
