"""What an environment file may say, and how each mistake in one is reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from infra import config
from infra.errors import SettingsError
from infra.yaml_source import parse

SMALLEST = """\
name: dev
application: shop
region: eu-west-1
artifact_bucket: shop-artifacts
network: {cidr: 10.0.0.0/16, zones: 2, nat: none}
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
        'log_processor, name, network, region, tags (did you mean "name"?)',
        "shop.yaml:2: application: found 12; allowed: text; a number, yes or no that is meant as "
        "text stands in quotes",
        'shop.yaml:3: region: found "europe"; allowed: a region\'s name, such as eu-west-1 or '
        "us-east-1",
        'shop.yaml:6: network.cidr: found "10.20.0.1/16"; allowed: an IPv4 network from /16 to '
        "/25, such as 10.20.0.0/16 (10.20.0.1/16 has host bits set)",
        "shop.yaml:7: network.zones: found 4; allowed: 2 or 3",
        'shop.yaml:8: network.natt: unknown key, found "one"; allowed here: cidr, nat, zones '
        '(did you mean "nat"?)',
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
        "shop.yaml:5: network.zones: unknown key, found 2; allowed here: private_subnet_ids, "
        "vpc_id",
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
    ],
)
def test_what_deploying_would_refuse_is_refused_here(was: str, becomes: str, says: str) -> None:
    """Settings that were read are never refused again further down."""
    text = config.shipped()["dev"].read_text(encoding="utf-8")
    assert was in text
    (problem,) = problems_of(text.replace(was, becomes, 1))
    assert problem.partition(": ")[2] == says


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
    ],
)
def test_key_prefix_is_what_a_load_balancer_accepts(prefix: str, fits: bool) -> None:
    """Load balancers add AWSLogs themselves and refuse slashes at the ends."""
    dev = config.load("dev").log_processor
    assert dev is not None
    fields = dev.model_dump() | {"key_prefix": prefix}
    if fits:
        assert config.LogProcessor.model_validate(fields).key_prefix == prefix
    else:
        with pytest.raises(ValidationError):
            config.LogProcessor.model_validate(fields)


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
