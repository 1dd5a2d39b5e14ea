"""Alarms of replication: a replica that falls behind, and what that does to the master."""

from __future__ import annotations

from collections.abc import Iterator

from infra.blocks.alarms import Alarm
from infra.blocks.references import embedded
from infra.stacks.database_watch.handles import Server, Watched, of_server
from infra.stacks.database_watch.thresholds import FIVE_MINUTES, Limits

_OLD_TRANSACTIONS = 1_000_000_000
"""Half of what there is: https://aws.amazon.com/blogs/database/implement-an-early-warning-system-for-transaction-id-wraparound-in-amazon-rds-for-postgresql/."""


def alarms(limits: Limits, watched: Watched) -> Iterator[Alarm]:
    """The alarms between master and replicas."""
    for replica in watched.replicas:
        yield _lag(limits, replica)
    yield _slot_lag(limits, watched.master)
    yield _transaction_logs(limits, watched.master)
    yield _transaction_ids(watched.master)


def _lag(limits: Limits, replica: Server) -> Alarm:
    """Without figures too: a replica that has stopped replicating has none."""
    name = _name(replica)
    return Alarm(
        title=f"{replica.title}Lag",
        description=f"What is read on {name} is old, or it has stopped replicating. First look for "
        "a query that holds it up (pg_stat_activity there, the oldest xact_start): it goes on when "
        f"that ends, at the latest after {replica.title}StandbyDelay. Else see aws rds "
        f"describe-db-instances --db-instance-identifier {name}: StatusInfos says why it stopped. "
        "A replica can be made anew; nothing is lost with it. After the stack was made it may ring "
        "until the first figures.",
        metric=of_server(replica, "ReplicaLag"),
        statistic="Maximum",
        breach="at least",
        threshold=limits.lag,
        period_seconds=FIVE_MINUTES,
        periods=2,
        no_data="bad",
    )


def _slot_lag(limits: Limits, master: Server) -> Alarm:
    return Alarm(
        title="SlotLag",
        description=f"{_name(master)} keeps many changes for its slowest replica, which take its "
        "storage. First see whether a replica's lag alarm rings: its cause is the cause here. Else "
        "look into pg_replication_slots: a slot that is not active, and whose name does not begin "
        "with rds_, was made by somebody; pg_drop_replication_slot frees the storage. At the "
        "parameter SlotMegabytes the master gives up by itself.",
        metric=of_server(master, "OldestReplicationSlotLag"),
        statistic="Maximum",
        breach="at least",
        threshold=limits.slot_lag,
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )


def _transaction_logs(limits: Limits, master: Server) -> Alarm:
    return Alarm(
        title="TransactionLogs",
        description=f"Transaction logs take much of the storage of {_name(master)}. First see "
        "whether slot-lag rings: then a replica or a forgotten slot keeps them. Else something "
        "writes very much at once, such as a bulk load or an index being built, and they go again "
        "when it is done.",
        metric=of_server(master, "TransactionLogsDiskUsage"),
        statistic="Maximum",
        breach="at least",
        threshold=limits.transaction_logs,
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )


def _transaction_ids(master: Server) -> Alarm:
    return Alarm(
        title="TransactionIds",
        description=f"{_name(master)} has not been able to clean up old rows for very long; at two "
        "thousand million transactions it would stop taking writes. First look for what holds the "
        "oldest rows: a transaction that was never ended (pg_stat_activity, also on replicas with "
        "hot_standby_feedback), a prepared one (pg_prepared_xacts) or a slot "
        "(pg_replication_slots). End it; autovacuum then does the rest within hours.",
        metric=of_server(master, "MaximumUsedTransactionIDs"),
        statistic="Maximum",
        breach="at least",
        threshold=_OLD_TRANSACTIONS,
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )


def _name(server: Server) -> str:
    return embedded(server.identifier)
