"""The master and its read replicas."""

from __future__ import annotations

from troposphere import Ref, route53

from infra import rules
from infra.blocks.postgres import Server, read_replica
from infra.blocks.postgres import master as postgres_master
from infra.blocks.postgres_parameters import LongQueries, master_parameters, replica_parameters
from infra.blocks.postgres_secrets import resolved
from infra.config import Database, Dns, Replica
from infra.config import LongQueries as LongQuerySettings
from infra.naming import title_of
from infra.stacks.database.access import server_group
from infra.stacks.database.foundation import Common
from infra.stacks.database.secrets import User
from infra.stacks.draft import Draft

_DNS_SECONDS = "60"
_MILLISECONDS = 60_000


def master(
    draft: Draft,
    settings: Database,
    common: Common,
    *,
    database: Ref,
    owner: User,
) -> Server:
    """The master, which only the approved and our own functions reach."""
    window = settings.backup_window
    return postgres_master(
        draft.template,
        "Master",
        name="master",
        engine_version=settings.engine_version,
        instance_class=_instance_class(draft, "Master", settings.instance_class),
        storage=common.storage,
        database=database,
        username=owner.name,
        password=resolved(owner.secret, "password"),
        subnet_group=common.place.master,
        security_group=server_group(
            draft,
            "Master",
            vpc_id=common.place.vpc_id,
            port=common.options.port,
            approved=settings.approved,
        ),
        parameter_group=master_parameters(
            draft.template,
            "MasterParameters",
            major=settings.major,
            max_connections=common.max_connections,
            slot_megabytes=_slot_megabytes(draft, settings),
            logs_statements=settings.rotation is None or settings.rotation.function_arn is not None,
        ),
        multi_az=settings.multi_az,
        backup_days=draft.number(
            "BackupRetentionDays",
            settings.backup_retention_days,
            "Days that backups are kept",
            minimum=7,
            maximum=35,
        ),
        backup_window=None
        if window is None
        else draft.text("BackupWindow", window, rules.BACKUP_WINDOW, "When RDS backs up, UTC"),
        deletion_protection=settings.deletion_protection,
        options=common.options,
    )


def replica(
    draft: Draft,
    settings: Database,
    chosen: Replica,
    common: Common,
    *,
    source: Server,
    after: Server | None,
) -> Server:
    """A read replica, with a parameter group, a security group and maybe a name of its own."""
    title = f"{title_of(chosen.name)}Replica"
    group = common.place.public if chosen.public else common.place.master
    made = read_replica(
        draft.template,
        title,
        name=chosen.name,
        source=source.instance,
        instance_class=_instance_class(draft, title, chosen.instance_class),
        storage=common.storage,
        subnet_group=group if common.place.isolated else None,
        security_group=server_group(
            draft,
            title,
            vpc_id=common.place.vpc_id,
            port=common.options.port,
            approved=chosen.approved,
            open_because=chosen.open_to_the_world_because,
        ),
        parameter_group=replica_parameters(
            draft.template,
            f"{title}Parameters",
            major=settings.major,
            max_connections=common.max_connections,
            long_queries=_long_queries(draft, title, chosen.long_queries),
        ),
        public=chosen.public,
        after=None if after is None else after.instance,
        options=common.options,
    )
    if chosen.dns is not None:
        _named(draft, title, chosen.dns, made)
    return made


def _instance_class(draft: Draft, title: str, value: str) -> Ref:
    return draft.text(
        f"{title}InstanceClass",
        value,
        rules.INSTANCE_CLASS,
        "How much memory and processor it has; another one restarts it",
    )


def _slot_megabytes(draft: Draft, settings: Database) -> Ref:
    return draft.number(
        "SlotMegabytes",
        512 * settings.storage.allocated_gb,
        "Megabytes of changes that the master keeps for a replica which has fallen behind; by "
        "default half of the storage",
        minimum=1024,
        maximum=65_536 * 1024,
    )


def _long_queries(draft: Draft, title: str, chosen: LongQuerySettings) -> LongQueries:
    return LongQueries(
        hot_standby_feedback=chosen.hot_standby_feedback,
        standby_delay=_milliseconds(
            draft,
            f"{title}StandbyDelay",
            chosen.standby_delay_minutes,
            "a change of the master waits for a query that it would cancel",
        ),
        statement_timeout=_milliseconds(
            draft,
            f"{title}StatementTimeout",
            chosen.statement_timeout_minutes,
            "a query may take",
        ),
        idle_in_transaction_timeout=_milliseconds(
            draft,
            f"{title}IdleTimeout",
            chosen.idle_in_transaction_timeout_minutes,
            "a session may do nothing in a transaction",
        ),
    )


def _milliseconds(draft: Draft, title: str, minutes: int, what: str) -> Ref:
    return draft.number(
        title,
        _MILLISECONDS * minutes,
        f"Milliseconds that {what}",
        minimum=1000,
        maximum=_MILLISECONDS * 1440,
    )


def _named(draft: Draft, title: str, dns: Dns, server: Server) -> route53.RecordSetType:
    return draft.template.add_resource(
        route53.RecordSetType(
            f"{title}Name",
            HostedZoneId=draft.text(
                f"{title}HostedZoneId", dns.hosted_zone_id, rules.HOSTED_ZONE_ID, "Zone of the name"
            ),
            Name=draft.text(f"{title}DnsName", dns.name, rules.DNS_NAME, "Name of yours for it"),
            Type="CNAME",
            TTL=_DNS_SECONDS,
            ResourceRecords=[server.host],
        )
    )
