"""The settings of the database: a PostgreSQL master, its read replicas, and who reads from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, Strict, ValidationInfo, field_validator

from infra.config import windows
from infra.config.database_operations import DatabaseOperations
from infra.config.replicas import ApprovedList, Replica
from infra.config.reporting_user import ReportingUser
from infra.config.values import (
    BackupWindow,
    DatabaseName,
    EngineVersion,
    FunctionArn,
    InstanceClass,
    KmsKeyArn,
    MaintenanceWindow,
    MasterUsername,
    RetentionDays,
    Settings,
    refusal,
)

Topology = Literal["isolated", "shared"]
LogExport = Literal["postgresql", "upgrade"]

REPLICA_LIMIT = 5
"""In one region: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html."""

MONITORING_SECONDS = (0, 1, 5, 10, 15, 30, 60)
"""https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""

BACKUP_DAYS = (7, 35)

_ROOM_PERCENT = 110
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html"""


class Storage(Settings):
    """The master's disk, which grows by itself; each replica has one like it."""

    allocated_gb: Annotated[int, Strict(), Field(ge=20, le=59_578)] = Field(
        default=20, description="gigabytes to begin with, 20 to 59578"
    )
    max_allocated_gb: Annotated[int, Strict(), Field(ge=22, le=65_536)] = Field(
        default=100, description="gigabytes up to which it grows, at least a tenth more"
    )
    kms_key_arn: KmsKeyArn | None = Field(
        default=None,
        description="a key of yours that encrypts it, in place of aws/rds; another one later "
        "would replace the master",
    )

    @field_validator("max_allocated_gb")
    @classmethod
    def _has_room(cls, most: int, info: ValidationInfo) -> int:
        begun = info.data.get("allocated_gb")
        if begun is not None and most * 100 < begun * _ROOM_PERCENT:
            raise refusal(
                f"{-(-begun * _ROOM_PERCENT // 100)} or more, a tenth above allocated_gb: RDS "
                "refuses less, and a full disk stops the server"
            )
        return most


class LogExports(Settings):
    """What PostgreSQL logs, in CloudWatch Logs."""

    kinds: tuple[LogExport, ...] = Field(
        default=("postgresql",), strict=False, description="postgresql, and maybe upgrade"
    )
    retention_days: RetentionDays = Field(description="days that the logs are kept")

    @field_validator("kinds")
    @classmethod
    def _each_once(cls, kinds: tuple[LogExport, ...]) -> tuple[LogExport, ...]:
        if not kinds or len(set(kinds)) < len(kinds):
            raise refusal(f"one or more of {', '.join(get_args(LogExport))}, each once")
        return kinds


class Rotation(Settings):
    """How the master password is changed from time to time.

    AWS's function writes the new password into a statement as it is, so the server then logs no
    statement: https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas
    """

    every_days: Annotated[int, Strict(), Field(ge=1, le=1000)] = Field(
        description="days after which it is another one, 1 to 1000"
    )
    function_arn: FunctionArn | None = Field(
        default=None,
        description="a rotation function of yours, in place of the one that AWS makes; "
        "with that one the master logs no statements, as the password stands in one",
    )


def _monitoring(seconds: int) -> int:
    if seconds not in MONITORING_SECONDS:
        raise refusal(f"one of {', '.join(map(str, MONITORING_SECONDS))}; 0 for none")
    return seconds


def _generated(value: Any) -> str:
    if value != "generated":
        raise refusal(
            "generated, the only way: Secrets Manager makes it and keeps it. One that RDS manages "
            "itself forbids read replicas, and one written here would be read by others"
        )
    return "generated"


