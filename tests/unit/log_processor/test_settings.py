"""The function's environment variables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lambda_src.log_processor.conditions import In
from lambda_src.log_processor.delivery import Endpoint, Protocol, Target, TlsOptions
from lambda_src.log_processor.errors import SettingsError
from lambda_src.log_processor.filters import Clause, Rule
from lambda_src.log_processor.schemas import Schema
from lambda_src.log_processor.settings import (
    Settings,
    StateLocation,
    parse,
    parse_endpoint,
)

from .samples import ENVIRONMENT as EVENTS_AND_RECEIVER
from .samples import STATIC

ENVIRONMENT = EVENTS_AND_RECEIVER | {"STATE_LOCATION": "s3://state/log-processor/"}
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-AbCdEf"


def problem(**variables: str) -> str:
    """Return what is said about these variables, the others being right."""
    with pytest.raises(SettingsError) as caught:
        parse(ENVIRONMENT | variables)
    return str(caught.value)


def test_little_has_to_be_said() -> None:
    """A receiver, what events carry, and a place for what is kept."""
    assert parse(ENVIRONMENT) == Settings(
        target=Target(Protocol.TCP, (Endpoint("127.0.0.1", 5000),)),
        secret=None,
        schema=Schema.ORIGINAL,
        static=STATIC,
        rules=(),
        redact=(),
        state=StateLocation("state", "log-processor/"),
        namespace="LogProcessor",
        function="log-processor",
    )


def test_every_variable_becomes_a_setting(tmp_path: Path) -> None:
    """Certificates are PEM or files with PEM."""
    key = tmp_path / "key.pem"
    key.write_text("key")
    variables = {
        "LOGSTASH_PROTOCOL": "lumberjack+tls",
        "LOGSTASH_HOST": "logs-a.example.com, logs-b.example.com:5045",
        "LOGSTASH_PORT": "5044",
        "LOGSTASH_SERVER_NAME": "logs.example.com",
        "LOGSTASH_CA": PEM,
        "LOGSTASH_CERTIFICATE": PEM * 2,
        "LOGSTASH_PRIVATE_KEY": str(key),
        "LOGSTASH_SECRET": ARN,
        "LOGSTASH_COMPRESSION_LEVEL": "3",
        "EVENT_SCHEMA": "ecs",
        "FILTERS": '[{"name": "x", "action": "exclude", "field": "Status", "in": ["200"]}]',
        "REDACT": "token, e-mail,,",
        "STATE_LOCATION": "s3://state.example/",
        "METRICS_NAMESPACE": "Shop/Logs",
        "AWS_LAMBDA_FUNCTION_NAME": "shop-logs",
    }
    endpoints = (Endpoint("logs-a.example.com", 5044), Endpoint("logs-b.example.com", 5045))
    tls = TlsOptions(PEM, PEM * 2, "key", "logs.example.com")
    assert parse(ENVIRONMENT | variables) == Settings(
        target=Target(Protocol.LUMBERJACK_TLS, endpoints, tls, 3),
        secret=ARN,
        schema=Schema.ECS,
        static=STATIC,
        rules=(Rule("x", "exclude", (Clause("Status", (In(frozenset({"200"})),)),)),),
        redact=("token", "e-mail"),
        state=StateLocation("state.example", ""),
        namespace="Shop/Logs",
        function="shop-logs",
    )


OPTIONAL = (
    *("LOGSTASH_PROTOCOL", "LOGSTASH_SERVER_NAME", "LOGSTASH_CA", "LOGSTASH_CERTIFICATE"),
    *("LOGSTASH_PRIVATE_KEY", "LOGSTASH_SECRET", "LOGSTASH_COMPRESSION_LEVEL", "EVENT_SCHEMA"),
    *("FILTERS", "REDACT", "METRICS_NAMESPACE", "AWS_LAMBDA_FUNCTION_NAME"),
)


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_empty_variable_is_none(name: str) -> None:
    """CloudFormation can only leave a variable empty, not out."""
    assert parse(ENVIRONMENT | {name: ""}) == parse(ENVIRONMENT)


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
@pytest.mark.parametrize("missing", [True, False])
def test_a_missing_or_empty_variable_is_named(name: str, missing: bool) -> None:
    """An empty value is as bad as none."""
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}
    if not missing:
        environment[name] = ""
    with pytest.raises(SettingsError) as caught:
        parse(environment)
    assert str(caught.value) == f"{name} is missing or empty"


@pytest.mark.parametrize(
    "port", ["0", "65536", "05", "+5", "5_0", " 5", "\u0665", "beats", "5000\n"]
)
def test_a_port_is_a_plain_number_in_range(port: str) -> None:
    """What int() would take is not enough."""
    expected = f"LOGSTASH_PORT is {port!r}, expected a number from 1 to 65535"
    assert problem(LOGSTASH_PORT=port) == expected


@pytest.mark.parametrize(
    ("host", "endpoints"),
    [
        ("logs", [("logs", 5000)]),
        ("logs:5", [("logs", 5)]),
        ("2001:db8::1", [("2001:db8::1", 5000)]),
        ("[2001:db8::1]", [("2001:db8::1", 5000)]),
        ("[2001:db8::1]:5", [("2001:db8::1", 5)]),
        ("a, b:5 ,,[::1]:6,::2,", [("a", 5000), ("b", 5), ("::1", 6), ("::2", 5000)]),
    ],
)
def test_hosts_have_ports_of_their_own_or_the_common_one(
    host: str, endpoints: list[tuple[str, int]]
) -> None:
    """An IPv6 address stands in brackets where a port follows."""
    found = parse(ENVIRONMENT | {"LOGSTASH_HOST": host}).target.endpoints
    assert list(found) == [Endpoint(*each) for each in endpoints]


def test_hosts_with_ports_need_no_common_one() -> None:
    """Nobody has to write what is not used."""
    settings = parse(ENVIRONMENT | {"LOGSTASH_HOST": "a:1,b:2", "LOGSTASH_PORT": ""})
    assert settings.target.endpoints == (Endpoint("a", 1), Endpoint("b", 2))


def test_the_common_port_is_missed_once() -> None:
    """However many hosts need it."""
    said = problem(LOGSTASH_HOST="a,b:2,c", LOGSTASH_PORT="")
    assert said == "LOGSTASH_PORT is missing or empty"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        (" , ", "LOGSTASH_HOST is ' , ', expected a host, or several with commas between them"),
        (":5", "LOGSTASH_HOST: ':5' names no host"),
        ("logs:x", "LOGSTASH_HOST: the port of 'logs:x' is not a number from 1 to 65535"),
        ("logs:", "LOGSTASH_HOST: the port of 'logs:' is not a number from 1 to 65535"),
        ("[::1]:0", "LOGSTASH_HOST: the port of '[::1]:0' is not a number from 1 to 65535"),
        ("[logs]:5", "LOGSTASH_HOST: '[logs]:5' is neither host:port nor an IPv6 address"),
        ("[::1]5", "LOGSTASH_HOST: '[::1]5' is neither host:port nor an IPv6 address"),
        ("tls://logs:5", "LOGSTASH_HOST: 'tls://logs:5' is neither host:port nor an IPv6 address"),
        ("a:0,b,:5", "LOGSTASH_HOST: the port of 'a:0' is not a number from 1 to 65535; "
         "LOGSTASH_HOST: ':5' names no host"),
    ],
)  # fmt: skip
def test_a_host_that_cannot_be_one_is_quoted(host: str, said: str) -> None:
    """Each of several."""
    assert problem(LOGSTASH_HOST=host) == said


def test_an_endpoint_can_be_read_alone() -> None:
    """For commands that take one."""
    assert parse_endpoint("logs:5", None) == Endpoint("logs", 5)
    assert parse_endpoint("logs", None) is None


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LOGSTASH_PROTOCOL", "udp", "one of tcp, tls, lumberjack, lumberjack+tls"),
        ("EVENT_SCHEMA", "ECS", "one of original, ecs"),
        ("LOGSTASH_COMPRESSION_LEVEL", "10", "a number from 0 to 9"),
        ("LOGSTASH_COMPRESSION_LEVEL", "-1", "a number from 0 to 9"),
        ("STATE_LOCATION", "state/", "s3://bucket/ or s3://bucket/prefix/"),
        ("STATE_LOCATION", "s3://state", "s3://bucket/ or s3://bucket/prefix/"),
        ("STATE_LOCATION", "s3://state/prefix", "s3://bucket/ or s3://bucket/prefix/"),
        ("STATE_LOCATION", "s3://St/x/", "s3://bucket/ or s3://bucket/prefix/"),
    ],
)
def test_a_wrong_value_is_quoted_with_what_is_allowed(name: str, value: str, expected: str) -> None:
    """So that nobody has to look it up."""
    assert problem(**{name: value}) == f"{name} is {value!r}, expected {expected}"


def test_problems_of_filter_rules_are_all_named() -> None:
    """With the variable, the rule's place and the key."""
    rules = [{"action": "drop", "field": "Status", "in": ["200"]}, 5]
    assert problem(FILTERS=json.dumps(rules)) == (
        "FILTERS: filter rule 1: action is 'drop', expected 'include' or 'exclude'; "
        "filter rule 2 is 5, expected an object"
    )
    assert problem(FILTERS="[").startswith("FILTERS: filter rules are not JSON: ")


