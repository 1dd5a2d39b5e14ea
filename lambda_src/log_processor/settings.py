"""Settings of the function, parsed once from its environment variables.

LOGSTASH_PROTOCOL           tcp (default), tls, lumberjack or lumberjack+tls
LOGSTASH_HOST               a host, or several: logs-a.example.com,logs-b.example.com:5045
LOGSTASH_PORT               of each host that names none of its own
LOGSTASH_SERVER_NAME        the name in the receiver's certificate, where it is not the host
LOGSTASH_CA                 certificates to trust: PEM, or the path of a file in the package
LOGSTASH_CERTIFICATE        the client's certificate: PEM, or the path of a file in the package
LOGSTASH_PRIVATE_KEY        its key: the path of a file in the package
LOGSTASH_SECRET             ARN of a secret: JSON with `ca`, `certificate`, `private_key`, each PEM
LOGSTASH_COMPRESSION_LEVEL  of Lumberjack: 0 (default, none) to 9
EVENT_SCHEMA                original (default) or ecs
EVENT_COMPONENT, EVENT_SOURCE_MODULE_NAME, EVENT_ENVIRONMENT, EVENT_APPLICATION, EVENT_TYPE
                            what every event carries besides the log's own fields
FILTERS                     rules as JSON, as filters.py says
REDACT                      names of query parameters, separated by commas
STATE_LOCATION              s3://bucket/prefix/ for rejected lines and checkpoints
METRICS_NAMESPACE           LogProcessor by default
AWS_LAMBDA_FUNCTION_NAME    the metrics' dimension; Lambda sets it
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from .delivery import Endpoint, Protocol, Target, TlsOptions
from .errors import SettingsError
from .schemas import Schema

if TYPE_CHECKING:  # only who uses them waits for their import
    from .filters import Rule

STATIC_KEYS: Mapping[str, str] = {
    "Component": "EVENT_COMPONENT",
    "SourceModuleName": "EVENT_SOURCE_MODULE_NAME",
    "Environment": "EVENT_ENVIRONMENT",
    "Application": "EVENT_APPLICATION",
    "Type": "EVENT_TYPE",
}
"""The keys that every event carries, in order, and the variables that give their values."""

NAMESPACE = "LogProcessor"

_REQUIRED = ("LOGSTASH_HOST", *STATIC_KEYS.values(), "STATE_LOCATION")


@dataclass(frozen=True)
class StateLocation:
    """Where rejected lines and checkpoints are kept."""

    bucket: str
    prefix: str
    """Of their keys; empty, or with a slash at its end."""


@dataclass(frozen=True)
class Settings:
    """What the function does with lines, and where they go."""

    target: Target
    secret: str | None
    """ARN of the secret whose parts come before those of `target.tls`."""
    schema: Schema
    static: Mapping[str, str]
    rules: tuple[Rule, ...]
    redact: tuple[str, ...]
    state: StateLocation
    namespace: str
    function: str


def parse(environment: Mapping[str, str]) -> Settings:
    """Return the settings; a SettingsError names every variable that is missing or wrong."""
    read = _Reader(environment)
    settings = Settings(
        target=read.target(),
        secret=read.text("LOGSTASH_SECRET"),
        schema=read.one_of("EVENT_SCHEMA", Schema, Schema.ORIGINAL),
        static={key: read.text(variable) or "" for key, variable in STATIC_KEYS.items()},
        rules=read.rules(),
        redact=tuple(read.names("REDACT")),
        state=read.location(),
        namespace=read.text("METRICS_NAMESPACE") or NAMESPACE,
        function=read.text("AWS_LAMBDA_FUNCTION_NAME") or "log-processor",
    )
    if read.problems:
        raise SettingsError("; ".join(dict.fromkeys(read.problems)))
    return settings


_Choice = TypeVar("_Choice", bound=StrEnum)


class _Reader:
    """Reads variables and notes what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems = [
            f"{name} is missing or empty" for name in _REQUIRED if not environment.get(name)
        ]

    def text(self, name: str) -> str | None:
        """Return a variable; an empty one is none."""
        return self._environment.get(name) or None

    def one_of(self, name: str, choices: type[_Choice], default: _Choice) -> _Choice:
        """Return a variable that has one of a few values."""
        text = self.text(name)
        try:
            return default if text is None else choices(text)
        except ValueError:
            self._expect(name, f"one of {', '.join(choices)}")
            return default

    def names(self, name: str) -> Iterator[str]:
        """Return the parts of a variable between its commas."""
        parts = (part.strip() for part in (self.text(name) or "").split(","))
        return (part for part in parts if part)

    def target(self) -> Target:
        """Return where events go."""
        return Target(
            protocol=self.one_of("LOGSTASH_PROTOCOL", Protocol, Protocol.TCP),
            endpoints=self._endpoints(),
            tls=TlsOptions(
                ca=self._pem("LOGSTASH_CA"),
                certificate=self._pem("LOGSTASH_CERTIFICATE"),
                private_key=self._pem("LOGSTASH_PRIVATE_KEY"),
                server_name=self.text("LOGSTASH_SERVER_NAME"),
            ),
            compression_level=self._level(),
        )

    def rules(self) -> tuple[Rule, ...]:
        """Return the filter rules."""
        text = self.text("FILTERS")
        if text is None:
            return ()
        from . import filters
        from .schemas.original import ORIGINAL

        try:
            return filters.parse(text, ORIGINAL)
        except SettingsError as error:
            self.problems.append(f"FILTERS: {error}")
            return ()

    def location(self) -> StateLocation:
        """Return where rejected lines and checkpoints are kept."""
        text = self.text("STATE_LOCATION") or "s3://missing/"
        found = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/((?:.*/)?)", text)
        if found is None:
            self._expect("STATE_LOCATION", "s3://bucket/ or s3://bucket/prefix/")
            return StateLocation("missing", "")
        return StateLocation(*found.groups())

    def _endpoints(self) -> tuple[Endpoint, ...]:
        common = self.text("LOGSTASH_PORT")
        if common is not None and _port(common) is None:
            self._expect("LOGSTASH_PORT", "a number from 1 to 65535")
            common = "1"
        hosts = list(self.names("LOGSTASH_HOST"))
        if self.text("LOGSTASH_HOST") and not hosts:
            self._expect("LOGSTASH_HOST", "a host, or several with commas between them")
        found = (self._endpoint(each, common) for each in hosts)
        return tuple(each for each in found if each is not None)

    def _endpoint(self, text: str, common: str | None) -> Endpoint | None:
        try:
            endpoint = parse_endpoint(text, None if common is None else _port(common))
        except ValueError as error:
            self.problems.append(f"LOGSTASH_HOST: {error}")
            return None
        if endpoint is None:
            self.problems.append("LOGSTASH_PORT is missing or empty")
        return endpoint

    def _pem(self, name: str) -> str | None:
        """Return a certificate or a key: the variable's own text, or that of a file."""
        text = self.text(name)
        if text is None or "-----BEGIN" in text:
            return text
        try:
            return Path(text).read_text(encoding="ascii")
        except (OSError, UnicodeError) as error:
            # What it holds is not shown: it may be a key that lost its first line.
            why = error.strerror if isinstance(error, OSError) else "it is not ASCII"
            self.problems.append(f"{name} is neither PEM nor a file that can be read: {why}")
            return None

    def _level(self) -> int:
        text = self.text("LOGSTASH_COMPRESSION_LEVEL") or "0"
        if re.fullmatch("[0-9]", text) is None:
            self._expect("LOGSTASH_COMPRESSION_LEVEL", "a number from 0 to 9")
            return 0
        return int(text)

    def _expect(self, name: str, expected: str) -> None:
        self.problems.append(f"{name} is {self.text(name)!r}, expected {expected}")


def parse_endpoint(text: str, port: int | None) -> Endpoint | None:
    """Return a host with its own port or this one, None if there is neither.

    IPv6 addresses stand in brackets where a port follows. A ValueError says what is wrong.
    """
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::(.*))?", text)
    if bracketed is not None:
        host, own = bracketed.groups()
    elif text.count(":") == 1:
        host, _, own = text.partition(":")
    else:
        host, own = text, None
    if not host:
        raise ValueError(f"{text!r} names no host")
    if (bracketed or ":" in host) and not _is_ipv6(host):
        raise ValueError(f"{text!r} is neither host:port nor an IPv6 address")
    if own is not None:
        port = _port(own)
        if port is None:
            raise ValueError(f"the port of {text!r} is not a number from 1 to 65535")
    return None if port is None else Endpoint(host, port)


def _is_ipv6(text: str) -> bool:
    import ipaddress  # few write addresses

    try:
        return isinstance(ipaddress.ip_address(text), ipaddress.IPv6Address)
    except ValueError:
        return False


def _port(text: str) -> int | None:
    if re.fullmatch(r"[1-9][0-9]{0,4}", text) is None or int(text) > 65_535:
        return None
    return int(text)
