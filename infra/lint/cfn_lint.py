"""cfn-lint over the stacks of an assembly, exactly as they are written to files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from infra.errors import InputError
from infra.lint.finding import Finding, place
from infra.model import Assembly, Stack
from infra.naming import did_you_mean
from infra.render import to_yaml

NAME = "cfn-lint"


def findings(assembly: Assembly) -> list[Finding]:
    """Everything cfn-lint finds at its own default level, sorted by stack and place."""
    found: list[Finding] = []
    for stack in assembly.stacks:
        found += sorted(_findings(stack, stack.region or assembly.region))
    return found


def _findings(stack: Stack, region: str) -> Iterable[Finding]:
    return {_finding(stack, match) for match in _matches(to_yaml(stack.template), region)}


@lru_cache(maxsize=64)
def _matches(template: str, region: str) -> Sequence[Any]:
    """Of one template, which takes seconds; environments that differ share many of them."""
    # Its import takes most of a second, which verbs that do not lint need not wait for.
    from cfnlint import api
    from cfnlint.exceptions import InvalidRegionException
    from cfnlint.helpers import REGIONS

    try:
        return tuple(api.lint(template, rules=_rules(), regions=[region]))
    except InvalidRegionException:
        raise InputError(
            f"region {region!r}: cfn-lint does not know it{did_you_mean(region, REGIONS)}; "
            "correct it in the settings, or upgrade cfn-lint if the region is new"
        ) from None


@cache
def _rules() -> Any:
    """One set for all templates, as in cfn-lint itself: it takes half a second to make."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    return Runner(ConfigMixIn()).rules


def _finding(stack: Stack, match: Any) -> Finding:
    resource, property_ = place(match.path or [])
    return Finding(
        stack=stack.id,
        resource=resource,
        property=property_,
        rule=match.rule.id,
        level=match.rule.severity,
        message=re.sub(r"\s+", " ", match.message),
        engine=NAME,
    )
