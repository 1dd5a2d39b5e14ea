"""The settings of how a database is watched."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict

from infra.config.operations import Count, Operations
from infra.config.values import Settings

Percent = Annotated[int, Strict(), Field(ge=10, le=99)]
Gigabytes = Annotated[int, Strict(), Field(ge=1, le=65_536)]


class DatabaseThresholds(Settings):
    """From when on a database's alarms ring, each for master and replicas alike."""

    cpu_percent: Percent = Field(
        default=90, description="of the processor in use, in each 5 of 15 minutes, 10 to 99"
    )
    cpu_credits: Annotated[int, Strict(), Field(ge=1, le=10_000)] = Field(
        default=30,
        description="CPU credits left, of classes that have them (db.t…), 1 to 10000: below, the "
        "server becomes slow or what it uses beyond them is charged",
    )
    free_memory_mb: Annotated[int, Strict(), Field(ge=16, le=1_000_000)] = Field(
        default=128, description="megabytes of memory that are free, 16 to 1000000"
    )
    free_storage_gb: Gigabytes | None = Field(
        default=None,
        description="gigabytes of storage that are free, 1 or more; by default a twentieth of "
        "storage.allocated_gb: at a tenth RDS itself adds some",
    )
    connections_percent: Percent = Field(
        default=80, description="of max_connections that are taken, 10 to 99"
    )
    # Where nothing is written the lag goes up to five minutes and back:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.html
    replica_lag_minutes: Annotated[int, Strict(), Field(ge=6, le=1440)] = Field(
        default=15, description="minutes that a replica is behind the master, 6 to 1440"
    )
    slot_lag_gb: Gigabytes | None = Field(
        default=None,
        description="gigabytes of changes that the slowest replica has not taken, 1 or more; by "
        "default a tenth of storage.allocated_gb",
    )
    transaction_logs_gb: Gigabytes | None = Field(
        default=None,
        description="gigabytes of storage that transaction logs take on the master, 1 or more; by "
        "default a fifth of storage.allocated_gb",
    )
    failed_logins: Count = Field(
        default=10, description="logins that fail, in 5 minutes, 1 or more; only with log exports"
    )


class DatabaseOperations(Operations):
    """How a database is watched."""

    thresholds: DatabaseThresholds = Field(
        default_factory=DatabaseThresholds, description="from when on alarms ring"
    )
