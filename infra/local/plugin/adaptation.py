"""Wrap MiniStack's own handlers: other properties in, other attributes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra.local.plugin.calls import Handler, Properties

Attributes = dict[str, Any]


def _same(properties: Properties) -> Properties:
    return properties


def _none(_properties: Properties) -> Attributes:
    return {}


def adapted(
    original: Handler,
    given: Callable[[Properties], Properties] = _same,
    added: Callable[[Properties], Attributes] = _none,
) -> Handler:
    """The handlers with `given` properties in place of the template's, and `added` attributes."""

    def create(logical_id: str, properties: Properties, *rest: Any) -> tuple[str, Attributes]:
        physical_id, attributes = original["create"](logical_id, given(properties), *rest)
        return physical_id, {**attributes, **added(properties)}

    def update(
        physical_id: str, old: Properties, new: Properties, *rest: Any, **named: Any
    ) -> tuple[str, Attributes]:
        changed = original["update"](physical_id, given(old), given(new), *rest, **named)
        return changed[0], {**changed[1], **added(new)}

    return {**original, "create": create, "update": update}
