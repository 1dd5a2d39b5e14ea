"""What an environment file may say, and how each mistake in one is reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from infra import config, rules
from infra.errors import SettingsError
from infra.yaml_source import parse

SMALLEST = """\
name: dev
application: shop
region: eu-west-1
artifact_bucket: shop-artifacts
network: {cidr: 10.0.0.0/16, zones: 2, nat: none}
"""

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBgTCCASegAwIBAgIUAccjU0k+QrMsK6tUTpZ9bkwBtgEwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKRXhhbXBsZSBDQTAgFw0yNjExMjIyMDUxNTJaGA8yMTI2MTAy
OTIwNTE1MlowFTETMBEGA1UEAwwKRXhhbXBsZSBDQTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABNvYqlwjRFw2A1Fd5Te+GAMUoCqCRg4dRmrWyiB4fie+nyV8ZOY0
1voTNAGysCQcIqBHCGAF4wah/8uNPoStLeOjUzBRMB0GA1UdDgQWBBRbN/YGR68F
2zP41ryzqisBbn/n/jAfBgNVHSMEGDAWgBRbN/YGR68F2zP41ryzqisBbn/n/jAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCO2rVCYKrrnW6wXOv1
5GrdtO3vguE9t4cWVjs5yVZN+gIgTSuZcGVvuED2hLwjXQeW3Viw2KAfGdBfruVB
pCkspL4=
-----END CERTIFICATE-----
"""

WRONG_IN_MANY_WAYS = """\
nam: dev
application: 12
region: europe
artifact_bucket: shop-artifacts
network:
  cidr: 10.20.0.1/16
  zones: 4
  natt: one
  nat: per_zone
log_processor:
  bucket_name_prefix: shop-lb-logs
  log_expiry_days: "14"
  s3_prefix_list_id: pl-6da54004
  logstash:
    host: https://logstash
    port: 70000
    cidr: 0.0.0.0/0
  event: load-balancer
  function: {log_retention_days: 8}
"""


