"""Event source mappings whose numbers come from parameters, which MiniStack leaves as text.

It compares `MaximumConcurrency` with a number while it polls: given text, every poll of every
queue fails, and nothing says so but its log.
"""

from __future__ import annotations

from infra.local.plugin.adaptation import adapted
from infra.local.plugin.calls import Handler, Properties


def with_numbers(original: Handler) -> Handler:
    """MiniStack's own handlers, given numbers as numbers."""
    return adapted(original, given=_numbered)


def _numbered(properties: Properties) -> Properties:
    scaling = properties.get("ScalingConfig") or {}
    if "MaximumConcurrency" not in scaling:
        return properties
    concurrency = int(scaling["MaximumConcurrency"])
    return {**properties, "ScalingConfig": {**scaling, "MaximumConcurrency": concurrency}}
