"""Thresholds as parameters of a draft, in the units that CloudWatch counts in.

One for all servers: what differs between them is their class, not what is bad.
"""

from __future__ import annotations

from dataclasses import dataclass

from troposphere import Ref

from infra.config import DatabaseThresholds
from infra.stacks.database_watch.handles import GIGABYTE, Watched
from infra.stacks.draft import Draft

MINUTE = 60
FIVE_MINUTES = 300

_MEGABYTE = 1 << 20
_MOST_BYTES = 65_536 * GIGABYTE


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From when on alarms ring."""

    cpu: Ref
    credits: Ref | None
    memory: Ref
    storage: Ref
    connections: Ref
    lag: Ref
    slot_lag: Ref
    transaction_logs: Ref
    failed_logins: Ref | None


def limits(draft: Draft, chosen: DatabaseThresholds, watched: Watched) -> Limits:
    """Declare a parameter for each that is needed."""
    connections = chosen.connections_percent * watched.max_connections // 100
    return Limits(
        cpu=_number(draft, "Cpu", chosen.cpu_percent, "Percent of the processor in use", 100),
        credits=_number(draft, "CpuCredits", chosen.cpu_credits, "CPU credits left", 10_000)
        if watched.burstable
        else None,
        memory=_bytes(draft, "Memory", _MEGABYTE * chosen.free_memory_mb, "Bytes of free memory"),
        storage=_bytes(
            draft,
            "Storage",
            _gigabytes(chosen.free_storage_gb, watched, 20),
            "Bytes of free storage",
        ),
        connections=_number(draft, "Connections", connections, "Sessions at once", 5000),
        lag=_number(
            draft,
            "ReplicaLag",
            MINUTE * chosen.replica_lag_minutes,
            "Seconds that a replica is behind",
            MINUTE * 1440,
        ),
        slot_lag=_bytes(
            draft,
            "SlotLag",
            _gigabytes(chosen.slot_lag_gb, watched, 10),
            "Bytes of changes that the slowest replica has not taken",
        ),
        transaction_logs=_bytes(
            draft,
            "TransactionLogs",
            _gigabytes(chosen.transaction_logs_gb, watched, 5),
            "Bytes that transaction logs take",
        ),
        failed_logins=_number(
            draft,
            "FailedLogins",
            chosen.failed_logins,
            "Logins that fail, in 5 minutes",
            1_000_000,
        )
        if watched.logging
        else None,
    )


def _gigabytes(chosen: int | None, watched: Watched, part: int) -> int:
    """What is chosen, or a part of the storage that there is to begin with; in bytes."""
    return (chosen or max(1, watched.allocated_gb // part)) * GIGABYTE


def _bytes(draft: Draft, title: str, value: int, what: str) -> Ref:
    return _number(draft, title, value, what, _MOST_BYTES)


def _number(draft: Draft, title: str, value: int, what: str, most: int) -> Ref:
    return draft.number(
        f"{title}Threshold", value, f"{what}, at which an alarm rings", minimum=1, maximum=most
    )