def problems_of(text: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        config.parse(parse(text, "shop.yaml"))
    return list(refused.value.problems)


KEYS_OF_THE_LOG_PROCESSOR = ", ".join(
    sorted(field.alias or name for name, field in config.LogProcessor.model_fields.items())
)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_shipped_examples_are_valid(name: str) -> None:
    """Every environment that comes with the package can be used as it is."""
    assert config.load(name).name == name


def test_smallest_environment_needs_a_name_a_region_and_a_network() -> None:
    """What is optional may be left out altogether."""
    environment = config.parse(parse(SMALLEST, "shop.yaml"))
    assert environment == config.Environment(
        name="dev",
        application="shop",
        region="eu-west-1",
        artifact_bucket="shop-artifacts",
        network=config.NewNetwork(cidr="10.0.0.0/16", zones=2, nat="none"),
    )


def test_settings_cannot_be_changed_once_read() -> None:
    """Nobody further down can alter what was checked."""
    with pytest.raises(ValidationError, match="frozen"):
        config.load("dev").name = "prod"


def test_every_problem_is_reported_at_once_with_place_value_and_what_is_allowed() -> None:
    """A file with many mistakes needs one run to see them all."""
    assert problems_of(WRONG_IN_MANY_WAYS) == [
        "shop.yaml:1: name: is missing; allowed: the environment's name; its stacks' names begin "
        "with it",
        'shop.yaml:1: nam: unknown key, found "dev"; allowed here: application, artifact_bucket, '
        'log_processor, name, network, region, roles, tags (did you mean "name"?)',
        "shop.yaml:2: application: found 12; allowed: text; a number, yes or no that is meant as "
        "text stands in quotes",
        'shop.yaml:3: region: found "europe"; allowed: a region\'s name, such as eu-west-1 or '
        "us-east-1",
        'shop.yaml:6: network.cidr: found "10.20.0.1/16"; allowed: an IPv4 network from /16 to '
        "/25, such as 10.20.0.0/16 (10.20.0.1/16 has host bits set)",
        "shop.yaml:7: network.zones: found 4; allowed: 2 or 3",
        'shop.yaml:8: network.natt: unknown key, found "one"; allowed here: cidr, '
        'flow_logs, nat, peering, s3_access, zones (did you mean "nat"?)',
        "shop.yaml:9: network.nat: found \"per_zone\"; allowed: 'none', 'one' or 'per-zone' "
        '(did you mean "per-zone"?)',
        'shop.yaml:12: log_processor.log_expiry_days: found "14"; allowed: a whole number',
        'shop.yaml:15: log_processor.logstash.host: found "https://logstash"; allowed: a host '
        "name or an IPv4 address, without scheme or port, such as logstash.example.net",
        "shop.yaml:16: log_processor.logstash.port: found 70000; allowed: 65535 or less",
        'shop.yaml:17: log_processor.logstash.cidr: found "0.0.0.0/0"; allowed: an IPv4 network '
        "from /8 to /32, such as 10.90.16.0/24",
        'shop.yaml:18: log_processor.event: found "load-balancer"; allowed: a group of settings '
        "(key: value, one a line)",
        "shop.yaml:19: log_processor.function.log_retention_days: found 8; allowed: one of "
        "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, "
        "2922, 3288, 3653",
    ]


def test_an_existing_network_is_told_by_its_ids() -> None:
    """A network with ids is somebody else's VPC, and its mistakes are named as such."""
    text = SMALLEST.replace(
        "{cidr: 10.0.0.0/16, zones: 2, nat: none}",
        "{vpc_id: vpc-1, private_subnet_ids: [subnet-0a1b2c3d, net-2], zones: 2}",
    )
    assert problems_of(text) == [
        'shop.yaml:5: network.vpc_id: found "vpc-1"; allowed: a VPC\'s id, such as '
        "vpc-0a1b2c3d4e5f60718",
        'shop.yaml:5: network.private_subnet_ids[1]: found "net-2"; allowed: a subnet\'s id, such '
        "as subnet-0a1b2c3d4e5f60718",
        "shop.yaml:5: network.zones: unknown key, found 2; allowed here: cidr, "
        "peering, private_route_table_ids, private_subnet_ids, secrets_manager_endpoint, vpc_id",
    ]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("[1, 2]", "network: found [1, 2]; allowed: a group of settings (key: value, one a line)"),
        ("", "network: found null; allowed: a group of settings (key: value, one a line)"),
        ("here", 'network: found "here"; allowed: a group of settings (key: value, one a line)'),
    ],
)
def test_a_group_that_is_none_is_one_problem(value: str, says: str) -> None:
    """A value in the place of a group is named as the value that it is."""
    text = SMALLEST.replace("{cidr: 10.0.0.0/16, zones: 2, nat: none}", value)
    assert problems_of(text) == [f"shop.yaml:5: {says}"]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just text\n", "12\n"])
