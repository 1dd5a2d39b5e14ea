"""As much of Logstash as shows what our pipelines do: they are parsed, and their filters applied.

What a filter does here is what its source says; the patterns are applied with Python's engine,
which knows what they use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from logstash_pipeline_parser import Pipeline

Event = dict[str, Any]


class Plugin(NamedTuple):
    """A plugin as it stands in a section."""

    section: str
    name: str
    options: Mapping[str, Any]


@cache
def parsed(text: str) -> dict[str, list[Any]]:
    """The sections of a pipeline; an error where it is none."""
    # Options that hold paths would be no texts.
    pipeline = Pipeline(text)
    for name in pipeline.get_types().copy():
        pipeline.remove_type(name)
    tree = pipeline.parse()
    assert [name for name, _ in tree] == ["input", "filter", "output"]
    return dict(tree)


def plugins(text: str) -> list[Plugin]:
    """Every plugin, codecs too, whatever conditions it stands under."""
    return [each for name, items in parsed(text).items() for each in _plugins(name, items)]


def filtered(text: str, event: Event) -> Event:
    """The event after the pipeline's filters; @timestamp is its arrival until one says more."""
    arrived = {"@timestamp": "2026-11-24T12:00:00.000Z", "@version": "1", **event}
    _apply(parsed(text)["filter"], arrived)
    return arrived


def _plugins(section: str, items: Sequence[Any]) -> Iterator[Plugin]:
    for name, rest in items:
        if name in {"if", "else if"}:
            yield from _plugins(section, rest[-1][0])
        elif name == "else":
            yield from _plugins(section, rest[0])
        else:
            options = _options(rest)
            yield Plugin(section, name, options)
            if isinstance(options.get("codec"), tuple):
                codec, inner = options["codec"]
                yield Plugin("codec", codec, inner)


def _options(attributes: Sequence[Any]) -> dict[str, Any]:
    """Option → value: hashes as dictionaries, a codec as its name and options."""
    names = [name for name, _ in attributes]
    assert len(names) == len(set(names)), f"an option stands twice: {names}"
    return {name: _value(value) for name, (value,) in attributes}


def _value(value: Any) -> Any:
    match value:
        case [str(name), [[_, [_]], *_] as attributes]:
            return name, _options(attributes)
        case [[str(), [_]], *_]:
            return {key: inner for key, (inner,) in value}
    return value


def _apply(items: Sequence[Any], event: Event) -> None:
    done = False
    for name, rest in items:
        if name == "if" or (name == "else if" and not done):
            done = _holds(rest[:-1], event)
            if done:
                _apply(rest[-1][0], event)
        elif name != "else if":
            _FILTERS[name](event, _options(rest))


def _holds(condition: Sequence[Any], event: Event) -> bool:
    """Fields alone, `!` before one, and `or` between them."""
    terms, operators = condition[::2], condition[1::2]
    assert set(operators) <= {"or"}
    return any(_term(term, event) for term in terms)


def _term(term: Sequence[str], event: Event) -> bool:
    if term[0] == "!":
        return not _term(term[1:], event)
    (field,) = term
    return _get(event, field) not in (None, False)


def _path(field: str) -> list[str]:
    return re.findall(r"\[([^][]+)\]", field) or [field]


def _get(event: Event, field: str) -> Any:
    value: Any = event
    for part in _path(field):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _set(event: Event, field: str, value: Any) -> None:
    *path, name = _path(field)
    for part in path:
        event = event.setdefault(part, {})
    event[name] = value


def _tag(event: Event, tags: Sequence[str]) -> None:
    if tags:
        event["tags"] = [*event.get("tags", ()), *tags]


def _uuid(event: Event, options: Mapping[str, Any]) -> None:
    if _get(event, options["target"]) is None:
        _set(event, options["target"], "e08806fe-02af-406c-bbde-8a5ae4475e57")


def _mutate(event: Event, options: Mapping[str, Any]) -> None:
    assert options.keys() <= {"add_tag", "copy"}
    for old, new in options.get("copy", {}).items():
        _set(event, new, _get(event, old))
    _tag(event, options.get("add_tag", ()))


def _date(event: Event, options: Mapping[str, Any]) -> None:
    field, format_ = options["match"]
    assert (format_, options["timezone"]) == ("ISO8601", "UTC")
    text = _get(event, field)
    if text is None:
        return
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        _tag(event, options["tag_on_failure"])
    else:
        utc = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        event["@timestamp"] = utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _grok(event: Event, options: Mapping[str, Any]) -> None:
    assert options["tag_on_failure"] == []
    for field, pattern in options["match"].items():
        # Onigmo's ^ and $ are those of a line, its names are written without a P.
        found = re.search(pattern.replace("(?<", "(?P<"), _get(event, field), re.MULTILINE)
        for name, text in (found.groupdict() if found else {}).items():
            if text:
                assert name not in event
                event[name] = text


_FILTERS = {"uuid": _uuid, "mutate": _mutate, "date": _date, "grok": _grok}
