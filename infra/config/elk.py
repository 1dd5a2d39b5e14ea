"""The settings of what receives the events: Logstash's pipelines, and Elasticsearch behind them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict, ValidationInfo, field_validator

from infra.config.values import (
    AbsolutePath,
    ElasticsearchUrls,
    IndexPrefix,
    Settings,
    refusal,
)

Authentication = Literal["password", "api-key", "none"]
Period = Literal["day", "week", "month"]


class Elasticsearch(Settings):
    """Where Logstash sends the events on to, and how it proves who it is."""

    hosts: ElasticsearchUrls = Field(
        default=("https://localhost:9200",), description="URLs of Elasticsearch's nodes for data"
    )
    authentication: Authentication = Field(
        default="password",
        description="password, by the entries ES_USER and ES_PWD of Logstash's keystore; api-key, "
        "by ES_API_KEY; or none",
    )
    ca: AbsolutePath | None = Field(
        default=None,
        description="the certificates to trust, as PEM, instead of Java's own: a file on "
        "Logstash's machine",
    )

    @field_validator("hosts")
    @classmethod
    def _one_scheme(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        # https://github.com/logstash-plugins/logstash-output-elasticsearch/blob/v12.1.6/lib/logstash/outputs/elasticsearch/http_client.rb
        # takes the first URL's scheme for all.
        if len({host.partition("://")[0] for host in hosts}) > 1:
            raise refusal("all of them with https, or all with http")
        return hosts

    @field_validator("authentication")
    @classmethod
    def _no_key_in_the_clear(cls, value: str, info: ValidationInfo) -> str:
        # Logstash refuses it when it starts:
        # https://github.com/logstash-plugins/logstash-output-elasticsearch/blob/v12.1.6/lib/logstash/plugin_mixins/elasticsearch/common.rb
        hosts = info.data.get("hosts", ())
        if value == "api-key" and any(host.startswith("http:") for host in hosts):
            raise refusal("api-key only with hosts of https")
        return value

    @field_validator("ca")
    @classmethod
    def _goes_with_https(cls, value: str | None, info: ValidationInfo) -> str | None:
        hosts = info.data.get("hosts", ())
        if value is not None and any(host.startswith("http:") for host in hosts):
            raise refusal("only with hosts of https")
        return value


class Index(Settings):
    """The indices that the events stand in, one for each period of the events' own time."""

    prefix: IndexPrefix | None = Field(
        default=None,
        description="what the indices' names begin with, and all else that is made in "
        "Elasticsearch and Kibana; without it elb-logs-<environment>",
    )
    period: Period = Field(
        default="day", description="day, week or month: how much time one index holds"
    )
    shards: Annotated[int, Strict(), Field(ge=1, le=1024)] = Field(
        default=1, description="primary shards of an index; best with 10 to 50 GB in each"
    )
    replicas: Annotated[int, Strict(), Field(ge=0, le=16)] = Field(
        default=1, description="copies of each shard; 0 on a single node"
    )
    retention_days: Annotated[int, Strict(), Field(ge=1, le=36500)] | None = Field(
        default=None,
        description="days that events stay at least; without it as long as the log objects "
        "(log_expiry_days)",
    )


class Pipeline(Settings):
    """What Logstash's pipelines need of the machine that they run on."""

    folder: AbsolutePath | None = Field(
        default=None,
        description="where the .conf files are put there; without it /etc/logstash/<prefix>",
    )
    data_folder: AbsolutePath = Field(
        default="/var/lib/logstash", description="Logstash's path.data there"
    )
    certificate: AbsolutePath = Field(
        default="/etc/logstash/tls/logstash.crt",
        description="with TLS: the input's certificate and its chain there, as PEM",
    )
    private_key: AbsolutePath = Field(
        default="/etc/logstash/tls/logstash.key",
        description="with TLS: the key of it there, as PEM, PKCS #8, unencrypted",
    )
    client_ca: AbsolutePath | None = Field(
        default=None,
        description="with logstash.secret_arn, where the function's certificate is: a file of "
        "certificates there; clients then need one signed by these",
    )
    queue_gigabytes: Annotated[int, Strict(), Field(ge=1, le=1024)] = Field(
        default=4, description="disk for events that Elasticsearch has not taken yet"
    )
    queue_checkpoint_events: Annotated[int, Strict(), Field(ge=1, le=1024)] = Field(
        default=1024,
        description="events that a crash of the whole machine may cost at most; with 1 each "
        "event waits for the disk",
    )


class Elk(Settings):
    """What receives the events: Logstash, Elasticsearch and Kibana."""

    elasticsearch: Elasticsearch = Field(
        default=Elasticsearch(), description="where Logstash sends the events on to"
    )
    index: Index = Field(default=Index(), description="the indices that the events stand in")
    pipeline: Pipeline = Field(
        default=Pipeline(), description="what Logstash's pipelines need of their machine"
    )
