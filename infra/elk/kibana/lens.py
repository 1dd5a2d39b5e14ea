"""Charts in the form of Kibana's Lens, as version 8.9 keeps them; later ones convert it.

A chart has one layer of columns: buckets first, then what is counted or measured in each.
https://github.com/elastic/kibana/tree/main/x-pack/platform/plugins/shared/lens
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from infra.elk.field_types import FieldType

LAYER = "layer"

Series = Literal["line", "bar_stacked", "bar_horizontal_stacked"]

_DATA_TYPES: Mapping[str, str] = {
    "date": "date",
    "float": "number",
    "integer": "number",
    "ip": "ip",
    "keyword": "string",
    "long": "number",
    "wildcard": "string",
}
"""What Lens calls Elasticsearch's types."""


@dataclass(frozen=True)
class Column:
    """One column of a layer."""

    id: str
    state: Mapping[str, Any]
    fields: tuple[str, ...] = ()
    """Those that it reads, besides what its queries name."""


@dataclass(frozen=True)
class Chart:
    """What is drawn, of which columns."""

    kind: Literal["lnsXY", "lnsDatatable", "lnsMetric"]
    columns: tuple[Column, ...]
    visualization: Mapping[str, Any]
    query: str = ""

    def state(self) -> dict[str, Any]:
        """The chart as Lens keeps it."""
        layer = {
            "columnOrder": [column.id for column in self.columns],
            "columns": {column.id: dict(column.state) for column in self.columns},
            "incompleteColumns": {},
        }
        return {
            "adHocDataViews": {},
            "datasourceStates": {"formBased": {"layers": {LAYER: layer}}},
            "filters": [],
            "internalReferences": [],
            "query": _kql(self.query),
            "visualization": {**self.visualization},
        }


def number(column: Column, query: str = "") -> Chart:
    """One number."""
    visualization = {"layerId": LAYER, "layerType": "data", "metricAccessor": column.id}
    return Chart("lnsMetric", (column,), visualization, query)


def table(columns: Sequence[Column], query: str = "") -> Chart:
    """A row for each bucket, a column for each column."""
    visualization = {
        "layerId": LAYER,
        "layerType": "data",
        "columns": [{"columnId": column.id} for column in columns],
    }
    return Chart("lnsDatatable", tuple(columns), visualization, query)


def series(
    shape: Series,
    along: Column,
    measured: Sequence[Column],
    *,
    split: Column | None = None,
    query: str = "",
) -> Chart:
    """Lines or bars along an axis, with a colour for each measure, or each bucket of `split`."""
    buckets = (along,) if split is None else (along, split)
    layer = {
        "accessors": [column.id for column in measured],
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": shape,
        "xAccessor": along.id,
        **({} if split is None else {"splitAccessor": split.id}),
    }
    visualization = {
        "layers": [layer],
        "legend": {"isVisible": True, "position": "right"},
        "preferredSeriesType": shape,
        "valueLabels": "hide",
    }
    return Chart("lnsXY", (*buckets, *measured), visualization, query)


def over_time() -> Column:
    """A bucket for each stretch of time, as long as suits the range that is looked at."""
    params = {"dropPartials": False, "includeEmptyRows": True, "interval": "auto"}
    state = _column("Time", "date", "date_histogram", "interval", params)
    return Column("time", {**state, "sourceField": "@timestamp"}, ("@timestamp",))


def most(
    label: str,
    fields: tuple[str, ...],
    types: Mapping[str, FieldType],
    *,
    by: Column,
    size: int = 10,
    others: bool = False,
) -> Column:
    """A bucket for each of the values that lead in another column."""
    first, *more = fields
    params = {
        "exclude": [],
        "excludeIsRegex": False,
        "include": [],
        "includeIsRegex": False,
        "missingBucket": False,
        "orderBy": {"columnId": by.id, "type": "column"},
        "orderDirection": "desc",
        "otherBucket": others,
        "parentFormat": {"id": "multi_terms" if more else "terms"},
        "secondaryFields": more,
        "size": size,
    }
    data_type = "string" if more else _DATA_TYPES[types[first]["type"]]
    state = _column(label, data_type, "terms", "ordinal", params)
    return Column(_slug("most", first), {**state, "sourceField": first}, fields)


def queries(label: str, by_name: Mapping[str, str]) -> Column:
    """A bucket for each query."""
    filters = [{"input": _kql(query), "label": name} for name, query in by_name.items()]
    return Column("queries", _column(label, "string", "filters", "ordinal", {"filters": filters}))


def count(label: str, query: str = "") -> Column:
    """How many events there are, or how many that a query finds."""
    state = _column(label, "number", "count", "ratio", {"emptyAsNull": False})
    only = {"filter": _kql(query)} if query else {}
    return Column(_slug("count", label), {**state, "sourceField": "___records___", **only})


def percentile(label: str, field: str, percent: int) -> Column:
    """The value that so many per cent of the events stay below."""
    params = {"percentile": percent, "format": {"id": "number", "params": {"decimals": 3}}}
    state = _column(label, "number", "percentile", "ratio", params)
    return Column(f"percentile-{percent}", {**state, "sourceField": field}, (field,))


def total_bytes(label: str, field: str) -> Column:
    """The sum of a number of bytes."""
    params = {"emptyAsNull": False, "format": {"id": "bytes", "params": {"decimals": 1}}}
    state = _column(label, "number", "sum", "ratio", params)
    return Column("bytes", {**state, "sourceField": field}, (field,))


def _column(
    label: str, data_type: str, operation: str, scale: str, params: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "customLabel": True,
        "dataType": data_type,
        "isBucketed": scale != "ratio",
        "label": label,
        "operationType": operation,
        "params": dict(params),
        "scale": scale,
    }


def _slug(*words: str) -> str:
    return re.sub("[^a-z0-9]+", "-", "-".join(words).lower())


def _kql(query: str) -> dict[str, str]:
    return {"language": "kuery", "query": query}
