"""Names in a template that nothing in it bears: CloudFormation refuses them, MiniStack does not.

Pure: a template in, the problems out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# ${Name}, ${Name.Attribute}; ${!Literal} is text:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")

_INTERFACE = "AWS::CloudFormation::Interface"


def undefined(template: Mapping[str, Any]) -> list[str]:
    """A line for each reference to something the template does not have, in its order."""
    names = _Names.of(template)
    problems = list(_in_interface(template.get("Metadata", {}), names))
    for section, known in (
        ("Rules", names.without_resources()),
        ("Conditions", names.without_resources()),
        ("Resources", names),
        ("Outputs", names),
    ):
        for name, body in template.get(section, {}).items():
            found = _in_entry(section, body, known)
            problems += [f"{section}.{name}: {problem}" for problem in found]
    return problems


@dataclass(frozen=True)
class _Names:
    """What a template has, each kind by its names."""

    resources: frozenset[str]
    parameters: frozenset[str]
    conditions: frozenset[str]
    mappings: Mapping[str, Mapping[str, Mapping[str, Any]]]

    @classmethod
    def of(cls, template: Mapping[str, Any]) -> _Names:
        """The names in the template's sections."""
        return cls(
            resources=frozenset(template.get("Resources", {})),
            parameters=frozenset(template.get("Parameters", {})),
            conditions=frozenset(template.get("Conditions", {})),
            mappings=template.get("Mappings", {}),
        )

    def without_resources(self) -> _Names:
        """What may be named before there is any resource: in rules and conditions."""
        return _Names(frozenset(), self.parameters, self.conditions, self.mappings)

    @property
    def referable(self) -> frozenset[str]:
        """What a Ref may name."""
        return self.resources | self.parameters


def _in_interface(metadata: Mapping[str, Any], names: _Names) -> Iterator[str]:
    """The console leaves out, without a word, what its groups and labels name in vain.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-interface.html
    """
    interface = metadata.get(_INTERFACE, {})
    grouped = [one for group in interface.get("ParameterGroups", ()) for one in group["Parameters"]]
    for name in (*grouped, *interface.get("ParameterLabels", {})):
        for problem in _name(_INTERFACE, name, names.parameters):
            yield f"Metadata: {problem}"


def _in_entry(section: str, body: Any, names: _Names) -> Iterator[str]:
    """What is wrong in one resource, output, condition or rule."""
    if section in {"Resources", "Outputs"} and "Condition" in body:
        yield from _name("Condition", body["Condition"], names.conditions)
    elif section == "Conditions":
        yield from _in_condition(body, names)
        return
    yield from _in_value(body, names)
    if section == "Resources":
        yield from _waits(body, names)


def _in_condition(value: Any, names: _Names) -> Iterator[str]:
    """Only here may `{"Condition": …}` stand for another one; in a policy it means something else.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
    """
    match value:
        case {"Condition": str(name), **rest} if not rest:
            yield from _name("Condition", name, names.conditions)
        case {"Fn::And": list(parts)} | {"Fn::Or": list(parts)} | {"Fn::Not": list(parts)}:
            for part in parts:
                yield from _in_condition(part, names)
        case _:
            yield from _in_value(value, names)


def _in_value(value: Any, names: _Names) -> Iterator[str]:
    match value:
        case Mapping() if len(value) == 1:
            ((function, argument),) = value.items()
            yield from _in_function(function, argument, names)
        case Mapping():
            for each in value.values():
                yield from _in_value(each, names)
        case list() | tuple():
            for each in value:
                yield from _in_value(each, names)


def _in_function(function: str, argument: Any, names: _Names) -> Iterator[str]:
    """One key and its value, which may be a function and its argument."""
    match function, argument:
        case "Ref", str(name):
            yield from _name("Ref", name, names.referable)
        case "Fn::GetAtt", _:
            yield from _name("Fn::GetAtt", _resource_of(argument), names.resources)
        case "Fn::Sub", _:
            yield from _substitution(argument, names)
        case "Fn::If", [str(condition), *either]:
            yield from _name("Fn::If", condition, names.conditions)
            yield from _in_value(either, names)
        case "Fn::FindInMap", [_, _, _]:  # a fourth is a default, for what is not there
            yield from _in_map(argument, names)
            yield from _in_value(argument, names)
        case "Fn::ValueOf", [str(parameter), *_]:
            yield from _name(function, parameter, names.parameters)
        case _:
            yield from _in_value(argument, names)


def _in_map(path: list[Any], names: _Names) -> Iterator[str]:
    """A mapping's name and its two keys are looked up as far as they are literal."""
    entries: Mapping[str, Any] = names.mappings
    for depth, key in enumerate(path, 1):
        if not isinstance(key, str):
            return
        if key not in entries:
            yield from _name("Fn::FindInMap", ".".join(path[:depth]), frozenset())
            return
        entries = entries[key]


def _substitution(argument: Any, names: _Names) -> Iterator[str]:
    body, given = (argument, {}) if isinstance(argument, str) else argument
    for value in given.values():
        yield from _in_value(value, names)
    for placeholder in _PLACEHOLDER.findall(body):
        name, dot, _ = placeholder.strip().partition(".")
        if placeholder not in given:
            yield from _name("Fn::Sub", name, names.resources if dot else names.referable)


def _waits(body: Mapping[str, Any], names: _Names) -> Iterator[str]:
    named = body.get("DependsOn", ())
    for name in (named,) if isinstance(named, str) else named:
        yield from _name("DependsOn", name, names.resources)


def _name(function: str, name: str, known: frozenset[str]) -> Iterator[str]:
    if name not in known and not name.startswith("AWS::"):
        yield f"{function} names {name}, which the template does not have"


def _resource_of(target: Any) -> str:
    """Both `Name.Attribute` and `[Name, Attribute]` are written."""
    return target.partition(".")[0] if isinstance(target, str) else str(target[0])
