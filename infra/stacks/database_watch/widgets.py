"""The database's dashboard: all servers in each graph, the master first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from troposphere import AWSHelperFn, GetAtt, cloudwatch

from infra.blocks.dashboard import Limit, Line, Widget, alarm_states, graph, log_table, text
from infra.blocks.metrics import Metric
from infra.stacks.database_watch.handles import (
    Server,
    Watched,
    failed_logins,
    of_function,
    of_grants,
    of_server,
)

Alarms = Mapping[str, cloudwatch.Alarm]
"""Those that were made, by title."""

_LAST = "sort @timestamp desc | limit 20"
_FAILED = (
    "fields @timestamp, @message | filter @message like "
    "/password authentication failed|no pg_hba.conf entry|permission denied for database/ "
    f"| {_LAST}"
)
_UNDONE = (
    "fields @timestamp, message, coalesce(text, errorMessage) as what"
    f' | filter level in ["WARNING", "ERROR"] | {_LAST}'
)


def rows(watched: Watched, alarms: Alarms) -> list[list[Widget]]:
    """What is shown, row by row."""
    states = [GetAtt(each, "Arn") for each in alarms.values()]
    return [
        [text(_introduction(watched), height=2)],
        *([[alarm_states("Alarms", states, height=5)]] if states else []),
        _load(watched, alarms),
        _room(watched, alarms),
        _replication(watched, alarms),
        _disks(watched),
        *_people(watched, alarms),
    ]


def _introduction(watched: Watched) -> str:
    names = ", ".join(each.name for each in watched.replicas)
    return (
        f"The master and its replicas ({names}). Made by CloudFormation: what is changed here is "
        "lost with the stack's next update."
    )


def _load(watched: Watched, alarms: Alarms) -> list[Widget]:
    tiles = [
        graph(
            "Processor (%)",
            *_each(watched.servers, "CPUUtilization", "Average"),
            limits=_limit(alarms, "MasterCpu"),
        ),
        graph(
            "Sessions",
            *_each(watched.servers, "DatabaseConnections", "Maximum"),
            limits=_limit(alarms, "MasterConnections"),
        ),
    ]
    if watched.burstable:
        first = watched.burstable[0]
        tiles.append(
            graph(
                "CPU credits",
                *_each(watched.burstable, "CPUCreditBalance", "Minimum"),
                limits=_limit(alarms, f"{first.title}CpuCredits"),
            )
        )
    return tiles


def _room(watched: Watched, alarms: Alarms) -> list[Widget]:
    return [
        graph(
            "Free memory (bytes)",
            *_each(watched.servers, "FreeableMemory", "Average"),
            limits=_limit(alarms, "MasterMemory"),
        ),
        graph("Swapped out (bytes)", *_each(watched.servers, "SwapUsage", "Average")),
        graph(
            "Free storage (bytes)",
            *_each(watched.servers, "FreeStorageSpace", "Minimum"),
            limits=_limit(alarms, "MasterStorage"),
        ),
    ]


def _replication(watched: Watched, alarms: Alarms) -> list[Widget]:
    first, master = watched.replicas[0], watched.master
    return [
        graph(
            "Replicas behind (s)",
            *_each(watched.replicas, "ReplicaLag", "Maximum"),
            limits=_limit(alarms, f"{first.title}Lag"),
        ),
        graph(
            "Kept for replicas (bytes)",
            _line(of_server(master, "OldestReplicationSlotLag"), "slowest replica", "Maximum"),
            _line(of_server(master, "TransactionLogsDiskUsage"), "transaction logs", "Maximum"),
            limits=[
                *_limit(alarms, "SlotLag", "alarm: slowest replica"),
                *_limit(alarms, "TransactionLogs", "alarm: transaction logs"),
            ],
        ),
        graph(
            "Transactions not cleaned up",
            _line(of_server(master, "MaximumUsedTransactionIDs"), "oldest", "Maximum"),
            limits=_limit(alarms, "TransactionIds"),
        ),
    ]


def _disks(watched: Watched) -> list[Widget]:
    return [
        graph("Reads (a second)", *_each(watched.servers, "ReadIOPS", "Average")),
        graph("Writes (a second)", *_each(watched.servers, "WriteIOPS", "Average")),
        graph("Waiting for the disk", *_each(watched.servers, "DiskQueueDepth", "Average")),
    ]


def _people(watched: Watched, alarms: Alarms) -> list[list[Widget]]:
    tiles, tables = [], []
    if watched.logging:
        lines = [_line(failed_logins(each), each.name, "Sum") for each in watched.servers]
        limits = _limit(alarms, "MasterFailedLogins")
        tiles.append(graph("Failed logins", *lines, limits=limits))
        group = watched.logging[watched.replicas[0].title]
        tables.append(log_table(f"Failed logins: {watched.replicas[0].name}", group, _FAILED))
    if watched.function is not None:
        tiles.append(
            graph(
                "Grants",
                _line(of_function(watched.function, "Invocations"), "runs", "Sum"),
                _line(of_function(watched.function, "Errors"), "runs that failed", "Sum"),
                _line(of_grants(watched.function, "Statements"), "statements", "Sum"),
                _line(of_grants(watched.function, "Missing"), "not there yet", "Maximum"),
                _line(of_grants(watched.function, "Problems"), "problems", "Maximum"),
            )
        )
    if watched.function_log is not None:
        tables.append(log_table("Grants that were not made", watched.function_log, _UNDONE))
    return [row for row in (tiles, tables) if row]


def _each(servers: Sequence[Server], metric: str, statistic: str) -> list[Line]:
    return [_line(of_server(each, metric), each.name, statistic) for each in servers]


def _line(metric: Metric, label: str, statistic: str) -> Line:
    return Line(metric=metric, label=label, statistic=statistic)


def _limit(alarms: Alarms, title: str, label: str = "alarm") -> Sequence[Limit]:
    """Where the alarm of this title rings, if there is one."""
    if title not in alarms:
        return ()
    threshold: float | AWSHelperFn = alarms[title].properties["Threshold"]
    return [Limit(label=label, value=threshold)]
