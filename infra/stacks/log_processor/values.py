"""The function's environment variables, each value a parameter that an operator may vary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from troposphere import Ref

from infra import rules
from infra.config import Protocol, Schema
from infra.stacks.draft import Draft


def logstash(draft: Draft, found: Mapping[str, str]) -> dict[str, Ref]:
    """The variables that say where events go and how, each a parameter."""
    return _receivers(draft, found) | _tls(draft, found) | _secret(draft, found)


def _receivers(draft: Draft, found: Mapping[str, str]) -> dict[str, Ref]:
    return {
        "LOGSTASH_PROTOCOL": draft.choice(
            "LogstashProtocol",
            found["LOGSTASH_PROTOCOL"],
            get_args(Protocol),
            "tcp or tls for Logstash's tcp input, lumberjack or lumberjack+tls for its beats input",
        ),
        **_host(draft, found["LOGSTASH_HOST"]),
        "LOGSTASH_PORT": draft.number(
            "LogstashPort",
            int(found["LOGSTASH_PORT"]),
            "Port of Logstash's input",
            minimum=1,
            maximum=65535,
        ),
        "LOGSTASH_COMPRESSION_LEVEL": draft.number(
            "LogstashCompressionLevel",
            int(found["LOGSTASH_COMPRESSION_LEVEL"]),
            "Of lumberjack: 0 for none to 9",
            minimum=0,
            maximum=9,
        ),
    }


def _host(draft: Draft, hosts: str) -> dict[str, Ref]:
    """None where only an endpoint's own name is known, once there is one."""
    if not hosts:
        return {}
    parameter = draft.text(
        "LogstashHost",
        hosts,
        rules.HOSTS,
        "Logstash's host name or address; several, separated by commas, of which any will do",
    )
    return {"LOGSTASH_HOST": parameter}


def _tls(draft: Draft, found: Mapping[str, str]) -> dict[str, Ref]:
    return {
        "LOGSTASH_SERVER_NAME": draft.text(
            "LogstashServerName",
            found["LOGSTASH_SERVER_NAME"],
            rules.HOST_OR_NONE,
            "With TLS: the name in Logstash's certificate, where that is not the host",
        ),
        "LOGSTASH_CA": draft.text(
            "LogstashCa",
            found["LOGSTASH_CA"],
            rules.CERTIFICATES_OR_NONE,
            "With TLS: the certificates to trust, as PEM, instead of the public ones",
        ),
    }


def _secret(draft: Draft, found: Mapping[str, str]) -> dict[str, Ref]:
    if "LOGSTASH_SECRET" not in found:
        return {}
    arn = draft.text(
        "LogstashSecretArn",
        found["LOGSTASH_SECRET"],
        rules.SECRET_ARN,
        "The secret with ca, certificate and private_key for TLS",
    )
    return {"LOGSTASH_SECRET": arn}


def events(draft: Draft, found: Mapping[str, str]) -> dict[str, Ref]:
    """The variables that say which lines become events, and what those hold."""
    schema = draft.choice(
        "EventSchema",
        found["EVENT_SCHEMA"],
        get_args(Schema),
        "Names of an event's fields: original, or Elastic's common schema",
    )
    keys = {
        each: _key(each) for each in found if each.startswith(_EVENT) and each != "EVENT_SCHEMA"
    }
    static = {
        variable: draft.text(f"Event{key}", found[variable], rules.TEXT, f"{key} of every event")
        for variable, key in keys.items()
    }
    texts = (
        ("FILTERS", "Filters", rules.JSON_LIST_OR_NONE, "Rules about which lines are delivered"),
        ("REDACT", "Redact", rules.QUERY_PARAMETERS, "Query parameters whose values are taken out"),
        (
            "METRICS_NAMESPACE",
            "MetricsNamespace",
            rules.METRICS_NAMESPACE,
            "CloudWatch namespace of the function's metrics",
        ),
    )
    return {"EVENT_SCHEMA": schema, **static} | {
        variable: draft.text(title, found[variable], rule, description)
        for variable, title, rule, description in texts
    }


_EVENT = "EVENT_"


def _key(variable: str) -> str:
    """`EVENT_SOURCE_MODULE_NAME` → `SourceModuleName`."""
    return "".join(word.capitalize() for word in variable.removeprefix(_EVENT).split("_"))
