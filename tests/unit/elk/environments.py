"""Environments with any settings of the ELK side that are valid, for tests of what it makes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from infra import config
from infra.config import Environment, LogProcessor
from infra.elk.names import Names, names_of

SCHEMAS = ("original", "ecs")
PROTOCOLS = ("tcp", "tls", "lumberjack", "lumberjack+tls")
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-AbCdEf"


def environment(
    elk: dict[str, Any] | None = None,
    *,
    schema: str = "original",
    protocol: str = "tcp",
    port: int = 5045,
    name: str = "dev",
) -> Environment:
    """The example `dev` with these settings."""
    data = config.load("dev").model_dump(by_alias=True, exclude_unset=True)
    data["name"] = name
    data["log_processor"] |= {"schema": schema, "elk": elk or {}}
    data["log_processor"]["logstash"] |= {"protocol": protocol, "port": port}
    if protocol.endswith("tls"):
        data["log_processor"]["logstash"]["secret_arn"] = SECRET
    return Environment.model_validate(data)


def settings_of(environment_: Environment) -> tuple[LogProcessor, Names]:
    """What most of the ELK side's functions take."""
    assert environment_.log_processor is not None
    return environment_.log_processor, names_of(environment_, environment_.log_processor)


_word = st.from_regex(r"\A[a-z](-?[a-z0-9]){0,14}\Z") | st.sampled_from(["no", "null", "true"])
_path = st.from_regex(r"\A(/[A-Za-z0-9_@+-][A-Za-z0-9._@+-]{0,9}){1,4}\Z").filter(
    lambda path: len(path) > 1 and not {".", ".."} & set(path.split("/"))
)
_host = st.sampled_from(
    ["es", "10.0.0.1", "es-1.example.net:9200", "[2001:db8::1]:9200", "es/a~b/"]
)
_own = st.fixed_dictionaries


def _hosts(scheme: str) -> st.SearchStrategy[list[str]]:
    return st.lists(_host.map(f"{scheme}://{{}}".format), min_size=1, max_size=3, unique=True)


_elasticsearch = st.one_of(
    _own(
        {"hosts": _hosts("https")},
        optional={
            "authentication": st.sampled_from(["password", "api-key", "none"]),
            "ca": _path,
        },
    ),
    _own(
        {"hosts": _hosts("http")},
        optional={"authentication": st.sampled_from(["password", "none"])},
    ),
)
_index = _own(
    {},
    optional={
        "prefix": _word.filter(
            lambda word: (
                word.split("-")[0] not in {"logs", "metrics", "traces", "synthetics", "profiling"}
            )
        ),
        "period": st.sampled_from(["day", "week", "month"]),
        "shards": st.integers(1, 1024),
        "replicas": st.integers(0, 16),
        "retention_days": st.integers(1, 36500),
    },
)
_machine = {
    "folder": _path,
    "data_folder": _path,
    "certificate": _path,
    "private_key": _path,
    "queue_gigabytes": st.integers(1, 1024),
    "queue_checkpoint_events": st.integers(1, 1024),
}


def _environments(
    protocols: tuple[str, ...], machine: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[Environment]:
    parts = {
        "elasticsearch": _elasticsearch,
        "index": _index,
        "pipeline": _own({}, optional=machine),
    }
    return st.builds(
        environment,
        _own({}, optional=parts),
        schema=st.sampled_from(SCHEMAS),
        protocol=st.sampled_from(protocols),
        port=st.integers(1, 65535),
        name=_word,
    )


any_environment = _environments(("tcp", "lumberjack"), _machine) | _environments(
    ("tls", "lumberjack+tls"), {**_machine, "client_ca": _path}
)
"""Whatever the settings may say."""
