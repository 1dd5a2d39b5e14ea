"""What is alike in all PostgreSQL servers of a stack, and the properties that it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from troposphere import AWSHelperFn

_INSIGHTS_DAYS = 7
"""The retention that costs nothing."""


@dataclass(frozen=True, kw_only=True)
class Storage:
    """A disk, and how far it grows by itself; sizes in GiB."""

    allocated: AWSHelperFn
    most: AWSHelperFn
    key_arn: AWSHelperFn | None
    """A KMS key of one's own; None for aws/rds."""


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """Figures of the operating system."""

    seconds: AWSHelperFn
    role_arn: AWSHelperFn


@dataclass(frozen=True, kw_only=True)
class LogExport:
    """What a server logs, in CloudWatch Logs."""

    kinds: Sequence[str]
    retention_days: AWSHelperFn


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """What is alike in all servers."""

    port: AWSHelperFn
    maintenance_window: AWSHelperFn | None
    performance_insights: bool
    monitoring: Monitoring | None
    log_export: LogExport | None

    @property
    def properties(self) -> dict[str, Any]:
        """The same as properties of a server."""
        wanted = {
            "Port": self.port,
            "PreferredMaintenanceWindow": self.maintenance_window,
            "EnablePerformanceInsights": self.performance_insights,
            "PerformanceInsightsRetentionPeriod": _INSIGHTS_DAYS
            if self.performance_insights
            else None,
            "MonitoringInterval": self.monitoring and self.monitoring.seconds,
            "MonitoringRoleArn": self.monitoring and self.monitoring.role_arn,
            "EnableCloudwatchLogsExports": self.log_export and list(self.log_export.kinds),
        }
        return {name: value for name, value in wanted.items() if value is not None}

    @property
    def accepted(self) -> dict[str, str]:
        """What checkov finds, which wants a number where a parameter stands."""
        if self.monitoring is None:
            why = "CloudWatch has figures anyway; the system's own cost by the server"
        else:
            why = "there are such figures: how often is a parameter"
        return {"CKV_AWS_118": why}
