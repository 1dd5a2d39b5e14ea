"""Where each parameter's value comes from: the user's override, the settings, another stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.errors import AwsError, InputError
from infra.model import Assembly, Output, Stack, Value
from infra.naming import did_you_mean


@dataclass(frozen=True)
class Overrides:
    """Parameter values that stand above those of the settings."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, assembly: Assembly, values: Mapping[str, str]) -> Overrides:
        """Check that every name is a parameter of some stack of the environment's own."""
        known = sorted({name for stack in assembly.here for name in _declared(stack)})
        problems = [_unknown(name, known) for name in values if name not in known]
        if problems:
            raise InputError("\n".join(problems))
        return cls(dict(values))

    def applied(self, stack: Stack) -> dict[str, Value]:
        """The stack's values with the overrides that it has a parameter for."""
        chosen = {name: text for name, text in self.values.items() if name in _declared(stack)}
        return {**stack.values, **chosen}


def resolve(
    values: Mapping[str, Value], outputs: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Every value as text; `outputs` holds those of the stacks created so far, by stack id."""
    return {
        name: value if isinstance(value, str) else _output(name, value, outputs)
        for name, value in values.items()
    }


def _output(name: str, wanted: Output, outputs: Mapping[str, Mapping[str, str]]) -> str:
    try:
        return outputs[wanted.stack][wanted.name]
    except KeyError:
        raise AwsError(
            f"Parameter {name} needs the output {wanted.name} of stack {wanted.stack}, "
            "which gave none. Create that stack first, or give the value yourself."
        ) from None


def _declared(stack: Stack) -> Mapping[str, object]:
    declared: Mapping[str, object] = stack.template.get("Parameters", {})
    return declared


def _unknown(name: str, known: list[str]) -> str:
    hint = did_you_mean(name, known)
    return f"No stack has a parameter {name}{hint}; there are: {', '.join(known) or 'none'}"
