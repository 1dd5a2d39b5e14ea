"""Lines of every kind on their whole way: function, pipeline, index. Nothing is refused.

The events are the function's own. The pipeline's filters and the mapping are applied as
`logstash.py` and `elasticsearch.py` beside this file know them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.elk.index import requests
from infra.elk.pipeline import pipeline
from infra.local import sample
from lambda_src.log_processor.formats import FORMATS
from lambda_src.log_processor.kinds import Kind, kind_of_key
from lambda_src.log_processor.origin import Origin
from lambda_src.log_processor.parsing import parse
from lambda_src.log_processor.reading import Block
from lambda_src.log_processor.schemas import Schema, writer
from tests.unit.log_processor.hostile_lines import strays
from tests.unit.log_processor.samples import KEYS, STATIC, line

from .elasticsearch import Verdict, indexed
from .environments import environment, settings_of
from .logstash import filtered
from .test_index import composed

each_schema = pytest.mark.parametrize("schema", Schema)
each_kind = pytest.mark.parametrize("kind", FORMATS)

ARRIVAL = "2026-11-24T12:00:00.000Z"


@cache
def pipeline_text() -> str:
    return pipeline(*settings_of(environment()))


@cache
def mapping() -> dict[str, Any]:
    return composed(dict(requests(*settings_of(environment()))), "elb-logs-dev_events")


def events(schema: Schema, key: str, content: bytes) -> Iterator[dict[str, Any]]:
    """What the function sends of an object, as Logstash's inputs decode it."""
    parsed = parse(Block(0, content), kind_of_key(key))
    text = writer(schema, STATIC)(parsed.tables, Origin("bucket", key, "v1"))
    yield from map(json.loads, text.split("\n")[:-1])


def document(event: dict[str, Any]) -> dict[str, Any]:
    """What Logstash sends to Elasticsearch: all but the metadata."""
    after = filtered(pipeline_text(), event)
    assert after.pop("@metadata")["_id"]
    return after


def of_line(schema: Schema, kind: Kind, **fields: str) -> dict[str, Any]:
    (event,) = events(schema, KEYS[kind], f"{line(kind, **fields)}\n".encode())
    return document(event)


def verdict(doc: dict[str, Any]) -> Verdict:
    return indexed(doc, mapping())


def nothing_wrong(doc: dict[str, Any]) -> bool:
    return verdict(doc) == Verdict() and "tags" not in doc


@each_schema
@each_kind
def test_a_line_of_all_columns_is_indexed_whole(schema: Schema, kind: Kind) -> None:
    """Every field of it has a type that takes its value."""
    doc = of_line(schema, kind)
    assert (verdict(doc), doc.get("tags")) == (Verdict(), None)


@each_schema
def test_an_hour_of_traffic_is_indexed_whole(schema: Schema, tmp_path: Path) -> None:
    """Of every kind, IPv6 addresses, TCP listeners and fields that are new to us among them."""
    kinds = set()
    for file in sample.write(tmp_path, "123456789012", "eu-west-1"):
        content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        # Some of each: the lines of an object are alike.
        some = b"".join(content.splitlines(keepends=True)[::50])
        for event in events(schema, file.name, some):
            doc = document(event)
            assert nothing_wrong(doc), (doc, verdict(doc))
            kinds.add(doc.get("LogKind") or doc["aws"]["elb"]["log_kind"])
    assert kinds == {kind.value for kind in FORMATS}


@each_schema
@each_kind
@settings(max_examples=50)
@given(data=st.data())
def test_no_line_gives_a_document_that_elasticsearch_would_refuse(
    schema: Schema, kind: Kind, data: st.DataObject
) -> None:
    """Whatever stands in a line: at worst a value is not indexed, and `_ignored` says so."""
    content = b"".join(
        each + b"\n" for each in data.draw(st.lists(strays(kind), min_size=1, max_size=4))
    )
    for event in events(schema, KEYS[kind], content):
        found = verdict(document(event))
        assert (found.refused, found.unmapped) == ([], [])


@pytest.mark.parametrize(
    ("kind", "field", "text", "time"),
    [
        (Kind.ALB, "time", "2026-08-01T23:39:43.945958Z", "2026-08-01T23:39:43.945Z"),
        (Kind.NLB, "time", "2026-08-01T23:39:43", "2026-08-01T23:39:43.000Z"),
        (Kind.CLASSIC, "timestamp", "2026-08-02T01:39:43+02:00", "2026-08-01T23:39:43.000Z"),
    ],
)
def test_an_event_stands_at_its_own_time(kind: Kind, field: str, text: str, time: str) -> None:
    """In UTC where the log has no zone, so that the index follows from the line alone."""
    assert of_line(Schema.ORIGINAL, kind, **{field: text})["@timestamp"] == time


