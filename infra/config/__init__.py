"""The settings of an environment: one YAML file, read once into frozen models.

Every problem of a file is reported at once, each with file, line, key, value found, what is
allowed and the nearest known name. After that nobody checks again.
"""

from __future__ import annotations

from infra.config.elk import Elk
from infra.config.environment import Environment, load, parse, shipped
from infra.config.log_processor import LogProcessor, Logstash, Protocol, Schema, variables
from infra.config.network import ExistingNetwork, FlowLogs, NewNetwork, S3Access
from infra.config.operations import LogProcessorOperations, LogProcessorThresholds, Operations
from infra.config.peering import Peering
from infra.config.private_link import PrivateLink
from infra.config.roles import Roles
from infra.config.triggers import Asynchronous, Trigger

__all__ = [
    "Asynchronous",
    "Elk",
    "Environment",
    "ExistingNetwork",
    "FlowLogs",
    "LogProcessor",
    "LogProcessorOperations",
    "LogProcessorThresholds",
    "Logstash",
    "NewNetwork",
    "Operations",
    "Peering",
    "PrivateLink",
    "Protocol",
    "Roles",
    "S3Access",
    "Schema",
    "Trigger",
    "load",
    "parse",
    "shipped",
    "variables",
]
