"""Updates of types that can only be replaced, which MiniStack else leaves beside the new ones."""

from __future__ import annotations

from collections.abc import Sequence

from infra.local.plugin.calls import Handler, Properties


def replaced(handler: Handler, by: Sequence[str] | None = None) -> Handler:
    """The handlers with an update that deletes the old one and creates the new.

    Only a change of the properties `by` does it, of any where that is left out. CloudFormation
    does it the other way round; here two alike may be kept as one.
    """

    def update(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> tuple[str, dict[str, str]]:
        if by is not None and all(old.get(name) == new.get(name) for name in by):
            return physical_id, {"Id": physical_id}
        handler["delete"](physical_id, old)
        created: tuple[str, dict[str, str]] = handler["create"](logical_id, new, stack)
        return created

    # MiniStack only asks whether the second is there: the logical id is then passed too.
    return {**handler, "update": update, "update_with_logical_id": update}
