"""Where events go, from URLs and files as a command line has them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InputError
from infra.naming import did_you_mean
from lambda_src.log_processor.delivery import (
    Deadline,
    Endpoint,
    Protocol,
    Receiver,
    Target,
    TlsOptions,
)
from lambda_src.log_processor.errors import DeliveryError
from lambda_src.log_processor.settings import parse_endpoint

_FORMS = "tcp://HOST:PORT, tls://…, lumberjack://… or lumberjack+tls://…"


@dataclass(frozen=True)
class TlsFiles:
    """Whom to trust and who to be, each a PEM file."""

    ca: Path | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    server_name: str | None = None


def target(
    urls: Sequence[str], tls: TlsFiles = TlsFiles(), compression_level: int | None = None
) -> Target:
    """The receivers that the URLs name, any of which will do.

    Each is `protocol://host:port`, with further `,host:port`; all have the same protocol. An
    InputError names everything that is wrong with the URLs, or what does not go with them.
    """
    problems: list[str] = []
    endpoints = tuple(each for url in urls for each in _endpoints(url, problems))
    protocols = {_protocol(url) for url in urls} - {None}
    if len(protocols) > 1:
        problems.append(f"--to names {' and '.join(sorted(map(str, protocols)))}: use one of them")
    if problems:
        raise InputError("\n".join(problems))
    protocol = next(each for each in protocols if each is not None)
    _check_options(protocol, tls, compression_level)
    return Target(protocol, endpoints, _options(protocol, tls), compression_level or 0)


def receiver(to: Target) -> Receiver:
    """What delivers there, with all the time in the world; to be closed."""
    return Receiver(to, Deadline(math.inf))


def _endpoints(url: str, problems: list[str]) -> Iterator[Endpoint]:
    scheme, _, hosts = url.partition("://")
    if _protocol(url) is None:
        hint = did_you_mean(scheme, list(Protocol))
        problems.append(f"--to {url!r} is no receiver{hint}: write {_FORMS}")
        return
    for host in hosts.removesuffix("/").split(","):
        try:
            yield _endpoint(host.strip())
        except ValueError as error:
            problems.append(f"--to {url!r}: {error}")


def _protocol(url: str) -> Protocol | None:
    scheme, separator, _ = url.partition("://")
    known = separator and scheme in list(Protocol)
    return Protocol(scheme) if known else None


def _endpoint(text: str) -> Endpoint:
    if re.search(r"[\s/@?#]", text):
        raise ValueError(f"{text!r} is more than a host and a port")
    if text.count(":") > 1 and not text.startswith("["):
        raise ValueError(f"{text!r}: write an IPv6 address in brackets, such as [::1]:5045")
    found = parse_endpoint(text, None)
    if found is None:
        raise ValueError(f"{text!r} names no port")
    return found


def _check_options(protocol: Protocol, tls: TlsFiles, compression_level: int | None) -> None:
    given = {
        "--ca": tls.ca,
        "--certificate": tls.certificate,
        "--private-key": tls.private_key,
        "--server-name": tls.server_name,
    }
    problems = [
        f"{option} is for tls:// and lumberjack+tls://, not for {protocol}://"
        for option, value in given.items()
        if value is not None and not protocol.is_encrypted
    ]
    if compression_level is not None and not protocol.is_acknowledged:
        problems.append(
            f"--compression-level is for lumberjack:// and lumberjack+tls://, not for {protocol}://"
        )
    if problems:
        raise InputError("\n".join(problems))


def _options(protocol: Protocol, files: TlsFiles) -> TlsOptions:
    """Read the files, and have TLS take them now rather than at the first batch."""
    options = TlsOptions(
        ca=_pem("--ca", files.ca),
        certificate=_pem("--certificate", files.certificate),
        private_key=_pem("--private-key", files.private_key),
        server_name=files.server_name,
    )
    if protocol.is_encrypted:
        from lambda_src.log_processor.delivery import tls

        try:
            tls.context(options)
        except DeliveryError as error:
            raise InputError(str(error)) from error
    return options


def _pem(option: str, path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise InputError(f"{option} {path} cannot be read: {error.strerror}") from error
