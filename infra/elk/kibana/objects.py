"""Kibana's saved objects, one a line, as its import takes them.

Each object says by which version's rules it is written: Kibana converts older ones when it imports
them, and would take one without a version for the oldest of all. What stands here can be imported
since 8.9, in 9 as well.
https://www.elastic.co/docs/api/doc/kibana/operation/operation-post-saved-objects-import
https://github.com/elastic/kibana/blob/main/src/core/packages/saved-objects/import-export-server-internal/src/import/lib/collect_saved_objects.ts
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infra import rules
from infra.config import LogProcessor
from infra.elk.kibana.lens import LAYER
from infra.elk.kibana.panels import GRID, Panel, panels
from infra.elk.kibana.vocabulary import Vocabulary, vocabulary
from infra.elk.names import Names

SavedObject = dict[str, Any]

_CORE = "8.8.0"
_VERSIONS: Mapping[str, str] = {"index-pattern": "8.0.0", "lens": "8.9.0", "dashboard": "8.9.0"}
"""Since when each type has had the form that is written here."""


def ndjson(settings: LogProcessor, names: Names) -> str:
    """The file's text."""
    lines = (json.dumps(each, sort_keys=True) for each in objects(settings, names))
    return "".join(f"{line}\n" for line in lines)


def objects(settings: LogProcessor, names: Names) -> list[SavedObject]:
    """Two data views, the charts, and the dashboard, each after what it refers to."""
    words = vocabulary(settings.event_schema)
    shown = panels(words)
    views = {name: names.saved_object(name) for name in ("events", "refused")}
    return [
        _data_view(views["events"], names.pattern(names.events), words),
        _data_view(views["refused"], names.pattern(names.refused), None),
        *(
            _lens(panel, names, views["refused" if panel.of_refused else "events"])
            for panel in shown
        ),
        _dashboard(shown, names, words, settings),
    ]


def _data_view(id_: str, pattern: str, words: Vocabulary | None) -> SavedObject:
    formats = {} if words is None else {words.response_bytes: {"id": "bytes"}}
    attributes = {
        "allowNoIndex": True,  # there is none before the first event, or the first refusal
        "fieldAttrs": "{}",
        "fieldFormatMap": _compact(formats),
        "fields": "[]",
        "name": id_,
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "timeFieldName": "@timestamp",
        "title": pattern,
        "typeMeta": "{}",
    }
    return _object("index-pattern", id_, attributes, [])


def _lens(panel: Panel, names: Names, view: str) -> SavedObject:
    attributes = {
        "title": f"{panel.title} ({names.prefix})",
        "description": panel.description,
        "visualizationType": panel.chart.kind,
        "state": panel.chart.state(),
    }
    reference = _reference("index-pattern", view, f"indexpattern-datasource-layer-{LAYER}")
    return _object("lens", _lens_id(panel, names), attributes, [reference])


def _lens_id(panel: Panel, names: Names) -> str:
    return names.saved_object(f"chart-{panel.id}")


def _dashboard(
    shown: list[Panel], names: Names, words: Vocabulary, settings: LogProcessor
) -> SavedObject:
    controls = {"load-balancer": words.load_balancer, "kind": words.kind}
    attributes = {
        "title": f"Load balancers ({names.prefix})",
        "description": "Requests, errors, times and targets, and what went wrong on the way here.",
        "controlGroupInput": {
            "chainingSystem": "HIERARCHICAL",
            "controlStyle": "oneLine",
            "ignoreParentSettingsJSON": "{}",
            "panelsJSON": _compact(_controls(controls)),
        },
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _compact(
                {"filter": [], "query": {"language": "kuery", "query": ""}}
            )
        },
        "optionsJSON": _compact(
            {"hidePanelTitles": False, "syncColors": True, "syncCursor": True, "useMargins": True}
        ),
        "panelsJSON": _compact([*_placed(shown), _note(shown, settings)]),
        "timeRestore": False,
        "version": 1,
    }
    view = names.saved_object("events")
    references = [
        *(
            _reference("lens", _lens_id(panel, names), f"{panel.id}:panel_{panel.id}")
            for panel in shown
        ),
        *(
            _reference("index-pattern", view, f"controlGroup_{name}:optionsListDataView")
            for name in controls
        ),
    ]
    return _object("dashboard", names.saved_object("dashboard"), attributes, references)


def _controls(fields: Mapping[str, str]) -> dict[str, Any]:
    titles = {"load-balancer": "Load balancer", "kind": "Kind of log"}
    return {
        name: {
            "type": "optionsListControl",
            "order": order,
            "grow": True,
            "width": "medium",
            "explicitInput": {
                "id": name,
                "fieldName": field,
                "title": titles[name],
                "enhancements": {},
            },
        }
        for order, (name, field) in enumerate(fields.items())
    }


def _placed(shown: list[Panel]) -> Iterator[dict[str, Any]]:
    """The panels one after another, row by row."""
    x = y = 0
    for panel in shown:
        yield {
            "type": "lens",
            "gridData": {"x": x, "y": y, "w": panel.width, "h": panel.height, "i": panel.id},
            "panelIndex": panel.id,
            "panelRefName": f"panel_{panel.id}",
            "embeddableConfig": {"enhancements": {}},
            "title": panel.title,
            "version": _VERSIONS["dashboard"],
        }
        x += panel.width
        if x >= GRID:
            x, y = 0, y + panel.height


def _note(shown: list[Panel], settings: LogProcessor) -> dict[str, Any]:
    """A text at the bottom that says where the rest is."""
    below = sum(panel.height * panel.width for panel in shown) // GRID
    kept_in = "state bucket" if settings.existing_bucket else "log bucket"
    text = (
        "**Lines that are not here.** The function counts every line: CloudWatch, namespace "
        f"`{settings.metrics_namespace}`. Lines that fit no format are kept, with the reason, in "
        f"the {kept_in} below `{rules.STATE_FOLDER}/rejected/`. What Logstash does not take the "
        "function sends again later."
    )
    saved = {
        "type": "markdown",
        "title": "",
        "description": "",
        "data": {"aggs": [], "searchSource": {}},
        "params": {"fontSize": 12, "markdown": text, "openLinksInNewTab": False},
        "uiState": {},
    }
    return {
        "type": "visualization",
        "gridData": {"x": 0, "y": below, "w": GRID, "h": 5, "i": "note"},
        "panelIndex": "note",
        "embeddableConfig": {"enhancements": {}, "savedVis": saved},
        "title": "What is not here",
        "version": _VERSIONS["dashboard"],
    }


def _object(
    type_: str, id_: str, attributes: Mapping[str, Any], references: list[dict[str, str]]
) -> SavedObject:
    return {
        "id": id_,
        "type": type_,
        "attributes": dict(attributes),
        "references": references,
        "coreMigrationVersion": _CORE,
        "typeMigrationVersion": _VERSIONS[type_],
        "managed": False,
    }


def _reference(type_: str, id_: str, name: str) -> dict[str, str]:
    return {"type": type_, "id": id_, "name": name}


def _compact(value: Any) -> str:
    """JSON in JSON, as Kibana keeps what it does not search in."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True)
