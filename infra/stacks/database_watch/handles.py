"""What of a database is watched, and the metrics of each part."""

from __future__ import annotations

from dataclasses import dataclass

from troposphere import AWSHelperFn, Sub

from infra.blocks.metrics import Metric

GIGABYTE = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server of RDS."""

    title: str
    """What the titles of its alarms begin with."""
    name: str
    """Short, such as `master` or `analysts`."""
    identifier: AWSHelperFn
    """What RDS calls it."""
    burstable: bool
    """Whether its processor time is limited by credits."""
    log_group: AWSHelperFn | None
    """The name of PostgreSQL's own log, where it is exported."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The servers, what they have to go round with, and the function that keeps the grants."""

    master: Server
    replicas: tuple[Server, ...]
    allocated_gb: int
    max_connections: int
    function: AWSHelperFn | None
    """Its name."""
    function_log: AWSHelperFn | None

    @property
    def servers(self) -> tuple[Server, ...]:
        """The master first."""
        return (self.master, *self.replicas)

    @property
    def burstable(self) -> tuple[Server, ...]:
        """Those whose processor time is limited by credits."""
        return tuple(each for each in self.servers if each.burstable)

    @property
    def logging(self) -> dict[str, AWSHelperFn]:
        """The logs that failed logins can be counted in, by the server's title."""
        return {each.title: each.log_group for each in self.servers if each.log_group is not None}


def of_server(server: Server, name: str) -> Metric:
    """A metric that RDS keeps of a server.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
    """
    return Metric(
        namespace="AWS/RDS", name=name, dimensions={"DBInstanceIdentifier": server.identifier}
    )


def failed_logins(server: Server) -> Metric:
    """What is counted in the server's log; a filter's metric has no dimensions."""
    return Metric(
        namespace=Sub("Database/${AWS::StackName}"),
        name=f"{server.title}FailedLogins",
        dimensions={},
    )


def of_function(function: AWSHelperFn, name: str) -> Metric:
    """A metric that Lambda keeps of the function."""
    return Metric(namespace="AWS/Lambda", name=name, dimensions={"FunctionName": function})


def of_grants(function: AWSHelperFn, name: str) -> Metric:
    """A metric that the function writes itself: see `lambda_src/reporting_user/report.py`."""
    return Metric(namespace="ReportingUser", name=name, dimensions={"FunctionName": function})
