"""What both pipelines have in common: that every event has an id, and the way into Elasticsearch.

The output tries again for ever, but for what Elasticsearch refuses (400 and 404), which goes to the
dead letter queue where there is one.
https://github.com/logstash-plugins/logstash-output-elasticsearch/blob/v12.1.6/lib/logstash/plugin_mixins/elasticsearch/common.rb
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.config.elk import Elasticsearch, Elk, Period
from infra.elk.syntax import Lines, comment, plugin, section

DATED: Mapping[Period, str] = {
    "day": "%{+YYYY.MM.dd}",
    "week": "%{+xxxx.ww}",
    "month": "%{+YYYY.MM}",
}
"""The period of @timestamp, as Logstash writes it into the name of an index."""

WITHOUT_ID = "_without_id"
"""The tag of an event that came without an id, as what is no JSON does."""


def with_an_id() -> Lines:
    """Give an id to events that came without.

    `document_id` would be the text %{[@metadata][_id]} for all of them, each over the last one.
    """
    return [
        *comment("Without an id of its own an event would overwrite the last one of its like."),
        *section(
            "if ![@metadata][_id]",
            [
                *plugin("uuid", target="[@metadata][_id]"),
                *plugin("mutate", add_tag=[WITHOUT_ID]),
            ],
        ),
    ]


def into(name: str, elk: Elk) -> Lines:
    """Send each event to the index of its period."""
    elasticsearch = elk.elasticsearch
    return plugin(
        "elasticsearch",
        id="elasticsearch",
        hosts=list(elasticsearch.hosts),
        **_credentials(elasticsearch),
        ssl_certificate_authorities=[elasticsearch.ca] if elasticsearch.ca else None,
        index=f"{name}_{DATED[elk.index.period]}",
        document_id="%{[@metadata][_id]}",
        action="index",
        data_stream="false",
        # install.sh does both.
        manage_template=False,
        ilm_enabled=False,
    )


def _credentials(elasticsearch: Elasticsearch) -> dict[str, str]:
    """Placeholders, which Logstash fills in from its keystore.

    https://www.elastic.co/docs/reference/logstash/keystore
    """
    match elasticsearch.authentication:
        case "password":
            return {"user": "${ES_USER}", "password": "${ES_PWD}"}
        case "api-key":
            return {"api_key": "${ES_API_KEY}"}
        case _:
            return {}
