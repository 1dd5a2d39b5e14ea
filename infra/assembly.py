"""An environment's settings → its stacks in order, wired, with their assets.

The only module that knows all stacks.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import packaging
from infra.config import Environment, NewNetwork
from infra.model import Assembly, Stack
from infra.stacks import log_processor, network


def assemble(environment: Environment) -> Assembly:
    """Compose every stack that the settings ask for; each refers to earlier ones only."""
    return Assembly(
        environment=environment.name,
        region=environment.region,
        tags=dict(environment.tags),
        stacks=tuple(_stacks(environment)),
    )


def _stacks(environment: Environment) -> Iterator[Stack]:
    if isinstance(environment.network, NewNetwork):
        stack, handles = network.compose(environment.name, environment.network)
        yield stack
    else:
        handles = network.existing(environment.network)
    if environment.log_processor is not None:
        code = packaging.package(log_processor.FUNCTION, bucket=environment.artifact_bucket)
        codes = log_processor.Codes(processor=code, notification="")
        yield log_processor.compose(environment, environment.log_processor, handles, codes)
