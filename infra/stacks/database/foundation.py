"""What servers stand on: VPC, subnets, and what is alike in all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from troposphere import AWSHelperFn, GetAtt, rds

from infra import rules
from infra.blocks.monitoring_role import monitoring_role
from infra.blocks.postgres import subnet_group
from infra.blocks.postgres_options import LogExport, Monitoring, ServerOptions, Storage
from infra.blocks.role import RoleOptions
from infra.config import Database, Roles
from infra.config.database import MONITORING_SECONDS
from infra.config.database_reach import needs_a_secret
from infra.stacks.draft import Draft
from infra.stacks.network import Network
from infra.stacks.roles import role_options


@dataclass(frozen=True, kw_only=True)
class Place:
    """The VPC, and the subnets that servers of each kind stand in."""

    vpc_id: AWSHelperFn
    private_subnet_ids: AWSHelperFn | None
    """None where nothing of the stack stands in them."""
    master: rds.DBSubnetGroup
    public: rds.DBSubnetGroup
    """The master's own in the topology shared."""

    @property
    def isolated(self) -> bool:
        """Whether public replicas have subnets of their own."""
        return self.master is not self.public


@dataclass(frozen=True, kw_only=True)
class Common:
    """What the servers of one stack share."""

    place: Place
    storage: Storage
    options: ServerOptions
    max_connections: AWSHelperFn
    roles: RoleOptions


def common(draft: Draft, roles: Roles, settings: Database, network: Network) -> Common:
    """Declare it."""
    options = role_options(draft, roles)
    with draft.group("Network"):
        where = _place(draft, settings, network)
    with draft.group("Servers"):
        return Common(
            place=where,
            storage=_storage(draft, settings),
            options=_server_options(draft, settings, options),
            max_connections=draft.number(
                "MaxConnections",
                settings.max_connections,
                "Sessions at once on each server; takes effect when it is restarted",
                minimum=25,
                maximum=5000,
            ),
            roles=options,
        )


def _place(draft: Draft, settings: Database, network: Network) -> Place:
    """The subnets that the topology asks for."""
    assert network.public_subnet_ids is not None, "settings with a database know public subnets"
    vpc_id = draft.resource_id(
        "VpcId", network.vpc_id, "AWS::EC2::VPC::Id", "VPC of the servers, with DNS host names"
    )
    isolated = settings.topology == "isolated"
    private = None
    if isolated or needs_a_secret(settings):
        private = draft.resource_id(
            "PrivateSubnetIds",
            network.private_subnet_ids,
            "List<AWS::EC2::Subnet::Id>",
            "Subnets of that VPC that nothing outside can reach, in two zones or more",
        )
    public = subnet_group(
        draft.template,
        "PublicSubnetGroup",
        description="Subnets with a route to an internet gateway",
        subnet_ids=draft.resource_id(
            "PublicSubnetIds",
            network.public_subnet_ids,
            "List<AWS::EC2::Subnet::Id>",
            "Subnets of that VPC with a route to an internet gateway, in two zones or more",
        ),
    )
    if not isolated:
        return Place(vpc_id=vpc_id, private_subnet_ids=private, master=public, public=public)
    assert private is not None
    own = subnet_group(
        draft.template,
        "PrivateSubnetGroup",
        description="Subnets that nothing outside can reach",
        subnet_ids=private,
    )
    return Place(vpc_id=vpc_id, private_subnet_ids=private, master=own, public=public)


def _storage(draft: Draft, settings: Database) -> Storage:
    chosen = settings.storage
    return Storage(
        allocated=draft.number(
            "AllocatedStorage",
            chosen.allocated_gb,
            "Gigabytes of storage to begin with; never less than before",
            minimum=20,
            maximum=65_536,
        ),
        most=draft.number(
            "MaxAllocatedStorage",
            chosen.max_allocated_gb,
            "Gigabytes up to which the storage grows by itself, at least a tenth more",
            minimum=22,
            maximum=65_536,
        ),
        key_arn=None
        if chosen.kms_key_arn is None
        else draft.text(
            "StorageKeyArn",
            chosen.kms_key_arn,
            rules.KMS_KEY_ARN,
            "KMS key that encrypts the storage; another one replaces the master",
        ),
    )


def _server_options(draft: Draft, settings: Database, roles: RoleOptions) -> ServerOptions:
    window = settings.maintenance_window
    return ServerOptions(
        port=draft.number(
            "Port", settings.port, "Port of the servers", minimum=1150, maximum=65_535
        ),
        maintenance_window=None
        if window is None
        else draft.text(
            "MaintenanceWindow", window, rules.MAINTENANCE_WINDOW, "When RDS may maintain, UTC"
        ),
        performance_insights=settings.performance_insights,
        monitoring=_monitoring(draft, settings, roles),
        log_export=_log_export(draft, settings),
    )


def _monitoring(draft: Draft, settings: Database, roles: RoleOptions) -> Monitoring | None:
    if not settings.monitoring_seconds:
        return None
    return Monitoring(
        seconds=draft.choice(
            "MonitoringSeconds",
            settings.monitoring_seconds,
            _without_none(MONITORING_SECONDS),
            "Seconds between figures of the servers' operating systems",
        ),
        role_arn=GetAtt(monitoring_role(draft.template, "MonitoringRole", options=roles), "Arn"),
    )


def _without_none(seconds: Iterable[int]) -> list[int]:
    return [each for each in seconds if each]


def _log_export(draft: Draft, settings: Database) -> LogExport | None:
    export = settings.log_exports
    if export is None:
        return None
    return LogExport(
        kinds=export.kinds,
        retention_days=draft.choice(
            "LogRetentionDays",
            export.retention_days,
            rules.LOG_RETENTION_DAYS,
            "Days that the servers' logs are kept",
        ),
    )
