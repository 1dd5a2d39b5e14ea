"""Alarms of what each server runs out of: processor, credits, memory, storage, sessions."""

from __future__ import annotations

from collections.abc import Iterator

from troposphere import Ref

from infra.blocks.alarms import Alarm, Breach
from infra.blocks.references import embedded
from infra.stacks.database_watch.handles import Server, Watched, of_server
from infra.stacks.database_watch.thresholds import FIVE_MINUTES, Limits

_LOAD = "the load by query in Database Insights, or pg_stat_activity"


def alarms(limits: Limits, watched: Watched) -> Iterator[Alarm]:
    """The alarms over what RDS measures of every server."""
    for server in watched.servers:
        yield _cpu(limits, server)
        if limits.credits is not None and server.burstable:
            yield _credits(limits.credits, server)
        yield _memory(limits, server)
        yield _storage(limits, server)
        yield _connections(limits, server)


def _cpu(limits: Limits, server: Server) -> Alarm:
    return _alarm(
        server,
        "Cpu",
        "CPUUtilization",
        "Average",
        "at least",
        limits.cpu,
        f"For a quarter of an hour {_name(server)} has used nearly all of its processor, so "
        f"queries take longer. First see what they are ({_LOAD}); end the one that should not run "
        "with pg_cancel_backend. If all of them should, it takes a larger instance class.",
        periods=3,
    )


def _credits(threshold: Ref, server: Server) -> Alarm:
    return _alarm(
        server,
        "CpuCredits",
        "CPUCreditBalance",
        "Minimum",
        "below",
        threshold,
        f"{_name(server)} has nearly used up its CPU credits: it works more than its class is made "
        "for, which is charged from now on or makes it slow. First see whether the load is usual "
        f"({_LOAD}). If it is, a class without credits (db.m*) is the cheaper one.",
        periods=1,
    )


def _memory(limits: Limits, server: Server) -> Alarm:
    return _alarm(
        server,
        "Memory",
        "FreeableMemory",
        "Average",
        "below",
        limits.memory,
        f"{_name(server)} has little memory left; when it has none, PostgreSQL is restarted and "
        f"every session ends. First see which sessions take so much ({_LOAD}) and how many there "
        "are; then lower work_mem or max_connections, or take a larger instance class.",
        periods=3,
    )


def _storage(limits: Limits, server: Server) -> Alarm:
    return _alarm(
        server,
        "Storage",
        "FreeStorageSpace",
        "Minimum",
        "below",
        limits.storage,
        f"The storage of {_name(server)} is nearly full, and RDS has not added any: it is at "
        "MaxAllocatedStorage, or was enlarged less than six hours ago. When it is full the server "
        "stops. First raise the parameter MaxAllocatedStorage, or AllocatedStorage of the master; "
        "then see whether transaction-logs or slot-lag ring: their cause may be the cause here.",
        periods=1,
    )


def _connections(limits: Limits, server: Server) -> Alarm:
    return _alarm(
        server,
        "Connections",
        "DatabaseConnections",
        "Maximum",
        "at least",
        limits.connections,
        f"{_name(server)} has nearly as many sessions as it takes; further ones are refused. First "
        "see in pg_stat_activity who has them, by usename, application_name and state. "
        "Sessions that are idle belong into a pool; raising MaxConnections takes a restart.",
        periods=1,
    )


def _alarm(
    server: Server,
    title: str,
    metric: str,
    statistic: str,
    breach: Breach,
    threshold: Ref,
    description: str,
    *,
    periods: int,
) -> Alarm:
    return Alarm(
        title=f"{server.title}{title}",
        description=description,
        metric=of_server(server, metric),
        statistic=statistic,
        breach=breach,
        threshold=threshold,
        period_seconds=FIVE_MINUTES,
        periods=periods,
        no_data="good",
    )


def _name(server: Server) -> str:
    return embedded(server.identifier)
