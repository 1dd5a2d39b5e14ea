"""Our stacks as a part of somebody's own template; the README has an example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from infra import packaging
from infra.blocks.function import Function
from infra.config import Environment, LogProcessor, Roles
from infra.errors import InputError
from infra.model import Asset
from infra.stacks import log_processor
from infra.stacks.draft import Draft
from infra.stacks.log_processor.triggers import Trigger
from infra.stacks.network import Network

__all__ = ["Added", "LogProcessor", "Place", "Roles", "add_log_processor"]


@dataclass(frozen=True)
class Place:
    """What the log processor has to know of the template that it is added to.

    The last three are expressions of that template, such as `Ref(vpc)`, or text.
    """

    application: str
    """Application of every event."""
    environment: str
    """Environment of every event."""
    region: str
    vpc_id: Any
    private_subnet_ids: Sequence[Any]
    """They have to reach S3, through a gateway endpoint, and Logstash."""
    vpc_cidr: Any = None
    """The VPC's IPv4 network; only a secret or tracing needs it."""
    roles: Roles = field(default_factory=Roles)


@dataclass(frozen=True, kw_only=True)
class Added:
    """Handles to what was added, as troposphere has it."""

    function: Function
    trigger: Trigger
    bucket: Any
    """The log bucket, or the one for state where the log bucket is somebody else's."""
    assets: tuple[Asset, ...]
    """What has to stand in S3 before the stack is made; nothing, where code is embedded."""


def add_log_processor(
    template: Any, settings: LogProcessor, place: Place, *, code_bucket: str | None = None
) -> Added:
    """Add the log processor to a `troposphere.Template`, and return handles to its parts.

    Its parameters get the settings' values as defaults, and its function the stack's name. The
    code stands in the template itself; with `code_bucket`, in a zip that `assets` holds and
    that has to be in that bucket before the stack is made. An InputError names what the template
    has already under a name that the log processor needs.
    """
    draft = Draft(log_processor.ID, log_processor.DESCRIPTION, template=template, defaults=True)
    environment = Environment.model_construct(
        name=place.environment,
        application=place.application,
        region=place.region,
        roles=place.roles,
        log_processor=settings,
    )
    network = Network(
        vpc_id=place.vpc_id, private_subnet_ids=list(place.private_subnet_ids), cidr=place.vpc_cidr
    )
    codes = _codes(settings, code_bucket)
    try:
        made = log_processor.add(draft, environment, settings, network, codes)
    except ValueError as error:
        # troposphere's own message names it.
        raise InputError(f"the template cannot take the log processor: {error}") from error
    draft.arrange()
    return Added(
        function=made.function, trigger=made.trigger, bucket=made.bucket, assets=codes.assets
    )


def _codes(settings: LogProcessor, code_bucket: str | None) -> log_processor.Codes:
    function, notification = log_processor.FUNCTION, log_processor.NOTIFICATION_FUNCTION
    processor: Asset | str = (
        packaging.embedded(function)
        if code_bucket is None
        else packaging.package(function, bucket=code_bucket)
    )
    return log_processor.Codes(
        processor=processor,
        notification=packaging.embedded(notification) if settings.existing_bucket else None,
    )