def test_a_file_that_is_no_group_of_settings_is_refused_without_a_traceback(text: str) -> None:
    """Whatever YAML a file holds, the answer is a problem with its place."""
    assert all(problem.startswith("shop.yaml:1: ") for problem in problems_of(text))


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        (
            "host: logstash.dev.example.net",
            "host: 10.1.1.1",
            'log_processor.logstash.cidr: found "10.90.16.0/24"; allowed: a network that holds '
            "the host, such as 10.1.1.1/32",
        ),
        (
            "host: logstash.dev.example.net",
            "host: 10.1.1.999",
            'log_processor.logstash.host: found "10.1.1.999"; allowed: a host name or an IPv4 '
            "address, without scheme or port, such as logstash.example.net",
        ),
        (
            "  Environment: dev",
            "  aws:name: dev",
            'tags.aws:name: found "aws:name"; allowed: a tag\'s key: 1 to 128 letters, digits, '
            "spaces and _ . : / = + - @, not beginning with aws:",
        ),
        (
            "region: eu-west-1",
            "region: eu-west-\u0661",
            'region: found "eu-west-\u0661"; allowed: a region\'s name, such as eu-west-1 or '
            "us-east-1",
        ),
        (
            "application: shop",
            'application: "a\\u2028b"',
            'application: found "a\u2028b"; allowed: text of 1 to 128 characters without control '
            "characters and without a space at either end",
        ),
        (
            "host: logstash.dev.example.net",
            "host: [a.example.net, a.example.net]",
            'log_processor.logstash.host: found ["a.example.net", "a.example.net"]; allowed: each '
            "host once",
        ),
        (
            "host: logstash.dev.example.net",
            "host: [10.90.16.7, 10.1.1.1]",
            'log_processor.logstash.cidr: found "10.90.16.0/24"; allowed: a network that holds '
            "the host, such as 10.1.1.1/32",
        ),
        (
            "port: 5045",
            "port: 5045\n    server_name: logstash.example.net",
            'log_processor.logstash.server_name: found "logstash.example.net"; allowed: only with '
            "the protocol tls or lumberjack+tls",
        ),
        (
            "port: 5045",
            "port: 5045\n    protocol: tls\n    compression_level: 3",
            "log_processor.logstash.compression_level: found 3; allowed: only with the protocol "
            "lumberjack or lumberjack+tls",
        ),
        (
            "port: 5045",
            "port: 5045\n    protocol: tls\n    ca: /etc/ssl/ca.pem",
            'log_processor.logstash.ca: found "/etc/ssl/ca.pem"; allowed: certificates in PEM, '
            "from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, and nothing else",
        ),
        (
            "port: 5045",
            "port: 5045\n    protocol: tls\n    secret_arn: "
            "arn:aws:secretsmanager:eu-west-2:123456789012:secret:logstash-AbCdEf",
            'log_processor: found {"bucket_name_prefix": "shop-dev-lb-logs", "log_expiry_da...; '
            "allowed: a logstash.secret_arn of the region eu-west-1",
        ),
        (
            "port: 5045",
            "port: 5045\n    protocol: tls\n    secret_arn: "
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*",
            'log_processor.logstash.secret_arn: found "arn:aws:secretsmanager:eu-west-1:1234567890'
            '12:secret:*"; allowed: the whole ARN of a secret, with the six characters that '
            "Secrets Manager appends to its name",
        ),
        (
            "log_expiry_days: 14",
            "log_expiry_days: 14\n  schema: ECS",
            "log_processor.schema: found \"ECS\"; allowed: 'original' or 'ecs' (did you mean "
            '"ecs"?)',
        ),
        (
            "log_expiry_days: 14",
            "log_expiry_days: 14\n  event_schema: ecs",
            'log_processor.event_schema: unknown key, found "ecs"; allowed here: '
            f'{KEYS_OF_THE_LOG_PROCESSOR} (did you mean "schema"?)',
        ),
        (
            "log_expiry_days: 14",
            "log_expiry_days: 14\n  redact: ['a,b']",
            'log_processor.redact[0]: found "a,b"; allowed: the name of a query parameter: 1 to 64 '
            "ASCII characters, none of them a space or , & ; # = ?",
        ),
        (
            "log_expiry_days: 14",
            "log_expiry_days: 14\n  metrics_namespace: AWS/Shop",
            'log_processor.metrics_namespace: found "AWS/Shop"; allowed: a CloudWatch namespace: '
            "1 to 255 letters, digits and . _ / # -, not beginning with AWS/",
        ),
        (
            "log_expiry_days: 14",
            "log_expiry_days: 14\n  key_prefix: state/elb",
            'log_processor.key_prefix: found "state/elb"; allowed: empty, or folders such as '
            "team/shop: no slash at either end, without AWSLogs, which load balancers add "
            "themselves, and not below state, where the function keeps its own objects",
        ),
    ],
)
def test_what_deploying_would_refuse_is_refused_here(was: str, becomes: str, says: str) -> None:
    """Settings that were read are never refused again further down."""
    text = config.shipped()["dev"].read_text(encoding="utf-8")
    assert was in text
    (problem,) = problems_of(text.replace(was, becomes, 1))
    assert problem.partition(": ")[2] == says


