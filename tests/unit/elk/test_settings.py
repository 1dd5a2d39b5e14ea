"""What an environment file may say of the ELK side, and what is refused of it."""

from __future__ import annotations

import pytest

from infra import config
from infra.config import Elk
from infra.errors import SettingsError
from infra.yaml_source import parse

from .environments import environment, settings_of


def problem_of(lines: str) -> str:
    """What is wrong with the example `dev` where it has these lines under `elk`."""
    text = config.shipped()["dev"].read_text(encoding="utf-8")
    text = text.replace("log_processor:\n", f"log_processor:\n  elk:\n    {lines}\n", 1)
    with pytest.raises(SettingsError) as refused:
        config.parse(parse(text, "shop.yaml"))
    (problem,) = refused.value.problems
    return problem.partition(": ")[2].removeprefix("log_processor.").removeprefix("elk.")


def test_without_any_setting_there_is_all_of_it() -> None:
    """An environment file from before it existed goes on as it was."""
    settings, names = settings_of(environment())
    assert settings.elk == Elk()
    assert names.prefix == "elb-logs-dev"


def test_a_prefix_of_ones_own_is_taken_for_everything() -> None:
    """Also for several environments in one cluster, and for one that is there already."""
    assert settings_of(environment({"index": {"prefix": "shop-lb"}}))[1].prefix == "shop-lb"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            "index: {prefix: logs-shop}",
            'index.prefix: found "logs-shop"; allowed: lower-case letters, digits and single '
            "hyphens, at most 64 characters, beginning with a letter and not with logs-, metrics-, "
            "traces-, synthetics- or profiling-, which Elasticsearch's own templates take for data "
            "streams",
        ),
        (
            "index: {prefix: shop_lb}",
            'index.prefix: found "shop_lb"; allowed: lower-case letters, digits and single '
            "hyphens, at most 64 characters, beginning with a letter and not with logs-, metrics-, "
            "traces-, synthetics- or profiling-, which Elasticsearch's own templates take for data "
            "streams",
        ),
        (
            "index: {period: hour}",
            "index.period: found \"hour\"; allowed: 'day', 'week' or 'month'",
        ),
        ("index: {shards: 0}", "index.shards: found 0; allowed: 1 or more"),
        (
            "elasticsearch: {hosts: ['https://elastic:secret@es:9200']}",
            'elasticsearch.hosts[0]: found "https://elastic:secret@es:9200"; allowed: a URL such '
            "as https://elasticsearch.example.net:9200, without user and password",
        ),
        (
            "elasticsearch: {hosts: ['https://a:9200', 'http://b:9200']}",
            'elasticsearch.hosts: found ["https://a:9200", "http://b:9200"]; allowed: all of them '
            "with https, or all with http",
        ),
        (
            "elasticsearch: {hosts: ['http://a:9200'], authentication: api-key}",
            'elasticsearch.authentication: found "api-key"; allowed: api-key only with hosts of '
            "https",
        ),
        (
            "elasticsearch: {hosts: ['http://a:9200'], ca: /etc/ca.pem}",
            'elasticsearch.ca: found "/etc/ca.pem"; allowed: only with hosts of https',
        ),
        (
            "pipeline: {folder: conf.d}",
            'pipeline.folder: found "conf.d"; allowed: the absolute path of a file or folder on '
            "Logstash's machine, of letters, digits and . _ @ + -",
        ),
        (
            "pipeline: {client_ca: /etc/../ca.pem}",
            'pipeline.client_ca: found "/etc/../ca.pem"; allowed: the absolute path of a file or '
            "folder on Logstash's machine, of letters, digits and . _ @ + -",
        ),
        (
            "pipeline: {client_ca: /etc/ca.pem}",
            'elk: found {"pipeline": {"client_ca": "/etc/ca.pem"}}; allowed: pipeline.client_ca '
            "only with logstash.secret_arn: Logstash would ask the function for a certificate, "
            "which it has from there",
        ),
        (
            "pipeline: {queue_gigabyte: 4}",
            "pipeline.queue_gigabyte: unknown key, found 4; allowed here: certificate, client_ca, "
            "data_folder, folder, private_key, queue_checkpoint_events, queue_gigabytes (did you "
            'mean "queue_gigabytes"?)',
        ),
    ],
)
def test_what_logstash_or_elasticsearch_would_refuse_is_refused_here(lines: str, says: str) -> None:
    """With the place, the value found and what is allowed instead."""
    assert problem_of(lines) == says
