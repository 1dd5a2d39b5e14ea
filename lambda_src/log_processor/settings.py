"""Settings of the function, parsed once from its environment variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import SettingsError

STATIC_KEYS: Mapping[str, str] = {
    "Component": "EVENT_COMPONENT",
    "SourceModuleName": "EVENT_SOURCE_MODULE_NAME",
    "Environment": "EVENT_ENVIRONMENT",
    "Application": "EVENT_APPLICATION",
    "Type": "EVENT_TYPE",
}
"""The keys that every event carries, in order, and the variables that give their values."""

_VARIABLES = ("LOGSTASH_HOST", "LOGSTASH_PORT", *STATIC_KEYS.values())
_PORT = re.compile(r"[1-9][0-9]{0,4}")


@dataclass(frozen=True)
class Settings:
    """Where events go, and what each of them carries besides the log's own fields."""

    host: str
    port: int
    static: Mapping[str, str]


def parse(environment: Mapping[str, str]) -> Settings:
    """Return the settings; a SettingsError names every variable that is missing or wrong."""
    problems = [f"{name} is missing or empty" for name in _VARIABLES if not environment.get(name)]
    port = environment.get("LOGSTASH_PORT", "")
    if port and not _is_port(port):
        problems.append(f"LOGSTASH_PORT is {port!r}, expected a number from 1 to 65535")
    if problems:
        raise SettingsError("; ".join(problems))
    return Settings(
        host=environment["LOGSTASH_HOST"],
        port=int(port),
        static={key: environment[variable] for key, variable in STATIC_KEYS.items()},
    )


def _is_port(text: str) -> bool:
    return _PORT.fullmatch(text) is not None and int(text) <= 65_535