def dev_with(lines: str) -> str:
    """The example `dev` with further lines in its log processor's settings."""
    text = config.shipped()["dev"].read_text(encoding="utf-8")
    return text.replace("log_processor:\n", f"log_processor:\n{lines}", 1)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            "{action: drop, field: Status, in: ['200']}",
            '[0]: found {"action": "drop", "field": "Status", "in": ["200"]}; allowed: a '
            "rule as the function takes it (action is 'drop', expected 'include' or 'exclude')",
        ),
        (
            "{action: include, field: UserAgnt, in: ['200']}",
            '[0]: found {"action": "include", "field": "UserAgnt", "in": ["200"]}; allowed: '
            "a rule as the function takes it (field is 'UserAgnt', expected a field of a log (did "
            "you mean 'UserAgent'?))",
        ),
        (
            "{action: include, field: Status, in: [200]}",
            '[0]: found {"action": "include", "field": "Status", "in": [200]}; allowed: a '
            "rule as the function takes it (in has 200, expected text: put it in quotes)",
        ),
        (
            "{action: include, field: Status, in: [2026-01-01]}",
            '[0]: found {"action": "include", "field": "Status", "in": ["2026-01-...; '
            "allowed: a rule as the function takes it (Object of type date is not JSON "
            "serializable; put text in quotes)",
        ),
        (
            "{name: a, action: include, field: Status, in: ['1']}, "
            "{name: a, action: include, field: Status, in: ['2']}",
            ': found [{"name": "a", "action": "include", "field": "Status", "i...; '
            "allowed: a list as the function takes it (filter rules: 2 have the name 'a')",
        ),
        ("yes", "[0]: found true; allowed: a group of settings (key: value, one a line)"),
    ],
)
def test_a_filter_that_the_function_would_refuse_is_refused_here(rule: str, says: str) -> None:
    """The function's own reading decides; the key path says which rule is meant."""
    assert problems_of(dev_with(f"  filters: [{rule}]\n")) == [
        f"shop.yaml:19: log_processor.filters{says}"
    ]


def test_what_does_not_fit_into_the_functions_environment_is_refused() -> None:
    """Lambda takes 4 KB of variables; the message says how much there is, and of what."""
    texts = ", ".join(f"'{number:04}'" for number in range(400))
    (problem,) = problems_of(
        dev_with(f"  filters: [{{action: include, field: Status, in: [{texts}]}}]\n")
    )
    place, _, allowed = problem.partition("; allowed: ")
    assert place.startswith('shop.yaml:18: log_processor: found {"filters": ')
    assert allowed == (
        "settings that fit into Lambda's 4,096 bytes of environment variables; these take 4,146, "
        "the most of them FILTERS and STATE_LOCATION: shorten filters, or keep the CA in a secret "
        "(logstash.secret_arn)"
    )


def test_a_secret_in_an_existing_network_needs_to_know_where_its_endpoint_is() -> None:
    """The function may reach nothing that nobody has named."""
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-AbCdEf"
    text = config.shipped()["dev"].read_text(encoding="utf-8")
    begin, end = text.index("  cidr: 10.20"), text.index("log_processor:")
    existing = "  vpc_id: vpc-0a1b2c3d\n  private_subnet_ids: [subnet-0a1b2c3d]\n"
    tls = text[end:].replace(
        "port: 5045", f"port: 5045\n    protocol: tls\n    secret_arn: {secret}"
    )
    (problem,) = problems_of(text[:begin] + existing + tls)
    assert problem.endswith(
        "; allowed: with logstash.secret_arn also network.cidr: there Secrets Manager's endpoint is"
    )
    known = existing + "  cidr: 10.20.0.0/16\n"
    environment = config.parse(parse(text[:begin] + known + tls, "shop.yaml"))
    assert environment.log_processor is not None
    assert environment.log_processor.logstash.secret_arn == secret


