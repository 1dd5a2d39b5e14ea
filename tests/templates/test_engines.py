"""The second engine, and undefined names, over every kind of environment: each takes an instant."""

from __future__ import annotations

import pytest

from infra.assembly import assemble
from infra.lint.cloudformation_validate import findings
from infra.lint.references import undefined
from tests.policies.environments import environments


@pytest.mark.parametrize("name", environments())
def test_nothing_is_found_in_any_environment(name: str) -> None:
    """Whichever trigger, bucket and network: with the values of the settings, and without."""
    assembly = assemble(environments()[name])
    assert findings(assembly) == []
    assert [problem for stack in assembly.stacks for problem in undefined(stack.template)] == []
