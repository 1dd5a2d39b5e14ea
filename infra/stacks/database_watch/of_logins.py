"""Logins that fail: counted in the servers' logs, and told when there are many."""

from __future__ import annotations

from collections.abc import Iterator

from troposphere import Ref, Template, logs

from infra.blocks.alarms import Alarm
from infra.blocks.references import embedded
from infra.stacks.database_watch.handles import Server, Watched, failed_logins
from infra.stacks.database_watch.thresholds import FIVE_MINUTES, Limits

# A wrong password, and a connection without TLS or to what one may not connect to. Any of them:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
_PATTERN = (
    '?"password authentication failed" ?"no pg_hba.conf entry" ?"permission denied for database"'
)


def count_failed_logins(template: Template, watched: Watched) -> None:
    """Count them in each server's log."""
    for server in watched.servers:
        if server.log_group is None:
            continue
        metric = failed_logins(server)
        template.add_resource(
            logs.MetricFilter(
                f"{server.title}FailedLogins",
                LogGroupName=server.log_group,
                FilterPattern=_PATTERN,
                MetricTransformations=[
                    logs.MetricTransformation(
                        MetricNamespace=metric.namespace,
                        MetricName=metric.name,
                        MetricValue="1",
                        DefaultValue=0,
                    )
                ],
            )
        )


def alarms(limits: Limits, watched: Watched) -> Iterator[Alarm]:
    """An alarm for each server whose log is read."""
    if limits.failed_logins is None:
        return
    for server in watched.servers:
        if server.log_group is not None:
            yield _failed_logins(limits.failed_logins, server, embedded(server.log_group))


def _failed_logins(threshold: Ref, server: Server, group: str) -> Alarm:
    return Alarm(
        title=f"{server.title}FailedLogins",
        description=f"Many logins at {embedded(server.identifier)} fail: somebody tries "
        "passwords, or a program has an old one. First read who, in the dashboard's table or in "
        f"the log group {group}: user and address stand in each line. If it is a stranger, take "
        "the network out of the approved ones; if it is one of us, give them the password from the "
        "secret.",
        metric=failed_logins(server),
        statistic="Sum",
        breach="at least",
        threshold=threshold,
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )
