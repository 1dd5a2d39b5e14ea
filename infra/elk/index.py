"""Elasticsearch's side, as requests: the lifecycle, the templates of the indices, their parts.

**Why indices by date, and neither a data stream nor a rollover alias.** The function delivers at
least once: an event can come again, seconds later by a retry, months later by a backfill. Its id
is the same then, and it must overwrite itself. An id is unique within one index only.

- A data stream takes creations alone; Logstash drops what is there already (status 409). After a
  rollover the same id is new to the new index, and the event stands there twice.
  https://www.elastic.co/docs/manage-data/data-store/data-streams/use-data-stream
- An alias that rolls over lets an event overwrite itself, until it rolls over.
- The name of an index by date follows from the event's own time, which is a part of the log line
  as the id's place is: the same event comes to the same index, whenever and how often it comes.

So size is a matter of the period and the number of shards, not of a rollover. And no phase of the
lifecycle may make an index read-only, as the actions readonly and searchable_snapshot do: Logstash
would try for ever to write an event that comes late (status 403), and all others wait behind it.
https://www.elastic.co/docs/reference/elasticsearch/index-lifecycle-actions/ilm-readonly
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.config import LogProcessor
from infra.config.elk import Index, Period
from infra.elk.ecs_types import ecs_types
from infra.elk.mapping import OF_LOGSTASH, REFUSED, mappings
from infra.elk.names import Names
from infra.elk.original_types import original_types

Requests = Mapping[str, Any]

PERIOD_DAYS: Mapping[Period, int] = {"day": 1, "week": 7, "month": 31}

# Above the 100 of Elasticsearch's own templates and the 200 of Fleet's.
# https://www.elastic.co/docs/manage-data/data-store/templates
PRIORITY = 500


def requests(settings: LogProcessor, names: Names) -> Requests:
    """What to PUT, in this order: the path after Elasticsearch's address, and the body.

    Indices have the fields of both schemas, so that a change of the schema needs no other index.
    """
    policy = _policy(settings.elk.index, settings.log_expiry_days)
    parts = {
        names.component("settings"): {"settings": _settings(settings.elk.index, names)},
        names.component("original"): {"mappings": mappings(original_types())},
        names.component("ecs"): {"mappings": mappings(ecs_types())},
    }
    of_events = _index_template(
        names.pattern(names.events), list(parts), mappings(OF_LOGSTASH), "Load balancer logs."
    )
    of_refused = _index_template(
        names.pattern(names.refused),
        [names.component("settings")],
        mappings(REFUSED),
        "Load balancer logs that Elasticsearch refused, each as text with the reason.",
    )
    return {
        f"_ilm/policy/{names.policy}": {"policy": policy},
        **{f"_component_template/{name}": {"template": part} for name, part in parts.items()},
        f"_index_template/{names.events}": of_events,
        f"_index_template/{names.refused}": of_refused,
    }


def _policy(index: Index, log_expiry_days: int) -> dict[str, Any]:
    """Delete an index when even its youngest event is old enough.

    An index that never rolled over is as old as the time since it was made, so what a backfill
    brings stays for the whole retention too.
    https://www.elastic.co/docs/manage-data/lifecycle/index-lifecycle-management/index-lifecycle
    """
    days = (index.retention_days or log_expiry_days) + PERIOD_DAYS[index.period]
    return {
        "phases": {
            "hot": {"min_age": "0ms", "actions": {"set_priority": {"priority": 100}}},
            "delete": {"min_age": f"{days}d", "actions": {"delete": {}}},
        }
    }


def _settings(index: Index, names: Names) -> dict[str, Any]:
    return {
        "index": {
            "lifecycle": {"name": names.policy},
            "number_of_shards": index.shards,
            "number_of_replicas": index.replicas,
            "codec": "best_compression",
            # Logs are not read within the second; fewer and larger segments are written.
            "refresh_interval": "5s",
            "mapping": {"ignore_malformed": True},
        }
    }


def _index_template(
    pattern: str, parts: list[str], own: dict[str, Any], description: str
) -> dict[str, Any]:
    return {
        "index_patterns": [pattern],
        "priority": PRIORITY,
        "composed_of": parts,
        "template": {"mappings": own},
        "_meta": {"description": description},
    }
