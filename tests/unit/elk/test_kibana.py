"""Kibana's objects: what an import needs, references that resolve, fields that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given

from infra.config import Environment
from infra.elk.index import requests
from infra.elk.kibana.objects import SavedObject, ndjson, objects

from .elasticsearch import leaves
from .environments import SCHEMAS, any_environment, environment, settings_of
from .test_index import composed

each_schema = pytest.mark.parametrize("schema", SCHEMAS)

# What Lens can do with a field of a type, of the operations that the charts use.
# https://www.elastic.co/docs/explore-analyze/visualize/lens
OPERATIONS = {
    "date_histogram": {"date"},
    "percentile": {"float", "integer", "long"},
    "sum": {"float", "integer", "long"},
    "terms": {"boolean", "date", "float", "integer", "ip", "keyword", "long", "wildcard"},
}
DATA_TYPES = {"date": {"date"}, "ip": {"ip"}, "string": {"keyword", "wildcard"}}
NUMBERS = {"float", "integer", "long"}

OF_KIBANA = {"_ignored"}
"""Fields that every document has without any mapping.

https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-ignored-field
"""


def objects_of(schema: str) -> list[SavedObject]:
    return objects(*settings_of(environment(schema=schema)))


def of_type(schema: str, type_: str) -> list[SavedObject]:
    return [each for each in objects_of(schema) if each["type"] == type_]


def columns_of(chart: SavedObject) -> Mapping[str, Any]:
    (layer,) = chart["attributes"]["state"]["datasourceStates"]["formBased"]["layers"].values()
    columns: Mapping[str, Any] = layer["columns"]
    return columns


def fields_of(column: Mapping[str, Any]) -> list[str]:
    """The fields that a column reads, without those in its queries."""
    if column["operationType"] in {"count", "filters"}:
        return []
    return [column["sourceField"], *column["params"].get("secondaryFields", [])]


def queries_of(chart: SavedObject) -> Iterator[str]:
    yield chart["attributes"]["state"]["query"]["query"]
    for column in columns_of(chart).values():
        if "filter" in column:
            yield column["filter"]["query"]
        for each in column["params"].get("filters", []):
            yield each["input"]["query"]


def asked_for(query: str) -> set[str]:
    """The fields in a query of the language, as far as the charts use it."""
    return set(re.findall(r"([\w.@]+) *(?::|>=|<)", query))


def index_of(schema: str, chart: SavedObject) -> dict[str, Any]:
    """Field → type in the indices that a chart looks at."""
    bodies = dict(requests(*settings_of(environment(schema=schema))))
    views = {each["id"]: each["attributes"]["title"] for each in of_type(schema, "index-pattern")}
    (view,) = (each["id"] for each in chart["references"])
    return {
        name: type_["type"]
        for name, type_ in leaves(composed(bodies, views[view].removesuffix("_*"))).items()
    }


@each_schema
def test_the_file_has_one_object_a_line(schema: str) -> None:
    """As Kibana's own export does; a line that is none ends the whole import."""
    settings, names = settings_of(environment(schema=schema))
    text = ndjson(settings, names)
    assert [json.loads(line) for line in text.split("\n")[:-1]] == objects(settings, names)


@each_schema
def test_objects_have_what_an_import_needs(schema: str) -> None:
    """Without a version Kibana would take one for the oldest of all, and convert it to pieces."""
    for each in objects_of(schema):
        assert sorted(each) == [
            *("attributes", "coreMigrationVersion", "id", "managed", "references", "type"),
            "typeMigrationVersion",
        ]
    assert {each["type"]: each["typeMigrationVersion"] for each in objects_of(schema)} == {
        "index-pattern": "8.0.0",
        "lens": "8.9.0",
        "dashboard": "8.9.0",
    }


@each_schema
def test_ids_are_of_one_object_each_and_the_same_every_time(schema: str) -> None:
    """Or every import would add another dashboard instead of overwriting the last."""
    ids = [each["id"] for each in objects_of(schema)]
    assert len(ids) == len(set(ids))
    assert all(id_.startswith("elb-logs-dev-") for id_ in ids)
    assert ids == [each["id"] for each in objects_of(schema)]


def test_both_schemas_have_the_same_objects() -> None:
    """So that a change of the schema overwrites the charts of the other one."""
    assert [each["id"] for each in objects_of("original")] == [
        each["id"] for each in objects_of("ecs")
    ]


@each_schema
def test_each_reference_is_to_an_object_that_stands_before(schema: str) -> None:
    """Nothing is left to what else may be in that Kibana."""
    known: set[tuple[str, str]] = set()
    for each in objects_of(schema):
        references = each["references"]
        assert {(one["type"], one["id"]) for one in references} <= known
        assert len({one["name"] for one in references}) == len(references)
        known.add((each["type"], each["id"]))


