"""An environment's settings → its stacks in order, wired, with their assets and other files.

The only module that knows all stacks.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import packaging
from infra.config import Environment, LogProcessor, NewNetwork, Peering
from infra.elk.files import files as elk_files
from infra.model import Assembly, Asset, Stack
from infra.stacks import endpoints, log_processor, network, peering, peering_accepter
from infra.stacks.network import Network


def assemble(environment: Environment, *, embed: bool = False) -> Assembly:
    """Compose every stack that the settings ask for; each refers to earlier ones only.

    With `embed` the functions' code stands in the templates, which then need no assets.
    """
    return Assembly(
        environment=environment.name,
        region=environment.region,
        tags=dict(environment.tags),
        stacks=tuple(_stacks(environment, embed)),
        files=dict(_files(environment)),
        artifact_bucket=environment.artifact_bucket,
    )


def _stacks(environment: Environment, embed: bool) -> Iterator[Stack]:
    if isinstance(environment.network, NewNetwork):
        stack, handles = network.compose(environment, environment.network)
        yield stack
    else:
        handles = network.existing(environment.network)
    yield from _private(environment, handles, embed)


def _private(environment: Environment, handles: Network, embed: bool) -> Iterator[Stack]:
    """Everything that lives in the private subnets, and the way from there to Logstash.

    The other side of a peering comes last: it admits the function.
    """
    secret_group = function_group = connection_id = None
    secret_arn = endpoints.secret_needing_one(environment)
    if secret_arn is not None:
        stack, secret_group = endpoints.compose(environment, handles, secret_arn)
        yield stack
    other = environment.network.peering
    if other is not None:
        role = peering_accepter.compose_role(environment, other)
        yield from [role] if role else []
        stack, connection_id = peering.compose(environment, handles, other, role, _source(other))
        yield stack
    if environment.log_processor is not None:
        settings = environment.log_processor
        codes = _codes(environment, settings, embed)
        stack, function_group = log_processor.compose(
            environment, settings, handles, codes, secret_group
        )
        yield stack
    if other is not None and connection_id is not None:
        yield peering_accepter.compose(
            environment, handles, other, connection_id, function_group, _source(other)
        )


def _source(other: Peering) -> str | None:
    """Embedded in any case: nobody has to put a file for it into the other account."""
    return packaging.embedded(peering.FUNCTION) if other.dns_resolution else None


def _codes(environment: Environment, settings: LogProcessor, embed: bool) -> log_processor.Codes:
    notification = log_processor.NOTIFICATION_FUNCTION
    return log_processor.Codes(
        processor=_code(environment, settings, embed),
        notification=packaging.embedded(notification) if settings.existing_bucket else None,
    )


def _code(environment: Environment, settings: LogProcessor, embed: bool) -> Asset | str:
    if embed:
        return packaging.embedded(log_processor.FUNCTION)
    return packaging.package(
        log_processor.FUNCTION,
        bucket=environment.artifact_bucket,
        architecture=settings.function.architecture,
    )


def _files(environment: Environment) -> Iterator[tuple[str, bytes]]:
    if environment.log_processor is not None:
        for path, content in elk_files(environment, environment.log_processor).items():
            yield f"elk/{path}", content
