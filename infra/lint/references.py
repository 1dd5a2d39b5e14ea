"""Names in a template that nothing in it bears: CloudFormation refuses them, MiniStack does not.

Pure: a template in, the problems out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

# ${Name}, ${Name.Attribute}; ${!Literal} is text:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")


def undefined(template: Mapping[str, Any]) -> list[str]:
    """A line for each reference to something the template does not have, in its order."""
    resources = set(template.get("Resources", {}))
    known = resources | set(template.get("Parameters", {}))
    problems = []
    for section in ("Resources", "Outputs", "Conditions"):
        for name, body in template.get(section, {}).items():
            place = f"{section}.{name}"
            problems += [f"{place}: {problem}" for problem in _in_value(body, known, resources)]
            if section == "Resources":
                problems += [f"{place}: {problem}" for problem in _waits(body, resources)]
    return problems


def _in_value(value: Any, known: set[str], resources: set[str]) -> Iterator[str]:
    match value:
        case {"Ref": str(name), **rest} if not rest:
            yield from _name("Ref", name, known)
        case {"Fn::GetAtt": target, **rest} if not rest:
            yield from _name("Fn::GetAtt", _resource_of(target), resources)
        case {"Fn::Sub": text, **rest} if not rest:
            yield from _substitution(text, known, resources)
        case Mapping():
            for each in value.values():
                yield from _in_value(each, known, resources)
        case list() | tuple():
            for each in value:
                yield from _in_value(each, known, resources)


def _substitution(text: Any, known: set[str], resources: set[str]) -> Iterator[str]:
    body, given = (text, {}) if isinstance(text, str) else text
    yield from _in_value(given, known, resources)
    for placeholder in _PLACEHOLDER.findall(body):
        name, dot, _ = placeholder.strip().partition(".")
        if placeholder not in given:
            yield from _name("Fn::Sub", name, resources if dot else known)


def _waits(body: Mapping[str, Any], resources: set[str]) -> Iterator[str]:
    named = body.get("DependsOn", ())
    for name in (named,) if isinstance(named, str) else named:
        yield from _name("DependsOn", name, resources)


def _name(function: str, name: str, known: set[str]) -> Iterator[str]:
    if name not in known and not name.startswith("AWS::"):
        yield f"{function} names {name}, which the template does not have"


def _resource_of(target: Any) -> str:
    """Both `Name.Attribute` and `[Name, Attribute]` are written."""
    return target.partition(".")[0] if isinstance(target, str) else str(target[0])
