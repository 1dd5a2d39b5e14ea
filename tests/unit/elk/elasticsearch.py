"""As much of Elasticsearch as shows what becomes of a document under a mapping.

https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/field-data-types
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

LONGEST_TERM = 32766

_PARAMETERS: Mapping[str, frozenset[str]] = {
    "boolean": frozenset(),
    "date": frozenset(),
    "float": frozenset(),
    "integer": frozenset(),
    "ip": frozenset(),
    "keyword": frozenset({"doc_values", "ignore_above", "index"}),
    "long": frozenset(),
    "match_only_text": frozenset(),
    "wildcard": frozenset({"ignore_above"}),
}
"""The types that our mappings use, and the parameters that we use of them."""


@dataclass
class Verdict:
    """What becomes of a document's fields."""

    refused: list[str] = field(default_factory=list)
    """Because of these there would be no document."""
    ignored: list[str] = field(default_factory=list)
    """They are in the document, in no index, and named in `_ignored`."""
    unmapped: list[str] = field(default_factory=list)
    """They are in the document, in no index, and nothing says so."""


def indexed(document: Mapping[str, Any], mappings: Mapping[str, Any]) -> Verdict:
    """What becomes of a document, with `ignore_malformed` for the whole index."""
    assert mappings["dynamic"] is False
    verdict = Verdict()
    _object(document, mappings["properties"], "", verdict)
    return verdict


def leaves(mappings: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Full name → type of every field, multi-fields as well."""
    return dict(_leaves(mappings["properties"], ""))


def problems_of(mappings: Mapping[str, Any]) -> list[str]:
    """What Elasticsearch would not take about the mapping of a field."""
    return [
        f"{name}: {type_}"
        for name, type_ in leaves(mappings).items()
        if type_.get("type") not in _PARAMETERS
        or not type_.keys() - {"type", "fields"} <= _PARAMETERS[type_["type"]]
        or ("fields" in type_ and not type_["fields"])
    ]


def merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings of a template that is composed of parts; a later one adds to the earlier."""
    properties: dict[str, Any] = {}
    for part in parts:
        assert part["dynamic"] is False
        properties = _merged(properties, part["properties"])
    return {"dynamic": False, "properties": properties}


def _merged(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(ours)
    for name, other in theirs.items():
        if name not in ours:
            result[name] = other
        elif "properties" in ours[name] and "properties" in other:
            inner = _merged(ours[name]["properties"], other["properties"])
            result[name] = {**ours[name], "properties": inner}
        else:
            assert ours[name] == other, f"{name} is {ours[name]} and {other}"
    return result


def _leaves(properties: Mapping[str, Any], above: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, type_ in properties.items():
        if "properties" in type_:
            yield from _leaves(type_["properties"], f"{above}{name}.")
        else:
            yield f"{above}{name}", type_
            for inner, other in type_.get("fields", {}).items():
                yield f"{above}{name}.{inner}", other


def _object(
    value: Mapping[str, Any], properties: Mapping[str, Any], above: str, verdict: Verdict
) -> None:
    for name, inner in value.items():
        full = f"{above}{name}"
        if name not in properties:
            verdict.unmapped.append(full)
        elif "properties" not in properties[name]:
            _leaf(inner, properties[name], full, verdict)
        elif isinstance(inner, dict):
            _object(inner, properties[name]["properties"], f"{full}.", verdict)
        elif inner is not None:
            verdict.refused.append(full)


def _leaf(value: Any, type_: Mapping[str, Any], full: str, verdict: Verdict) -> None:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            verdict.refused.append(full)
        elif one is not None:
            _scalar(one, type_, full, verdict)
    for name, other in type_.get("fields", {}).items():
        _leaf(value, other, f"{full}.{name}", verdict)


def _scalar(one: Any, type_: Mapping[str, Any], full: str, verdict: Verdict) -> None:
    if not _FITS[type_["type"]](one):
        verdict.ignored.append(full)
    elif type_["type"] in {"keyword", "wildcard"}:
        if len(str(one)) > type_.get("ignore_above", math.inf):
            verdict.ignored.append(full)
        elif type_.get("index", True) and len(str(one).encode()) > LONGEST_TERM:
            verdict.refused.append(full)


def _is_whole(bits: int) -> Callable[[Any], bool]:
    def fits(one: Any) -> bool:
        if isinstance(one, bool):
            return False
        try:
            number = float(one)
        except ValueError:
            return False
        return math.isfinite(number) and -(2 ** (bits - 1)) <= number < 2 ** (bits - 1)

    return fits


def _is_float(one: Any) -> bool:
    try:
        return not isinstance(one, bool) and math.isfinite(float(one)) and abs(float(one)) < 3.4e38
    except ValueError:
        return False


_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d(:?\d\d)?)?)?",
    re.ASCII,
)


def _is_date(one: Any) -> bool:
    """`strict_date_optional_time||epoch_millis`, the default."""
    if isinstance(one, int) and not isinstance(one, bool):
        return True
    found = _DATE.fullmatch(str(one))
    try:
        return found is not None and bool(date.fromisoformat(found[1]))
    except ValueError:
        return False


def _is_ip(one: Any) -> bool:
    try:
        return "%" not in str(one) and bool(ipaddress.ip_address(str(one)))
    except ValueError:
        return False


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "boolean": lambda one: one in (True, False, "true", "false", ""),
    "date": _is_date,
    "float": _is_float,
    "integer": _is_whole(32),
    "ip": _is_ip,
    "keyword": lambda one: True,
    "long": _is_whole(64),
    "match_only_text": lambda one: True,
    "wildcard": lambda one: True,
}
