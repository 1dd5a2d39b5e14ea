"""Functions with the concurrency that a template reserves for them, which MiniStack leaves out."""

from __future__ import annotations

from typing import Any

from ministack.services import lambda_svc

from infra.local.plugin.adaptation import Attributes
from infra.local.plugin.calls import Handler, Properties

_RESERVED = "ReservedConcurrentExecutions"


def reserved(original: Handler) -> Handler:
    """MiniStack's own handlers, with what is reserved; also taken back by an update."""

    def create(logical_id: str, properties: Properties, *rest: Any) -> tuple[str, Attributes]:
        made: tuple[str, Attributes] = original["create"](logical_id, properties, *rest)
        _reserve(made[0], properties)
        return made

    def update(
        physical_id: str, old: Properties, new: Properties, *rest: Any, **named: Any
    ) -> tuple[str, Attributes]:
        changed: tuple[str, Attributes] = original["update"](physical_id, old, new, *rest, **named)
        _reserve(changed[0], new)
        return changed

    return {**original, "create": create, "update": update}


def _reserve(name: str, properties: Properties) -> None:
    if _RESERVED in properties:
        # From a parameter it comes as text.
        kept = int(properties[_RESERVED])
        lambda_svc._put_function_concurrency(name, {_RESERVED: kept})
    else:
        lambda_svc._delete_function_concurrency(name)