@pytest.mark.parametrize("hosts", ["a.example.net", "[a.example.net]"])
def test_one_host_may_stand_alone(hosts: str) -> None:
    """A list of one and the one are the same."""
    text = config.shipped()["dev"].read_text(encoding="utf-8")
    settings = config.parse(
        parse(text.replace("logstash.dev.example.net", hosts), "shop.yaml")
    ).log_processor
    assert settings is not None
    assert settings.logstash.host == ("a.example.net",)


def test_certificates_are_read_before_anything_is_deployed() -> None:
    """What only looks like one is refused; a good one stays as it is."""
    (good, *_), broken = (CERTIFICATE,), CERTIFICATE.replace("MII", "AAA")
    logstash = {"protocol": "tls", "host": "a", "port": 1, "cidr": "10.0.0.0/8"}
    assert config.Logstash.model_validate(logstash | {"ca": good}).ca == good
    with pytest.raises(ValidationError, match="certificates in PEM"):
        config.Logstash.model_validate(logstash | {"ca": broken})


def test_a_value_of_any_size_is_shown_in_a_few_words() -> None:
    """Aliases can make a value larger than the machine."""
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 11)]
    problems = problems_of("\n".join([SMALLEST, "a0: &a0 x", *levels]))
    assert len(problems) == 11
    assert all(len(problem) < 250 for problem in problems)


def test_subnets_are_named_once() -> None:
    """A list with a repetition is a mistake of copying."""
    text = SMALLEST.replace(
        "{cidr: 10.0.0.0/16, zones: 2, nat: none}",
        "{vpc_id: vpc-0a1b2c3d, private_subnet_ids: [subnet-0a1b2c3d, subnet-0a1b2c3d]}",
    )
    (problem,) = problems_of(text)
    assert problem.endswith("; allowed: each subnet once")


@pytest.mark.parametrize(
    ("prefix", "fits"),
    [
        ("", True),
        ("team/shop", True),
        ("AWSLogs", False),
        ("a/AWSLogs/b", False),
        ("/a", False),
        ("a/", False),
        ("a//b", False),
        ("myAWSLogs", False),
        ("*", False),
        ("state", False),
        ("state/elb", False),
        ("states", True),
        ("elb/state", True),
    ],
)
def test_key_prefix_is_what_a_load_balancer_accepts(prefix: str, fits: bool) -> None:
    """Load balancers add AWSLogs themselves and refuse slashes at the ends."""
    dev = config.load("dev").log_processor
    assert dev is not None
    fields = dev.model_dump(by_alias=True) | {"key_prefix": prefix}
    if fits:
        assert config.LogProcessor.model_validate(fields).key_prefix == prefix
    else:
        with pytest.raises(ValidationError):
            config.LogProcessor.model_validate(fields)


@pytest.mark.parametrize(
    ("name", "fits"),
    [("X-Amz-Signature", True), ("user[email]", True), ("a.b:c/d+e-f~", True), ("%65mail", True)]
    + [(f"a{each}b", False) for each in " ,&;#=?\x7f\u00e9\u2003"],
)
def test_a_query_parameters_name_is_what_stands_between_separators(name: str, fits: bool) -> None:
    """What could not be told from its neighbours in a URL, or in the list, is refused."""
    assert rules.QUERY_PARAMETER.accepts(name) is fits


def test_an_unknown_environment_names_the_nearest_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped name of a shipped example is answered with the right one."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as refused:
        config.load("pord")
    assert str(refused.value) == (
        'environment "pord": neither a shipped example (dev, prod) nor a file here '
        '(did you mean "prod"?); give one of these names or the path of a YAML file'
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [("missing.yaml", "No such file or directory"), ("folder.yaml", "Is a directory")],
)
def test_a_file_that_cannot_be_read_says_why(name: str, says: str, tmp_path: Path) -> None:
    """A path is never taken for a traceback."""
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(SettingsError) as refused:
        config.load(str(tmp_path / name))
    assert str(refused.value) == f"{tmp_path / name}: cannot be read: {says}"
