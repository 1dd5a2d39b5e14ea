"""The pipelines parse as Logstash's language, and say what they are to say."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from infra.config import Environment
from infra.elk.pipeline import pipeline
from infra.elk.pipelines import pipelines
from infra.elk.refused import refused
from infra.elk.syntax import quoted

from .environments import PROTOCOLS, any_environment, environment, settings_of
from .logstash import Plugin, parsed, plugins
from .plugin_options import OPTIONS, PIPELINE_SETTINGS

TLS = {
    "ssl_enabled": True,
    "ssl_certificate": "/etc/logstash/tls/logstash.crt",
    "ssl_key": "/etc/logstash/tls/logstash.key",
    "ssl_supported_protocols": ["TLSv1.2", "TLSv1.3"],
    "ssl_client_authentication": "none",
}
TCP = {
    "port": 5045,
    "codec": ("json_lines", {"decode_size_limit_bytes": 33554432}),
    "ecs_compatibility": "v8",
    "dns_reverse_lookup_enabled": False,
    "tcp_keep_alive": True,
}
BEATS = {"port": 5045, "ecs_compatibility": "v8", "enrich": ["none"]}
INPUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "tcp": ("tcp", {"id": "events_tcp", **TCP}),
    "tls": ("tcp", {"id": "events_tls", **TCP, **TLS}),
    "lumberjack": ("beats", {"id": "events_lumberjack", **BEATS}),
    "lumberjack+tls": ("beats", {"id": "events_lumberjack_tls", **BEATS, **TLS}),
}


def text_of(elk: dict[str, Any] | None = None, protocol: str = "tcp") -> str:
    return pipeline(*settings_of(environment(elk, protocol=protocol)))


def refused_of(elk: dict[str, Any] | None = None) -> str:
    return refused(*settings_of(environment(elk)))


def inputs(text: str) -> list[tuple[str, Any]]:
    return [(each.name, each.options) for each in plugins(text) if each.section == "input"]


def output(text: str) -> Plugin:
    (found,) = [each for each in plugins(text) if each.section == "output"]
    return found


def switched_on(text: str) -> str:
    """The text with every commented-out input as an input, as an operator would uncomment it."""
    return re.sub(r"^(  )#(?! )|^(  )#(?=   ?[ a-z}])", r"\1\2", text, flags=re.MULTILINE)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_input_is_the_one_that_the_function_speaks_to(protocol: str) -> None:
    """With the port of the settings, the options of today, and no name of a client looked up."""
    assert inputs(text_of(protocol=protocol)) == [INPUTS[protocol]]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_other_inputs_only_need_their_comment_signs_taken_away(protocol: str) -> None:
    """Whoever wants another protocol as well finds it written down."""
    found = inputs(switched_on(text_of(protocol=protocol)))
    assert found[0] == INPUTS[protocol]
    assert sorted(found, key=str) == sorted(INPUTS.values(), key=str)


def test_clients_need_a_certificate_where_there_is_a_ca_for_them() -> None:
    """The tcp input would ask for one by default, the beats input would not: it is always said."""
    text = text_of({"pipeline": {"client_ca": "/etc/ca.pem"}}, protocol="tls")
    ((_, options),) = inputs(text)
    assert options["ssl_client_authentication"] == "required"
    assert options["ssl_certificate_authorities"] == ["/etc/ca.pem"]


def test_events_go_to_the_index_of_their_own_time_under_their_own_id() -> None:
    """So the same event always overwrites itself; see infra/elk/index.py."""
    assert output(text_of()) == Plugin(
        "output",
        "elasticsearch",
        {
            "id": "elasticsearch",
            "hosts": ["https://localhost:9200"],
            "user": "${ES_USER}",
            "password": "${ES_PWD}",
            "index": "elb-logs-dev_events_%{+YYYY.MM.dd}",
            "document_id": "%{[@metadata][_id]}",
            "action": "index",
            "data_stream": "false",
            "manage_template": False,
            "ilm_enabled": False,
        },
    )


@pytest.mark.parametrize(
    ("period", "date"), [("day", "YYYY.MM.dd"), ("week", "xxxx.ww"), ("month", "YYYY.MM")]
)
def test_an_index_holds_the_period_of_the_settings(period: str, date: str) -> None:
    """Events and refused ones alike, for one lifecycle deletes both. A week's year is ISO's."""
    elk = {"index": {"period": period, "prefix": "lb"}}
    assert output(text_of(elk)).options["index"] == f"lb_events_%{{+{date}}}"
    assert output(refused_of(elk)).options["index"] == f"lb_refused_%{{+{date}}}"


@pytest.mark.parametrize(
    ("authentication", "credentials"),
    [
        ("password", {"user": "${ES_USER}", "password": "${ES_PWD}"}),
        ("api-key", {"api_key": "${ES_API_KEY}"}),
        ("none", {}),
    ],
)
def test_credentials_are_placeholders_for_logstashs_keystore(
    authentication: str, credentials: dict[str, str]
) -> None:
    """No secret stands in a file of ours."""
    elk = {"elasticsearch": {"authentication": authentication, "ca": "/etc/es.pem"}}
    options = output(text_of(elk)).options
    secrets = ("user", "password", "api_key")
    assert {key: options[key] for key in secrets if key in options} == credentials
    assert options["ssl_certificate_authorities"] == ["/etc/es.pem"]


def test_dead_letters_are_read_from_the_pipeline_that_writes_them() -> None:
    """And deleted when they were read, or the queue would fill up and lose the next."""
    elk = {"pipeline": {"data_folder": "/srv/logstash"}}
    entry, _ = yaml.safe_load(pipelines(*settings_of(environment(elk))))
    assert inputs(refused_of(elk)) == [
        (
            "dead_letter_queue",
            {
                "id": "dead_letters",
                "path": "/srv/logstash/dead_letter_queue",
                "pipeline_id": entry["pipeline.id"],
                "commit_offsets": True,
                "clean_consumed": True,
            },
        )
    ]
    assert entry["dead_letter_queue.enable"] is True


def test_the_queues_outlive_logstash() -> None:
    """What the function takes for delivered is on a disk."""
    elk = {
        "pipeline": {
            "folder": "/etc/logstash/conf.d",
            "queue_gigabytes": 16,
            "queue_checkpoint_events": 1,
        }
    }
    of_events, of_refused = yaml.safe_load(pipelines(*settings_of(environment(elk))))
    assert of_events == {
        "pipeline.id": "elb-logs-dev",
        "path.config": "/etc/logstash/conf.d/pipeline.conf",
        "pipeline.ecs_compatibility": "v8",
        "pipeline.ordered": False,
        "pipeline.batch.size": 1000,
        "queue.type": "persisted",
        "queue.max_bytes": "16gb",
        "queue.checkpoint.writes": 1,
        "queue.checkpoint.acks": 1024,
        "dead_letter_queue.enable": True,
        "dead_letter_queue.max_bytes": "1gb",
        "config.support_escapes": False,
    }
    assert of_refused["pipeline.id"] == "elb-logs-dev-refused"
    assert of_refused["queue.type"] == "persisted"
    assert of_refused["dead_letter_queue.enable"] is False


@settings(max_examples=25)  # to parse one takes a third of a second
@given(any_environment)
def test_any_settings_give_pipelines_that_parse(each: Environment) -> None:
    """With no option that a plugin lacks, inputs that are commented out as well, and no id twice,
    which Logstash refuses."""
    log_processor, names = settings_of(each)
    for text in (switched_on(pipeline(log_processor, names)), refused(log_processor, names)):
        found = plugins(text)
        assert parsed(text).keys() == {"input", "filter", "output"}
        for _, name, options in found:
            assert options.keys() <= OPTIONS[name], name
        ids = [options["id"] for _, _, options in found if "id" in options]
        assert len(ids) == len(set(ids))


@given(any_environment)
def test_any_settings_give_pipelines_that_logstash_can_load(each: Environment) -> None:
    """As YAML, with only settings that may stand there: another one stops all of Logstash."""
    log_processor, names = settings_of(each)
    of_events, of_refused = yaml.safe_load(pipelines(log_processor, names))
    assert (of_events["pipeline.id"], of_refused["pipeline.id"]) == (
        names.pipeline,
        names.refused_pipeline,
    )
    assert of_events.keys() | of_refused.keys() <= PIPELINE_SETTINGS
    assert of_events["path.config"].endswith("/pipeline.conf")
    assert of_refused["path.config"].endswith("/refused.conf")


def test_a_string_has_the_quotes_that_it_does_not_hold() -> None:
    """Logstash knows no escape for them unless it is told to, and then for backslashes too."""
    assert quoted("a'b") == '"a\'b"'
    assert quoted('a"b') == "'a\"b'"
    with pytest.raises(ValueError, match="no string"):
        quoted("a'b\"c")