class Database(Settings):
    """A PostgreSQL master, its read replicas, and the user that reads from them."""

    topology: Topology = Field(
        default="isolated",
        description="isolated: the master in private subnets, each public replica in public ones; "
        "shared: all of them in the public subnets, the master without a public address. Another "
        "one later would replace the master",
    )
    engine_version: EngineVersion = Field(
        default="18", description="of PostgreSQL: a full version from 15 on, such as 17.9, or 18"
    )
    database_name: DatabaseName = Field(description="the first database, made with the server")
    master_username: MasterUsername = Field(
        default="administrator",
        description="the administrator's name; another one later would replace the master",
    )
    password: Annotated[str, BeforeValidator(_generated)] = Field(
        default="generated", description="of the administrator: generated"
    )
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    port: Annotated[int, Strict(), Field(ge=1150, le=65535)] = Field(
        default=5432, description="the port of all servers, 1150 to 65535"
    )
    instance_class: InstanceClass = Field(description="of the master, such as db.t4g.medium")
    storage: Storage = Field(default_factory=Storage, description="the disk, which grows by itself")
    multi_az: Annotated[bool, Strict()] = Field(
        description="whether another zone has a standby that takes over: true or false"
    )
    backup_retention_days: Annotated[int, Strict()] = Field(
        default=BACKUP_DAYS[0], description="days that backups are kept, 7 to 35"
    )
    backup_window: BackupWindow | None = Field(
        default=None, description="when to back up, UTC, such as 02:00-02:30; AWS chooses else"
    )
    maintenance_window: MaintenanceWindow | None = Field(
        default=None,
        description="when to maintain, UTC, such as sun:03:00-sun:04:00; AWS chooses else",
    )
    deletion_protection: Annotated[bool, Strict()] = Field(
        default=True, description="whether RDS refuses to delete the master: true or false"
    )
    performance_insights: Annotated[bool, Strict()] = Field(
        default=True, description="whether a week of the servers' load is kept: true or false"
    )
    monitoring_seconds: Annotated[int, Strict(), AfterValidator(_monitoring)] = Field(
        default=0, description="seconds between figures of the operating systems; 0 for none"
    )
    log_exports: LogExports | None = Field(
        default=None, description="what goes to CloudWatch Logs, and how long it is kept"
    )
    # Roughly what RDS takes for 2 GiB of memory: LEAST(DBInstanceClassMemory/9531392, 5000).
    max_connections: Annotated[int, Strict(), Field(ge=25, le=5000)] = Field(
        default=200,
        description="sessions at once on each server, 25 to 5000; the same on all: a replica with "
        "fewer than its master stops. Another one takes effect when a server is restarted",
    )
    approved: ApprovedList = Field(
        default=(),
        description="who may connect to the master, each with cidr or security_group_id, "
        "description and maybe expires; besides our own functions",
    )
    replicas: Annotated[tuple[Replica, ...], Field(strict=False)] = Field(
        description="1 to 5 read replicas, one or more of them public"
    )
    rotation: Rotation | None = Field(
        default=None, description="how the master password is changed; without it, never"
    )
    reporting_user: ReportingUser | None = Field(
        default=None, description="the user that reads what is named; without it none is made"
    )
    operations: DatabaseOperations = Field(
        default_factory=DatabaseOperations, description="how it is watched and protected"
    )

    @field_validator("backup_retention_days")
    @classmethod
    def _lets_replicas_be_made(cls, days: int) -> int:
        least, most = BACKUP_DAYS
        if days == 0:
            raise refusal(
                f"{least} to {most}: a master without backups can have no read replica, and "
                "nothing to go back to"
            )
        if not least <= days <= most:
            raise refusal(f"{least} to {most}")
        return days

    @field_validator("backup_window")
    @classmethod
    def _is_long_enough(cls, window: str | None) -> str | None:
        if window is not None and windows.backup_minutes(window) < windows.SHORTEST_MINUTES:
            raise refusal(f"a window of {windows.SHORTEST_MINUTES} minutes or more")
        return window

    @field_validator("maintenance_window")
    @classmethod
    def _is_apart_from_the_backup(cls, window: str | None, info: ValidationInfo) -> str | None:
        if window is None:
            return None
        minutes = windows.maintenance_minutes(window)
        if not windows.SHORTEST_MINUTES <= minutes <= windows.LONGEST_MAINTENANCE_MINUTES:
            raise refusal(f"a window of {windows.SHORTEST_MINUTES} minutes or more, below a day")
        backup = info.data.get("backup_window")
        if backup is not None and windows.overlap(backup, window):
            raise refusal(f"a window apart from backup_window, {backup}: RDS refuses two that meet")
        return window

    @field_validator("approved")
    @classmethod
    def _keeps_the_world_out(cls, approved: ApprovedList) -> ApprovedList:
        wide = [each.cidr for each in approved if each.is_everywhere]
        if wide:
            raise refusal(
                f"networks of /8 or smaller, unlike {wide[0]}: the master is for us alone"
            )
        return approved

    @field_validator("replicas")
    @classmethod
    def _can_be_reached(cls, replicas: tuple[Replica, ...]) -> tuple[Replica, ...]:
        if not 1 <= len(replicas) <= REPLICA_LIMIT:
            raise refusal(f"1 to {REPLICA_LIMIT} entries")
        names = [each.name for each in replicas]
        if len({name.replace("-", "") for name in names}) < len(names):
            raise refusal("each name once, hyphens apart")
        if not any(each.public for each in replicas):
            raise refusal("one replica or more with public: true")
        return replicas

    @field_validator("reporting_user")
    @classmethod
    def _is_another_one(
        cls, user: ReportingUser | None, info: ValidationInfo
    ) -> ReportingUser | None:
        if user is None:
            return None
        if user.name == info.data.get("master_username"):
            raise refusal(f"another name than {user.name}, which is the administrator's")
        most = info.data.get("max_connections")
        if most is not None and user.connection_limit >= most:
            raise refusal(f"a connection_limit below {most}, max_connections: others need some")
        return user

    @property
    def major(self) -> str:
        """The major version, such as `18`."""
        return self.engine_version.partition(".")[0]

    @property
    def logs_logins(self) -> bool:
        """Whether failed logins can be counted."""
        return self.log_exports is not None and "postgresql" in self.log_exports.kinds
