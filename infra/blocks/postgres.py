"""PostgreSQL servers of RDS: a master that is never public, and read replicas of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from troposphere import AWSHelperFn, AWSObject, GetAtt, Ref, Sub, Template, ec2, logs, rds

from infra.blocks.function import LOG_ACCEPTED
from infra.blocks.postgres_options import LogExport, ServerOptions, Storage
from infra.blocks.reasons import reasons

ENGINE = "postgres"

_CERTIFICATE_AUTHORITY = "rds-ca-rsa2048-g1"
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html"""

_ACCEPTED = {
    "CKV_AWS_161": "passwords stand in Secrets Manager; the tools of analysts know no tokens of IAM"
}
_ACCEPTED_OF_REPLICA = {
    "CKV_AWS_16": "it is encrypted as its source is, and may not say so itself",
    "CKV_AWS_157": "one that fails is made anew: all that is on it is on the master",
}


@dataclass(frozen=True, kw_only=True)
class Server:
    """Handles to a server that was made."""

    name: str
    """Short, such as `master` or `analysts`."""
    instance: rds.DBInstance
    security_group: ec2.SecurityGroup
    log_groups: dict[str, logs.LogGroup] = field(default_factory=dict)
    """By kind, such as `postgresql`."""

    @property
    def title(self) -> str:
        """What the names of its resources begin with."""
        return str(self.instance.title)

    @property
    def host(self) -> GetAtt:
        """The name that its certificate has."""
        return GetAtt(self.instance, "Endpoint.Address")

    @property
    def port(self) -> GetAtt:
        """Where it listens."""
        return GetAtt(self.instance, "Endpoint.Port")


def master(
    template: Template,
    title: str,
    *,
    name: str,
    engine_version: str,
    instance_class: AWSHelperFn,
    storage: Storage,
    database: AWSHelperFn,
    username: AWSHelperFn,
    password: AWSHelperFn,
    subnet_group: rds.DBSubnetGroup,
    security_group: ec2.SecurityGroup,
    parameter_group: rds.DBParameterGroup,
    multi_az: bool,
    backup_days: AWSHelperFn,
    backup_window: AWSHelperFn | None,
    deletion_protection: bool,
    options: ServerOptions,
) -> Server:
    """A server without public address, encrypted, that leaves a snapshot behind whatever happens.

    `password` is a dynamic reference: the password itself stands in no template.
    """
    log_groups = _log_groups(template, title, name, options.log_export)
    instance = rds.DBInstance(
        title,
        **_after(log_groups.values()),
        Metadata=reasons(accepted=_ACCEPTED | options.accepted | _standby(wanted=multi_az)),
        DeletionPolicy="Snapshot",
        UpdateReplacePolicy="Snapshot",
        EngineVersion=engine_version,
        DBInstanceClass=instance_class,
        AllocatedStorage=storage.allocated,
        StorageType="gp3",
        StorageEncrypted=True,
        DBName=database,
        MasterUsername=username,
        MasterUserPassword=password,
        DBSubnetGroupName=Ref(subnet_group),
        PubliclyAccessible=False,
        MultiAZ=multi_az,
        BackupRetentionPeriod=backup_days,
        DeletionProtection=deletion_protection,
        # Changing the version goes with another parameter group and is no matter of chance.
        AllowMajorVersionUpgrade=False,
        **_given(KmsKeyId=storage.key_arn, PreferredBackupWindow=backup_window),
        **_common(name, storage, security_group, parameter_group, options),
    )
    return _server(template, name, instance, security_group, log_groups)


