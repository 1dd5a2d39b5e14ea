"""A troposphere template as plain data and as text.

The one place outside blocks and stacks that knows troposphere. Sections and the keys of a resource
stand in their natural order, whatever order they were made in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import cfn_flip
import yaml
from cfn_flip.yaml_dumper import Dumper
from troposphere import Template

SECTIONS = (
    *("AWSTemplateFormatVersion", "Description", "Metadata", "Transform", "Parameters", "Rules"),
    *("Mappings", "Conditions", "Resources", "Outputs"),
)
RESOURCE_KEYS = (
    *("Type", "Metadata", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"),
    *("CreationPolicy", "UpdatePolicy", "Properties"),
)


def to_plain(template: Template) -> dict[str, Any]:
    """The template as dictionaries, lists and scalars; troposphere's validation happens here."""
    data = json.loads(json.dumps(template.to_dict()))
    ordered = _ordered(data, SECTIONS)
    ordered["Resources"] = {
        title: _ordered(resource, RESOURCE_KEYS) for title, resource in data["Resources"].items()
    }
    return ordered


def to_yaml(template: Mapping[str, Any]) -> str:
    """As YAML with the short forms of the intrinsic functions."""
    data, _ = cfn_flip.load(json.dumps(template))
    text: str = yaml.dump(
        cfn_flip.cfn_literal_parser(data),
        Dumper=_Dumper,
        default_flow_style=False,
        allow_unicode=True,
        width=_WIDTH,
    )
    return text


_WIDTH = 200


class _Dumper(Dumper):  # type: ignore[misc]
    """The one of cfn_flip, but for an `Fn::Sub` of several lines: each has a line of its own."""

    def represent_scalar(self, tag: str, value: str, style: str | None = None) -> yaml.Node:
        lines = style is None and "\n" in value
        node: yaml.Node = super().represent_scalar(tag, value, style="|" if lines else style)
        return node


def to_json(data: Any) -> str:
    """A template, or what goes with it, as indented JSON."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def to_compact_json(data: Any) -> str:
    """A template as JSON of the fewest bytes."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False) + "\n"


def _ordered(data: Mapping[str, Any], order: Iterable[str]) -> dict[str, Any]:
    known = [key for key in order if key in data]
    return {key: data[key] for key in (*known, *(key for key in data if key not in known))}