@each_schema
def test_each_chart_looks_at_one_data_view(schema: str) -> None:
    """By the name under which Lens looks for the view of its only layer."""
    for chart in of_type(schema, "lens"):
        (layer,) = chart["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
        (reference,) = chart["references"]
        assert reference["name"] == f"indexpattern-datasource-layer-{layer}"
        assert reference["type"] == "index-pattern"


@each_schema
def test_each_field_of_a_chart_is_in_the_index_with_a_type_that_suits(schema: str) -> None:
    """The dashboard of a schema asks for that schema's fields."""
    for chart in of_type(schema, "lens"):
        types = index_of(schema, chart)
        for column in columns_of(chart).values():
            operation, fields = column["operationType"], fields_of(column)
            for field in fields:
                assert types[field] in OPERATIONS[operation], (chart["id"], field)
            if len(fields) == 1:
                suits = DATA_TYPES.get(column["dataType"], NUMBERS)
                assert types[fields[0]] in suits, (chart["id"], fields)


@each_schema
def test_each_field_of_a_query_is_in_the_index(schema: str) -> None:
    """Kibana finds nothing, and says nothing, where a query names a field that there is not."""
    asked: set[str] = set()
    for chart in of_type(schema, "lens"):
        types = index_of(schema, chart)
        for query in queries_of(chart):
            assert asked_for(query) <= types.keys() | OF_KIBANA, query
            asked |= asked_for(query)
    assert "_ignored" in asked  # and so the queries were taken apart at all


@each_schema
def test_a_chart_draws_the_columns_that_it_has(schema: str) -> None:
    """All of them: buckets in front, each measure after its buckets."""
    for chart in of_type(schema, "lens"):
        state = chart["attributes"]["state"]
        columns = columns_of(chart)
        (layer,) = state["datasourceStates"]["formBased"]["layers"].values()
        assert layer["columnOrder"] == list(columns)
        bucketed = [column["isBucketed"] for column in columns.values()]
        assert bucketed == sorted(bucketed, reverse=True)
        assert set(_drawn(state["visualization"])) == columns.keys()
        for column in columns.values():
            by = column["params"].get("orderBy", {}).get("columnId")
            assert by is None or not columns[by]["isBucketed"]


def _drawn(visualization: Mapping[str, Any]) -> Iterator[str]:
    for layer in visualization.get("layers", []):
        yield from [layer["xAccessor"], *layer["accessors"]]
        if "splitAccessor" in layer:
            yield layer["splitAccessor"]
    yield from (column["columnId"] for column in visualization.get("columns", []))
    if "metricAccessor" in visualization:
        yield visualization["metricAccessor"]


@each_schema
def test_the_dashboard_shows_every_chart_once_and_none_over_another(schema: str) -> None:
    """In Kibana's grid of 48 columns, without holes but at the end."""
    (dashboard,) = of_type(schema, "dashboard")
    panels = json.loads(dashboard["attributes"]["panelsJSON"])
    by_name = {each["name"]: each["id"] for each in dashboard["references"]}
    shown = [
        by_name[f"{panel['panelIndex']}:{panel['panelRefName']}"]
        for panel in panels
        if panel["type"] == "lens"
    ]
    assert shown == [chart["id"] for chart in of_type(schema, "lens")]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridData"]
        assert place["x"] + place["w"] <= 48
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells
    assert len(taken) == 48 * (1 + max(y for _, y in taken))


@each_schema
def test_the_controls_choose_among_values_of_the_events(schema: str) -> None:
    """By load balancer and by kind of log."""
    (dashboard,) = of_type(schema, "dashboard")
    controls = json.loads(dashboard["attributes"]["controlGroupInput"]["panelsJSON"])
    types = index_of(schema, of_type(schema, "lens")[0])
    names = {each["name"]: each["id"] for each in dashboard["references"]}
    for name, control in controls.items():
        assert types[control["explicitInput"]["fieldName"]] == "keyword"
        assert names[f"controlGroup_{name}:optionsListDataView"] == "elb-logs-dev-events"


@each_schema
def test_what_goes_wrong_is_shown(schema: str) -> None:
    """Refused events, tags, values that were not indexed, fields that are new."""
    asked = {query for chart in of_type(schema, "lens") for query in queries_of(chart)}
    extra = "ExtraFields" if schema == "original" else "aws.elb.extra_fields"
    assert {"tags: *", "_ignored: *", f"{extra}: *"} <= asked
    of_refused = [
        chart["id"]
        for chart in of_type(schema, "lens")
        if chart["references"][0]["id"] == "elb-logs-dev-refused"
    ]
    assert of_refused == ["elb-logs-dev-chart-refused", "elb-logs-dev-chart-refused-by-reason"]


@given(any_environment)
def test_texts_in_kibanas_objects_are_json_where_they_are_to_be(each: Environment) -> None:
    """Kibana keeps what it does not search in as JSON in JSON."""
    for one in objects(*settings_of(each)):
        for name, value in one["attributes"].items():
            if name.endswith("JSON"):
                json.loads(value)
        assert all(reference["id"] for reference in one["references"])
