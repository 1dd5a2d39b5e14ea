"""pydantic's errors as lines for an operator: file, key, found, allowed, nearest name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from infra.naming import did_you_mean
from infra.yaml_source import KeyPath, YamlSource, dotted

_SHOWN = 60
_DEPTH = 2
_TEXT = "text; a number, yes or no that is meant as text stands in quotes"
_ALLOWED = {
    "string_type": _TEXT,
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "model_type": "a group of settings (key: value, one a line)",
    "model_attributes_type": "a group of settings (key: value, one a line)",
    "dict_type": "a group of settings (key: value, one a line)",
    "tuple_type": "a list (- value, one a line)",
    "list_type": "a list (- value, one a line)",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "string_too_short": "text of {min_length} characters or more",
    "string_too_long": "text of {max_length} characters or fewer",
    "too_short": "{min_length} entries or more",
    "too_long": "{max_length} entries or fewer",
    "literal_error": "{expected}",
    "invalid_key": "a key of text",
}


def lines(error: ValidationError, model: type[BaseModel], source: YamlSource) -> list[str]:
    """One line for each fault, in the order in which they stand in the file."""
    faults = [(_path(fault["loc"], source.data), fault) for fault in error.errors()]
    ordered = sorted(faults, key=lambda item: source.lines.get(item[0], 0))
    return [f"{source.place(path)}: {_say(path, fault, model)}" for path, fault in ordered]


def _path(loc: tuple[str | int, ...], data: Any) -> KeyPath:
    """The key path without what pydantic adds to it: union tags and `[key]`."""
    path: list[str | int] = []
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(data, Mapping):
            if part not in data and not last:
                continue
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part] if part < len(data) else None
        elif part == "[key]" or not last or path:
            continue
        path.append(part)
    return tuple(path)


def _say(path: KeyPath, fault: ErrorDetails, model: type[BaseModel]) -> str:
    key = dotted(path) or "the file"
    kind, found = fault["type"], _shown(fault["input"])
    if kind == "extra_forbidden":
        known = sorted(_fields(model, path[:-1], fault["loc"]))
        hint = did_you_mean(str(path[-1]), known)
        return f"{key}: unknown key, found {found}; allowed here: {', '.join(known)}{hint}"
    if kind == "missing":
        return f"{key}: is missing; allowed: {_description(model, path, fault['loc'])}"
    hint = _nearest_value(fault)
    return f"{key}: found {found}; allowed: {_allowed(fault)}{hint}"


def _allowed(fault: ErrorDetails) -> str:
    template = _ALLOWED.get(fault["type"])
    return template.format(**fault.get("ctx", {})) if template else fault["msg"]


def _nearest_value(fault: ErrorDetails) -> str:
    expected = re.findall(r"'([^']+)'", str(fault.get("ctx", {}).get("expected", "")))
    return did_you_mean(str(fault["input"]), expected) if expected else ""


def _shown(value: Any) -> str:
    """The value as YAML's flow style has it, cut off: aliases can make it very large."""
    text = json.dumps(_pruned(value, _DEPTH), default=str, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _pruned(value: Any, depth: int) -> Any:
    if not isinstance(value, dict | list):
        return value[:_SHOWN] if isinstance(value, str) else value
    if not depth:
        return "..."
    if isinstance(value, list):
        return [_pruned(one, depth - 1) for one in value[:_SHOWN]]
    return {str(key): _pruned(one, depth - 1) for key, one in islice(value.items(), _SHOWN)}


def _description(model: type[BaseModel], path: KeyPath, loc: tuple[str | int, ...]) -> str:
    field = _fields(model, path[:-1], loc).get(str(path[-1]))
    return field or "a value"


def _fields(model: type[BaseModel], parent: KeyPath, loc: tuple[str | int, ...]) -> dict[str, str]:
    """Name → description of every key that the group at `parent` may have."""
    models = [model]
    for part in parent:
        models = [inner for outer in models for inner in _inner(outer, str(part))]
    tags = {part for part in loc if isinstance(part, str)}
    tagged = [m for m in models if m.model_config.get("title") in tags] or models
    return {
        field.alias or name: field.description or "a value"
        for candidate in tagged
        for name, field in candidate.model_fields.items()
    }


def _inner(model: type[BaseModel], name: str) -> Iterator[type[BaseModel]]:
    field = model.model_fields.get(name)
    if field is not None:
        yield from _models_in(field.annotation)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)
