"""The settings of an environment: one YAML file, read once into frozen models.

Every problem of a file is reported at once, each with file, line, key, value found, what is
allowed and the nearest known name. After that nobody checks again.
"""

from __future__ import annotations

from infra.config.environment import Environment, load, parse, shipped
from infra.config.log_processor import LogProcessor, Logstash, Protocol, Schema, variables
from infra.config.network import ExistingNetwork, FlowLogs, NewNetwork, S3Access
from infra.config.peering import Peering
from infra.config.private_link import PrivateLink

__all__ = [
    "Environment",
    "ExistingNetwork",
    "FlowLogs",
    "LogProcessor",
    "Logstash",
    "NewNetwork",
    "Peering",
    "PrivateLink",
    "Protocol",
    "S3Access",
    "Schema",
    "load",
    "parse",
    "shipped",
    "variables",
]
