"""An environment's settings → its stacks in order, wired, with their assets.

The only module that knows all stacks.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import packaging
from infra.config import Environment, LogProcessor, NewNetwork
from infra.model import Assembly, Asset, Stack
from infra.stacks import log_processor, network


def assemble(environment: Environment, *, embed: bool = False) -> Assembly:
    """Compose every stack that the settings ask for; each refers to earlier ones only.

    With `embed` the functions' code stands in the templates, which then need no assets.
    """
    return Assembly(
        environment=environment.name,
        region=environment.region,
        tags=dict(environment.tags),
        stacks=tuple(_stacks(environment, embed)),
        artifact_bucket=environment.artifact_bucket,
    )


def _stacks(environment: Environment, embed: bool) -> Iterator[Stack]:
    if isinstance(environment.network, NewNetwork):
        stack, handles = network.compose(environment.name, environment.network)
        yield stack
    else:
        handles = network.existing(environment.network)
    if environment.log_processor is not None:
        codes = _codes(environment, environment.log_processor, embed)
        yield log_processor.compose(environment, environment.log_processor, handles, codes)


def _codes(environment: Environment, settings: LogProcessor, embed: bool) -> log_processor.Codes:
    notification = log_processor.NOTIFICATION_FUNCTION
    return log_processor.Codes(
        processor=_code(log_processor.FUNCTION, environment, embed),
        notification=packaging.embedded(notification) if settings.existing_bucket else None,
    )


def _code(function: str, environment: Environment, embed: bool) -> Asset | str:
    if embed:
        return packaging.embedded(function)
    return packaging.package(function, bucket=environment.artifact_bucket)