@each_schema
@each_kind
def test_an_event_without_a_real_time_is_tagged(schema: Schema, kind: Kind) -> None:
    """It stands where it came, and the dashboard shows it."""
    field = FORMATS[kind].names[FORMATS[kind].time]
    doc = of_line(schema, kind, **{field: "2026-02-30T00:00:00Z"})
    assert (doc["@timestamp"], doc["tags"]) == (ARRIVAL, ["_timestamp_failed"])


@pytest.mark.parametrize(
    ("text", "ip", "port"),
    [
        ("192.0.2.1:2817", "192.0.2.1", "2817"),
        ("2001:db8::82e2:e662:32869", "2001:db8::82e2:e662", "32869"),
        ("-", None, None),
        ("somewhere", None, None),
    ],
)
def test_address_and_port_of_the_schema_original_are_also_apart(
    text: str, ip: str | None, port: str | None
) -> None:
    """So that clients can be counted, and networks searched for."""
    doc = of_line(Schema.ORIGINAL, Kind.ALB, client_port=text, target_port=text)
    assert (doc.get("PublicIp"), doc.get("PublicPort")) == (ip, port)
    assert (doc.get("InternalIp"), doc.get("InternalPort")) == (ip, port)
    assert nothing_wrong(doc)


def test_the_client_of_a_connection_stands_where_that_of_a_request_does() -> None:
    """One field for clients, whatever the kind of log."""
    doc = of_line(Schema.ORIGINAL, Kind.ALB_CONNECTION)
    assert (doc["PublicIp"], doc["PublicPort"]) == (doc["ClientIp"], doc["ClientPort"])


@pytest.mark.parametrize(
    ("request_", "method", "url"),
    [
        ('"GET https://shop:443/a/b?c=d#e HTTP/1.1"', "GET", "https://shop:443/a/b"),
        ('"PROPFIND http://shop:80/ HTTP/1.1"', "PROPFIND", "http://shop:80/"),
        ('"GET http://shop:80/with space HTTP/1.1"', "GET", "http://shop:80/with"),
        ('"- http://shop:80- -"', None, None),
        ('"- - - "', None, None),
        ('""', None, None),
    ],
)
def test_a_request_of_the_schema_original_is_also_taken_apart(
    request_: str, method: str | None, url: str | None
) -> None:
    """Without the query, so that requests for one thing can be counted."""
    doc = of_line(Schema.ORIGINAL, Kind.ALB, request=request_)
    assert (doc.get("RequestMethod"), doc.get("RequestUrl")) == (method, url)


@each_schema
@each_kind
def test_the_beats_input_finds_no_text_to_decode_in_an_event(schema: Schema, kind: Kind) -> None:
    """It would run `message` and `line` through its codec, and drop the rest's structure."""
    doc = of_line(schema, kind)
    assert not doc.keys() & {"message", "line", "type", "tags"}


def test_an_event_without_an_id_gets_one_and_a_tag() -> None:
    """What is no JSON has none; under one id each would overwrite the last."""
    event = {"message": '{"LogKind": "al', "tags": ["_jsonparsefailure"]}
    after = filtered(pipeline_text(), event)
    assert after["@metadata"]["_id"]
    assert after["tags"] == ["_jsonparsefailure", "_without_id"]
    assert verdict(document(event)) == Verdict()


def test_an_id_that_came_stays() -> None:
    """It is the function's promise: the same line, the same document."""
    event = {"LogKind": "alb", "@metadata": {"_id": "df55-0"}}
    assert filtered(pipeline_text(), event)["@metadata"] == {"_id": "df55-0"}


def test_a_text_longer_than_a_term_is_kept_and_not_indexed() -> None:
    """The document has it whole, and says that it cannot be searched for."""
    found = verdict(of_line(Schema.ECS, Kind.ALB, request=f'"GET http://a/{"x" * 40000} HTTP/1.1"'))
    assert (found.refused, found.ignored) == ([], ["url.original", "url.path"])


def test_an_unknown_field_costs_nothing() -> None:
    """A newer function may send what the index does not know: it is kept, as any shape."""
    found = verdict({"New": {"deep": [1, {"a": None}]}, "aws": {"elb": {"new": 1}}})
    assert found == Verdict(unmapped=["New", "aws.elb.new"])