PEM_VARIABLES = ("LOGSTASH_CA", "LOGSTASH_CERTIFICATE", "LOGSTASH_PRIVATE_KEY")


@pytest.mark.parametrize("name", PEM_VARIABLES)
@pytest.mark.parametrize("value", ["MIIEvQhush", "MIIEvQhush" * 1000, "/missing/MIIEvQhush"])
def test_what_is_no_certificate_is_not_shown(name: str, value: str) -> None:
    """It may be a private key that lost its first line."""
    said = problem(**{name: value})
    assert said.startswith(f"{name} is neither PEM nor a file that can be read: ")
    assert "hush" not in said


def test_a_file_that_is_no_text_is_no_certificate(tmp_path: Path) -> None:
    """DER, or a folder."""
    file = tmp_path / "ca.der"
    file.write_bytes(b"\x30\x82\xff")
    beginning = "LOGSTASH_CA is neither PEM nor a file that can be read: "
    assert problem(LOGSTASH_CA=str(file)) == beginning + "it is not ASCII"
    assert problem(LOGSTASH_CA=str(tmp_path)).startswith(beginning)


def test_all_problems_are_reported_at_once() -> None:
    """Nobody corrects one variable to learn of the next."""
    said = problem(
        LOGSTASH_HOST="",
        LOGSTASH_PORT="x",
        LOGSTASH_PROTOCOL="udp",
        EVENT_TYPE="",
        EVENT_SCHEMA="x",
        FILTERS="5",
        STATE_LOCATION="x",
        LOGSTASH_COMPRESSION_LEVEL="x",
        LOGSTASH_CA="x",
    )
    assert said.split("; ") == [
        "LOGSTASH_HOST is missing or empty",
        "EVENT_TYPE is missing or empty",
        "LOGSTASH_PROTOCOL is 'udp', expected one of tcp, tls, lumberjack, lumberjack+tls",
        "LOGSTASH_PORT is 'x', expected a number from 1 to 65535",
        "LOGSTASH_CA is neither PEM nor a file that can be read: No such file or directory",
        "LOGSTASH_COMPRESSION_LEVEL is 'x', expected a number from 0 to 9",
        "EVENT_SCHEMA is 'x', expected one of original, ecs",
        "FILTERS: filter rules are 5, expected a list: [{…}, …]",
        "STATE_LOCATION is 'x', expected s3://bucket/ or s3://bucket/prefix/",
    ]
