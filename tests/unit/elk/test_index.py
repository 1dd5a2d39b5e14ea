"""What is put into Elasticsearch: the lifecycle, and templates for events of both schemas."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given

from infra.config import Environment
from infra.elk.index import requests
from infra.elk.mapping import mappings
from infra.elk.names import Names

from .elasticsearch import leaves, merged, problems_of
from .environments import any_environment, environment, settings_of

LIMIT_OF_FIELDS = 1000
"""`index.mapping.total_fields.limit`, which also counts objects.

https://www.elastic.co/docs/reference/elasticsearch/index-settings/mapping-limit
"""


def requests_of(elk: dict[str, Any] | None = None) -> dict[str, Any]:
    return dict(requests(*settings_of(environment(elk))))


def composed(bodies: dict[str, Any], template: str) -> dict[str, Any]:
    """The mappings of an index that a template is applied to."""
    body = bodies[f"_index_template/{template}"]
    parts = [bodies[f"_component_template/{name}"]["template"] for name in body["composed_of"]]
    all_parts = [*parts, body["template"]]
    return merged(*(part["mappings"] for part in all_parts if "mappings" in part))


def test_what_a_template_names_is_made_before_it() -> None:
    """Elasticsearch refuses a template with a part that it does not know."""
    assert list(requests_of()) == [
        "_ilm/policy/elb-logs-dev",
        "_component_template/elb-logs-dev_settings",
        "_component_template/elb-logs-dev_original",
        "_component_template/elb-logs-dev_ecs",
        "_index_template/elb-logs-dev_events",
        "_index_template/elb-logs-dev_refused",
    ]


@pytest.mark.parametrize(
    ("index", "age"),
    [
        ({}, "15d"),
        ({"period": "week"}, "21d"),
        ({"period": "month"}, "45d"),
        ({"retention_days": 90}, "91d"),
        ({"retention_days": 90, "period": "month"}, "121d"),
    ],
)
def test_an_event_stays_for_the_whole_retention(index: dict[str, Any], age: str) -> None:
    """The last one of an index is a period younger than the index. Without a retention it is 14
    days in `dev`, as long as the log objects stay."""
    assert requests_of({"index": index})["_ilm/policy/elb-logs-dev"] == {
        "policy": {
            "phases": {
                "hot": {"min_age": "0ms", "actions": {"set_priority": {"priority": 100}}},
                "delete": {"min_age": age, "actions": {"delete": {}}},
            }
        }
    }


def test_indices_have_the_settings_of_the_environment() -> None:
    """And one value that does not fit its field never costs a document."""
    elk = {"index": {"prefix": "lb", "shards": 6, "replicas": 2}}
    body = requests_of(elk)["_component_template/lb_settings"]
    assert body == {
        "template": {
            "settings": {
                "index": {
                    "lifecycle": {"name": "lb"},
                    "number_of_shards": 6,
                    "number_of_replicas": 2,
                    "codec": "best_compression",
                    "refresh_interval": "5s",
                    "mapping": {"ignore_malformed": True},
                }
            }
        }
    }


def test_the_lifecycle_never_makes_an_index_read_only() -> None:
    """An event that comes late could not be written, and all others would wait behind it."""
    phases = requests_of()["_ilm/policy/elb-logs-dev"]["policy"]["phases"]
    actions = {action for phase in phases.values() for action in phase["actions"]}
    assert actions == {"set_priority", "delete"}


@pytest.mark.parametrize("template", ["elb-logs-dev_events", "elb-logs-dev_refused"])
def test_mappings_are_what_elasticsearch_takes(template: str) -> None:
    """Known types with parameters of theirs, parts that agree, and within the limit of fields."""
    composed_ = composed(requests_of(), template)
    assert problems_of(composed_) == []
    fields = leaves(composed_)
    objects = {name.rpartition(".")[0] for name in fields}
    assert len(fields) + len(objects) < LIMIT_OF_FIELDS // 2


def test_every_text_is_bounded_before_it_is_a_term() -> None:
    """One longer than 32,766 bytes would fail its document; a character has 4 at most."""
    for name, type_ in leaves(composed(requests_of(), "elb-logs-dev_events")).items():
        if type_["type"] in {"keyword", "wildcard"}:
            assert type_["ignore_above"] <= 32766 // 4, name


def test_events_and_refused_ones_have_templates_of_their_own() -> None:
    """Each matches the indices that its pipeline makes, and no others."""
    bodies = requests_of()
    (events,) = bodies["_index_template/elb-logs-dev_events"]["index_patterns"]
    (refused,) = bodies["_index_template/elb-logs-dev_refused"]["index_patterns"]
    assert fnmatchcase("elb-logs-dev_events_2026.10.14", events)
    assert fnmatchcase("elb-logs-dev_refused_2026.10.14", refused)
    assert not fnmatchcase("elb-logs-dev_refused_2026.10.14", events)
    assert not fnmatchcase("elb-logs-dev-2_events_2026.10.14", events)


@given(any_environment, any_environment)
def test_no_environments_pattern_matches_another_ones_index(
    one: Environment, other: Environment
) -> None:
    """Two templates of one priority that overlap would be refused; data would be mixed up."""
    (_, mine), (_, theirs) = settings_of(one), settings_of(other)
    for index in (theirs.events, theirs.refused):
        for pattern in (Names.pattern(mine.events), Names.pattern(mine.refused)):
            if fnmatchcase(f"{index}_2026.10.14", pattern):
                assert mine == theirs


def test_a_field_that_holds_others_is_an_object() -> None:
    """And a field with nothing in it is one of Elasticsearch's types."""
    fields = {"a.b.c": {"type": "long"}, "a.b.d": {"type": "ip"}, "e": {"type": "date"}}
    assert mappings(fields) == {
        "dynamic": False,
        "properties": {
            "a": {
                "properties": {"b": {"properties": {"c": {"type": "long"}, "d": {"type": "ip"}}}}
            },
            "e": {"type": "date"},
        },
    }
