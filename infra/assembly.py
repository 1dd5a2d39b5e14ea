"""An environment's settings → its stacks in order, wired, with their assets and other files.

The only module that knows all stacks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Protocol

from infra import packaging
from infra.config import Database, Environment, LogProcessor, NewNetwork, Peering
from infra.elk.files import files as elk_files
from infra.model import Assembly, Asset, Output, Stack
from infra.naming import asset_key
from infra.runtime import Architecture
from infra.stacks import (
    database,
    database_watch,
    endpoints,
    log_processor,
    network,
    peering,
    peering_accepter,
)
from infra.stacks.network import Network
from infra.stacks.ringing import topic_output


class Package(Protocol):
    """What makes the zip of a function."""

    def __call__(self, function: str, *, bucket: str, architecture: Architecture) -> Asset:
        """The zip, and where it will stand."""


def assemble(
    environment: Environment, *, embed: bool = False, package: Package = packaging.package
) -> Assembly:
    """Compose every stack that the settings ask for; each refers to earlier ones only.

    With `embed` the functions' code stands in the templates, which then need no assets, but for the
    one of the database's function.
    """
    return Assembly(
        environment=environment.name,
        region=environment.region,
        tags=dict(environment.tags),
        stacks=tuple(_stacks(environment, embed, package)),
        files=dict(_files(environment)),
        artifact_bucket=environment.artifact_bucket,
    )


def outline(environment: Environment) -> Assembly:
    """The same stacks without their code: for whoever asks what there is, and makes nothing.

    No package has to be fetched for that.
    """
    return assemble(environment, package=_unpackaged)


def _unpackaged(function: str, *, bucket: str, architecture: Architecture) -> Asset:
    digest = hashlib.sha256(f"{function} {architecture}".encode()).hexdigest()
    return Asset(function, b"", digest, bucket, asset_key(function, digest))


def _stacks(environment: Environment, embed: bool, package: Package) -> Iterator[Stack]:
    if isinstance(environment.network, NewNetwork):
        stack, handles = network.compose(environment, environment.network)
        yield stack
    else:
        handles = network.existing(environment.network)
    yield from _private(environment, handles, embed, package)


def _private(
    environment: Environment, handles: Network, embed: bool, package: Package
) -> Iterator[Stack]:
    """Everything that lives in the private subnets, and the way from there to Logstash.

    The other side of a peering comes last: it admits the function.
    """
    secret_group = function_group = connection_id = topic = None
    secrets = endpoints.secrets(environment)
    if secrets is not None:
        stack, secret_group = endpoints.compose(environment, handles, secrets)
        yield stack
    other = environment.network.peering
    if other is not None:
        role = peering_accepter.compose_role(environment, other)
        yield from [role] if role else []
        stack, connection_id = peering.compose(environment, handles, other, role, _source(other))
        yield stack
    if environment.log_processor is not None:
        settings = environment.log_processor
        codes = _codes(environment, settings, embed, package)
        stack, function_group = log_processor.compose(
            environment, settings, handles, codes, secret_group
        )
        topic = topic_output(stack)
        yield stack
    yield from _database(environment, handles, secret_group, topic, package)
    if other is not None and connection_id is not None:
        yield peering_accepter.compose(
            environment, handles, other, connection_id, function_group, _source(other)
        )


def _database(
    environment: Environment,
    handles: Network,
    secret_group: Output | None,
    topic: Output | None,
    package: Package,
) -> Iterator[Stack]:
    """The servers, and what watches them; `topic` is what alarms of an earlier stack ring."""
    settings = environment.database
    if settings is None:
        return
    code = _reporting_code(environment, settings, package)
    given = database.Given(network=handles, code=code, secret_group=secret_group)
    stack, told = database.compose(environment, settings, given)
    yield stack
    watching = database_watch.compose(environment, settings, told, topic)
    yield from [watching] if watching else []


def _source(other: Peering) -> str | None:
    """Embedded in any case: nobody has to put a file for it into the other account."""
    return packaging.embedded(peering.FUNCTION) if other.dns_resolution else None


def _codes(
    environment: Environment, settings: LogProcessor, embed: bool, package: Package
) -> log_processor.Codes:
    notification = log_processor.NOTIFICATION_FUNCTION
    return log_processor.Codes(
        processor=_code(environment, settings, embed, package),
        notification=packaging.embedded(notification) if settings.existing_bucket else None,
    )


def _reporting_code(environment: Environment, settings: Database, package: Package) -> Asset | None:
    """Never embedded: it brings a driver along, which does not fit into a template."""
    if settings.reporting_user is None:
        return None
    return package(
        database.FUNCTION,
        bucket=environment.artifact_bucket,
        architecture=settings.reporting_user.architecture,
    )


def _code(
    environment: Environment, settings: LogProcessor, embed: bool, package: Package
) -> Asset | str:
    if embed:
        return packaging.embedded(log_processor.FUNCTION)
    return package(
        log_processor.FUNCTION,
        bucket=environment.artifact_bucket,
        architecture=settings.function.architecture,
    )


def _files(environment: Environment) -> Iterator[tuple[str, bytes]]:
    if environment.log_processor is not None:
        for path, content in elk_files(environment, environment.log_processor).items():
            yield f"elk/{path}", content