def read_replica(
    template: Template,
    title: str,
    *,
    name: str,
    source: rds.DBInstance,
    instance_class: AWSHelperFn,
    storage: Storage,
    subnet_group: rds.DBSubnetGroup | None,
    security_group: ec2.SecurityGroup,
    parameter_group: rds.DBParameterGroup,
    public: bool,
    after: AWSObject | None,
    options: ServerOptions,
) -> Server:
    """A replica in the same region: what it has to inherit from its source is left out.

    Named by id the source would force its own subnet group on it. Named by ARN it lets the
    replica have another one of the same VPC: with a `subnet_group` of its own it is.
    https://github.com/hashicorp/terraform-provider-aws/pull/40426

    Its storage is of the source's size to begin with, and gp3 as nothing else is asked for. It
    grows by itself only where it is told so: https://github.com/aws/aws-cdk/issues/16425. A
    deletion policy would be ignored.
    Its security group has to be named: otherwise an update would give it the VPC's default one.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
    """
    log_groups = _log_groups(template, title, name, options.log_export)
    # Several at once would find the source busy.
    waits = [*log_groups.values(), *([after] if after is not None else [])]
    instance = rds.DBInstance(
        title,
        **_after(waits),
        Metadata=reasons(accepted=_ACCEPTED | options.accepted | _of_replica(public=public)),
        DBInstanceClass=instance_class,
        PubliclyAccessible=public,
        **_source(source, subnet_group),
        **_common(name, storage, security_group, parameter_group, options),
    )
    return _server(template, name, instance, security_group, log_groups)


def subnet_group(
    template: Template, title: str, *, description: str, subnet_ids: AWSHelperFn
) -> rds.DBSubnetGroup:
    """The subnets that servers may stand in."""
    return template.add_resource(
        rds.DBSubnetGroup(title, DBSubnetGroupDescription=description, SubnetIds=subnet_ids)
    )


def identifier(name: str) -> str:
    """What RDS calls a server, as it stands inside an Fn::Sub."""
    return f"${{AWS::StackName}}-{name}"


def _source(source: rds.DBInstance, group: rds.DBSubnetGroup | None) -> dict[str, Any]:
    if group is None:
        return {"SourceDBInstanceIdentifier": Ref(source)}
    return {
        "SourceDBInstanceIdentifier": GetAtt(source, "DBInstanceArn"),
        "DBSubnetGroupName": Ref(group),
    }


def _common(
    name: str,
    storage: Storage,
    security_group: ec2.SecurityGroup,
    parameter_group: rds.DBParameterGroup,
    options: ServerOptions,
) -> dict[str, Any]:
    return {
        # Known before the server is: its log groups are there first.
        "DBInstanceIdentifier": Sub(identifier(name)),
        # A replica inherits it, but troposphere asks for it.
        "Engine": ENGINE,
        "MaxAllocatedStorage": storage.most,
        "VPCSecurityGroups": [GetAtt(security_group, "GroupId")],
        "DBParameterGroupName": Ref(parameter_group),
        "CACertificateIdentifier": _CERTIFICATE_AUTHORITY,
        "AutoMinorVersionUpgrade": True,
        "CopyTagsToSnapshot": True,
        **options.properties,
    }


def _log_groups(
    template: Template, title: str, name: str, export: LogExport | None
) -> dict[str, logs.LogGroup]:
    """One for each kind, before the server is there: RDS would make them, to be kept for ever."""
    if export is None:
        return {}
    return {
        kind: template.add_resource(
            logs.LogGroup(
                f"{title}{kind.capitalize()}LogGroup",
                Metadata=reasons(accepted=LOG_ACCEPTED),
                LogGroupName=Sub(f"/aws/rds/instance/{identifier(name)}/{kind}"),
                RetentionInDays=export.retention_days,
            )
        )
        for kind in export.kinds
    }


def _after(resources: Iterable[AWSObject]) -> dict[str, Any]:
    titles = [each.title for each in resources]
    return {"DependsOn": titles} if titles else {}


def _standby(*, wanted: bool) -> dict[str, str]:
    if wanted:
        return {}
    return {"CKV_AWS_157": "a standby doubles the price: who needs one says multi_az"}


def _of_replica(*, public: bool) -> dict[str, str]:
    if not public:
        return _ACCEPTED_OF_REPLICA
    reached = {"CKV_AWS_17": "it is there for analysts, whose networks alone its group admits"}
    return _ACCEPTED_OF_REPLICA | reached


def _server(
    template: Template,
    name: str,
    instance: rds.DBInstance,
    security_group: ec2.SecurityGroup,
    log_groups: dict[str, logs.LogGroup],
) -> Server:
    return Server(
        name=name,
        instance=template.add_resource(instance),
        security_group=security_group,
        log_groups=log_groups,
    )


def _given(**properties: Any) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}
