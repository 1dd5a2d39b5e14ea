"""A template with its parameters' values → the same without any function, as CloudFormation has it.

Pure. References to the outputs of earlier stacks are followed; dynamic references stay as they are.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import islice
from typing import Any

from infra.model import Assembly, Output, Stack

from .identities import Place, Resource

NOTHING = object()
"""`AWS::NoValue`: what has this value is not there."""


@dataclass(frozen=True)
class Concrete:
    """One stack as it would be created."""

    id: str
    resources: Mapping[str, Resource]
    """By title, without those whose condition is false."""
    outputs: Mapping[str, Any]

    def of_type(self, type_: str) -> list[Resource]:
        """All its resources of a type."""
        return [each for each in self.resources.values() if each.type == type_]


def concrete(assembly: Assembly, place: Place | None = None) -> tuple[Concrete, ...]:
    """Every stack of an environment, wired."""
    where = place or Place(region=assembly.region)
    made: dict[str, Concrete] = {}
    for stack in assembly.stacks:
        made[stack.id] = _created(stack, made, where)
    return tuple(made.values())


def _created(stack: Stack, earlier: Mapping[str, Concrete], place: Place) -> Concrete:
    values = {
        name: str(earlier[value.stack].outputs[value.name]) if isinstance(value, Output) else value
        for name, value in stack.values.items()
    }
    resolver = Resolver(stack.template, stack.name, values, place)
    return Concrete(stack.id, resolver.resources(), resolver.outputs())


class Resolver:
    """The values of one template's functions."""

    def __init__(
        self, template: Mapping[str, Any], stack: str, values: Mapping[str, str], place: Place
    ) -> None:
        self._template = template
        self._stack = stack
        self._values = values
        self._place = place
        self._made: dict[str, Resource] = {}

    def resources(self) -> dict[str, Resource]:
        """Every resource that is created, by its title."""
        return {
            title: self._resource(title)
            for title, body in self._template["Resources"].items()
            if self._holds(body)
        }

    def outputs(self) -> dict[str, Any]:
        """Every output that is given, by its title."""
        return {
            title: self.value(body["Value"])
            for title, body in self._template.get("Outputs", {}).items()
            if self._holds(body)
        }

    def value(self, node: Any) -> Any:
        """What a property would get."""
        match node:
            case {"Condition": str(name), **rest} if not rest:
                return self._condition(name)
            case Mapping() if len(node) == 1 and (function := _function(node)) is not None:
                return self._call(function, node[function])
            case Mapping():
                entries = {key: self.value(each) for key, each in node.items()}
                return {key: each for key, each in entries.items() if each is not NOTHING}
            case list() | tuple():
                return [each for each in map(self.value, node) if each is not NOTHING]
        return node

    def _holds(self, body: Mapping[str, Any]) -> bool:
        return "Condition" not in body or self._condition(body["Condition"])

    def _condition(self, name: str) -> bool:
        return bool(self.value(self._template["Conditions"][name]))

    def _resource(self, title: str) -> Resource:
        if title not in self._made:
            body = self._template["Resources"][title]
            self._made[title] = Resource(
                stack=self._stack,
                title=title,
                type=body["Type"],
                properties=self.value(body.get("Properties", {})),
                place=self._place,
                metadata=body.get("Metadata", {}),
            )
        return self._made[title]

    def _call(self, function: str, argument: Any) -> Any:
        if function == "Fn::If":
            name, then, otherwise = argument
            return self.value(then if self._condition(name) else otherwise)
        if function == "Fn::Sub":
            return self._substituted(argument)
        given = self.value(argument)
        match function:
            case "Ref":
                return self._ref(given)
            case "Fn::GetAtt":
                title, attribute = given.split(".", 1) if isinstance(given, str) else given
                return self._resource(title).attribute(attribute)
            case "Fn::FindInMap":
                return self._found(*given)
        if function not in _PURE:
            raise LookupError(f"{function} is not known to the tests; say in {__name__} what it is")
        return _PURE[function](given, self._place)

    def _ref(self, name: str) -> Any:
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._template.get("Parameters", {}):
            return self._parameter(name)
        return self._resource(name).ref

    def _parameter(self, name: str) -> Any:
        declared = self._template["Parameters"][name]
        value = self._values[name] if name in self._values else str(declared["Default"])
        is_list = declared["Type"].startswith(("List<", "CommaDelimitedList"))
        return value.split(",") if is_list else value

    def _found(self, mapping: str, first: str, second: str, *default: Any) -> Any:
        try:
            return self._template["Mappings"][mapping][first][second]
        except KeyError:
            if not default:
                raise
            return default[0]["DefaultValue"]

    def _substituted(self, argument: Any) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument

        def replacement(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in given:
                return _text(self.value(given[name]))
            return _text(self._call("Fn::GetAtt" if "." in name else "Ref", name))

        return re.sub(r"\$\{([^}]+)\}", replacement, text)

    @cached_property
    def _pseudo(self) -> Mapping[str, Any]:
        uuid = "0a1b2c3d-0000-4000-8000-000000000000"
        return {
            "AWS::AccountId": self._place.account,
            "AWS::NoValue": NOTHING,
            "AWS::NotificationARNs": [],
            "AWS::Partition": self._place.partition,
            "AWS::Region": self._place.region,
            "AWS::StackId": self._place.arn("cloudformation", f"stack/{self._stack}/{uuid}"),
            "AWS::StackName": self._stack,
            "AWS::URLSuffix": self._place.url_suffix,
        }


def _function(node: Mapping[str, Any]) -> str | None:
    (key,) = node
    return key if key == "Ref" or key.startswith("Fn::") else None


def _text(value: Any) -> str:
    """As CloudFormation has it: every scalar is text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cidr(given: list[Any], _: Place) -> list[str]:
    """So many networks that keep so many bits of the address each."""
    network, count, bits = given
    block = ip_network(network)
    return [str(each) for each in islice(_parts(block, int(bits)), int(count))]


def _parts(
    block: IPv4Network | IPv6Network, bits: int
) -> Iterator[IPv4Network] | Iterator[IPv6Network]:
    return block.subnets(new_prefix=block.max_prefixlen - bits)


_PURE: Mapping[str, Callable[[Any, Place], Any]] = {
    "Fn::And": lambda given, _: all(given),
    "Fn::Base64": lambda given, _: base64.b64encode(given.encode()).decode(),
    "Fn::Cidr": _cidr,
    "Fn::Equals": lambda given, _: _text(given[0]) == _text(given[1]),
    "Fn::GetAZs": lambda given, place: [f"{given or place.region}{zone}" for zone in "abc"],
    "Fn::Join": lambda given, _: given[0].join(map(_text, given[1])),
    "Fn::Not": lambda given, _: not given[0],
    "Fn::Or": lambda given, _: any(given),
    "Fn::Select": lambda given, _: given[1][int(given[0])],
    "Fn::Split": lambda given, _: given[1].split(given[0]),
}
"""The functions that need nothing but their argument, and a few the place."""
