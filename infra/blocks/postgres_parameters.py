"""Parameter groups of PostgreSQL servers: the master's, and those of replicas for long queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import AWSHelperFn, Template, rds

_WORKERS = "64"
"""More than the largest servers begin with by themselves (two for each processor)."""
# https://www.postgresql.org/docs/current/runtime-config-logging.html
_NO_STATEMENTS = {
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True, kw_only=True)
class LongQueries:
    """How long queries may take on a replica; milliseconds."""

    hot_standby_feedback: bool
    standby_delay: AWSHelperFn
    statement_timeout: AWSHelperFn
    idle_in_transaction_timeout: AWSHelperFn


def master_parameters(
    template: Template,
    title: str,
    *,
    major: str,
    max_connections: AWSHelperFn,
    slot_megabytes: AWSHelperFn,
    logs_statements: bool,
) -> rds.DBParameterGroup:
    """TLS for everybody, passwords kept as SCRAM verifiers, and no replica that fills the disk.

    Without `logs_statements` no statement reaches the server's log, however it ends.

    A replica that falls far behind would make the master keep every change since. Beyond
    `slot_megabytes` it gives up, and the replica goes on from the archive that RDS has in S3.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.Mechanisms-versions.html
    """
    return _group(
        template,
        title,
        "Of a master",
        major,
        {
            **_common(max_connections),
            "max_slot_wal_keep_size": slot_megabytes,
            **({} if logs_statements else _NO_STATEMENTS),
        },
    )


def replica_parameters(
    template: Template,
    title: str,
    *,
    major: str,
    max_connections: AWSHelperFn,
    long_queries: LongQueries,
) -> rds.DBParameterGroup:
    """TLS for everybody, and queries that neither die soon nor go on for ever.

    `max_connections` has to be the master's: with a lower one a replica stops replaying. By itself
    RDS makes it of a server's memory, which the replica may have less of.
    https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN
    """
    return _group(
        template,
        title,
        "Of a replica for long queries",
        major,
        {
            **_common(max_connections),
            "hot_standby_feedback": str(int(long_queries.hot_standby_feedback)),
            "max_standby_streaming_delay": long_queries.standby_delay,
            # The same for what it takes from the archive, when it has fallen behind.
            "max_standby_archive_delay": long_queries.standby_delay,
            "statement_timeout": long_queries.statement_timeout,
            "idle_in_transaction_session_timeout": long_queries.idle_in_transaction_timeout,
        },
    )


def _common(max_connections: AWSHelperFn) -> dict[str, Any]:
    """What has to stand on the master has to stand on a replica, which may have become one."""
    return {
        # The default of 14 and older would let clients in without.
        "rds.force_ssl": "1",
        "password_encryption": "scram-sha-256",
        "max_connections": max_connections,
        # As with max_connections, a replica needs as many as its master.
        "max_worker_processes": _WORKERS,
    }


def _group(
    template: Template, title: str, what: str, major: str, parameters: Mapping[str, Any]
) -> rds.DBParameterGroup:
    return template.add_resource(
        rds.DBParameterGroup(
            title,
            Description=f"{what}: PostgreSQL {major}",
            Family=f"postgres{major}",
            Parameters=dict(parameters),
        )
    )
