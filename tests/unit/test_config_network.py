"""The settings of the network around the function, and what they refuse together."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from infra import config
from infra.config.prefix_lists import S3_PREFIX_LISTS, s3_prefix_list_id
from infra.config.values import overlaps, within
from infra.errors import SettingsError
from infra.rules import PREFIX_LIST_ID
from infra.yaml_source import parse

DEV = config.shipped()["dev"].read_text(encoding="utf-8")
PEERING = """  peering:
    vpc_id: vpc-0a1b2c3d
    cidrs: [10.90.16.0/20]
    route_table_ids: [rtb-0a1b2c3d]
"""
LINK = "private_link: {service_name: com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d}"


def problem_of(text: str) -> str:
    """The one problem, without its place."""
    with pytest.raises(SettingsError) as refused:
        config.parse(parse(text, "shop.yaml"))
    (problem,) = refused.value.problems
    return problem.partition(": ")[2]


def dev(**replaced: str) -> str:
    """The example dev with `peering` in its network, or `logstash` lines in place of its own."""
    text = DEV
    if "network" in replaced:
        text = text.replace("\nlog_processor:", f"{replaced['network']}\nlog_processor:", 1)
    if "logstash" in replaced:
        begin, end = text.index("    host:"), text.index("  event:")
        text = text[:begin] + replaced["logstash"] + text[end:]
    return text


def existing(lines: str) -> str:
    """The example dev in a VPC that exists."""
    begin, end = DEV.index("  cidr: 10.20"), DEV.index("log_processor:")
    ids = "  vpc_id: vpc-0a1b2c3d\n  private_subnet_ids: [subnet-0a1b2c3d]\n"
    return DEV[:begin] + ids + lines + DEV[end:]


def in_region(region: str, text: str) -> str:
    return text.replace("region: eu-west-1", f"region: {region}", 1)


def test_known_prefix_lists_are_ids_of_regions() -> None:
    """The table holds nothing that a setting could not hold."""
    for region, known in S3_PREFIX_LISTS.items():
        settings = config.parse(parse(in_region(region, DEV), "shop.yaml")).log_processor
        assert settings is not None
        assert settings.s3_prefix_list_id is None
        assert PREFIX_LIST_ID.accepts(known)
        assert s3_prefix_list_id(None, region) == known


def test_a_given_prefix_list_stands_above_the_known_one() -> None:
    """The setting decides, in every region."""
    assert s3_prefix_list_id("pl-12345678", "eu-west-1") == "pl-12345678"


def test_a_region_whose_prefix_list_is_unknown_needs_the_setting() -> None:
    """An id is never guessed; the message has the command that shows it."""
    assert problem_of(in_region("eu-north-1", DEV)).partition("allowed: ")[2] == (
        "also s3_prefix_list_id, as the S3 prefix list of eu-north-1 is not among the known ones; "
        "look it up with `aws ec2 describe-managed-prefix-lists --region eu-north-1 --filters "
        "Name=prefix-list-name,Values=com.amazonaws.eu-north-1.s3 --query "
        "PrefixLists[].PrefixListId --output text`"
    )


def numbers(network: str) -> tuple[int, int]:
    """The first and the last address, worked out by hand."""
    address, _, bits = network.partition("/")
    first = int.from_bytes(bytes(int(part) for part in address.split(".")))
    return first, first + (1 << (32 - int(bits))) - 1


@st.composite
def networks(draw: st.DrawFn) -> str:
    """A network near others, so that many have addresses in common."""
    bits = draw(st.integers(8, 32))
    address = (10 << 24) + draw(st.integers(0, 1 << 14)) * 512
    return str(IPv4Network((address, bits), strict=False))


@given(networks(), networks())
def test_networks_overlap_exactly_if_an_address_is_in_both(one: str, other: str) -> None:
    """Worked out from first and last addresses, as AWS does."""
    (first, last), (begin, end) = numbers(one), numbers(other)
    assert bool(overlaps([one], [other])) == (first <= end and begin <= last)
    assert within(one, [other]) == (begin <= first and last <= end)


def peering(**changes: Any) -> config.Peering:
    data = {"vpc_id": "vpc-0a1b2c3d", "cidrs": ["10.0.0.0/16"], "route_table_ids": ["rtb-0a1b2c3d"]}
    return config.Peering.model_validate(data | changes)


@given(st.lists(networks(), min_size=1, max_size=5))
def test_networks_of_a_peer_that_have_an_address_in_common_are_refused(cidrs: list[str]) -> None:
    """A route table has one route to a network."""
    ranges = sorted(map(numbers, cidrs))
    apart = all(before[1] < after[0] for before, after in pairwise(ranges))
    try:
        assert peering(cidrs=cidrs).cidrs == tuple(cidrs)
        assert apart
    except ValidationError:
        assert not apart


@given(networks(), st.lists(networks(), min_size=1, max_size=3, unique=True))
def test_a_peer_with_an_address_of_ours_is_refused(ours: str, theirs: list[str]) -> None:
    """However the networks lie to each other: within, around or the same."""
    if overlaps(theirs, theirs) != [(one, one) for one in theirs]:
        return
    first, last = numbers(ours)
    shared = any(first <= end and begin <= last for begin, end in map(numbers, theirs))
    assert (peering(cidrs=theirs).apart_from(ours) is not None) == shared


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            dev(network=PEERING.replace("10.90.16.0/20", "10.20.128.0/20")),
            "cidrs apart from this VPC's 10.20.0.0/16, which 10.20.128.0/20 overlaps: AWS refuses "
            "to peer such VPCs. Give this network another cidr, or reach Logstash through "
            "logstash.private_link, which needs no addresses apart",
        ),
        (
            existing(f"  cidr: 10.20.0.0/16\n{PEERING}"),
            "with network.private_route_table_ids, which its routes need",
        ),
        (
            existing(PEERING),
            "with network.cidr and network.private_route_table_ids, which its routes need",
        ),
        (
            dev(network=PEERING.replace("10.90.16.0/20", "10.90.32.0/20")),
            "a logstash.cidr within network.peering.cidrs (10.90.32.0/20): only those are routed "
            "to the other VPC",
        ),
        (
            dev(network=PEERING.replace("10.90.16.0/20", "10.90.16.0/20, 10.90.0.0/16")),
            "networks that do not overlap, unlike 10.90.16.0/20 and 10.90.0.0/16",
        ),
        (
            dev(network=PEERING + '    account: "210987654321"\n'),
            "with account also own_account, the id of this account (`aws sts get-caller-identity "
            "--query Account`): the other one has to name it",
        ),
        (
            dev(network=PEERING + '    own_account: "210987654321"\n'),
            "only with account, the account of the other VPC",
        ),
        (
            dev(network=PEERING + '    account: "210987654321"\n    own_account: "210987654321"\n'),
            "another one than account; leave both out for a VPC of this account",
        ),
        (
            dev(
                network=PEERING
                + '    account: "210987654321"\n    own_account: "123456789012"\n'
                + "    accepter_role_arn: arn:aws:iam::123456789012:role/accepter\n"
            ),
            "a role of the account 210987654321",
        ),
        (
            dev(network=PEERING + "    accepter_role_arn: arn:aws:iam::123456789012:role/a\n"),
            "only with account, the account of the other VPC",
        ),
        (
            dev(network=PEERING + "    account: 210987654321\n"),
            "text; a number, yes or no that is meant as text stands in quotes",
        ),
        (
            existing("  cidr: 10.20.0.0/16\n  secrets_manager_endpoint: true\n"),
            "a logstash.secret_arn with network.secrets_manager_endpoint, or neither",
        ),
        (
            dev(logstash="    port: 5045\n    cidr: 10.90.16.0/24\n"),
            "its host name or IPv4 address, or private_link",
        ),
        (
            dev(logstash="    host: logstash.example.net\n    port: 5045\n"),
            "the IPv4 network of its addresses, or private_link",
        ),
        (
            dev(logstash=f"    {LINK}\n    port: 5045\n    cidr: 10.90.16.0/24\n"),
            "only without private_link: the endpoint is then the only way out",
        ),
        (
            dev(logstash=f"    {LINK.replace('}', ', private_dns: true}')}\n    port: 5045\n"),
            "with private_link.private_dns the service's private DNS name",
        ),
        (
            dev(logstash=f"    protocol: tls\n    {LINK}\n    port: 5045\n"),
            "with TLS to a private_link, and no host, also logstash.server_name, the name in "
            "Logstash's certificate (or a secret that has it): the endpoint's own name is made by "
            "AWS",
        ),
        (
            dev(logstash=f"    {LINK.replace('eu-west-1', 'eu-west-2')}\n    port: 5045\n"),
            "a logstash.private_link.service_name of the region eu-west-1",
        ),
        (
            dev(
                network=PEERING + "    security_group_id: sg-0a1b2c3d\n",
                logstash=f"    {LINK}\n    port: 5045\n",
            ),
            "no network.peering.security_group_id with logstash.private_link: nothing of the "
            "function's arrives at that group then",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(text: str, says: str) -> None:
    """When they are read, with the reason and the fix."""
    assert problem_of(text).partition("; allowed: ")[2] == says


WITHOUT_LOG_PROCESSOR = DEV[: DEV.index("log_processor:")]


def test_what_only_a_log_processor_needs_is_refused_without_one() -> None:
    """Otherwise a rule would be missing that somebody counts on."""
    text = WITHOUT_LOG_PROCESSOR + PEERING + "    security_group_id: sg-0a1b2c3d\n"
    assert problem_of(text) == (
        "log_processor: found null; allowed: settings of it with "
        "network.peering.security_group_id, which admits its function; leave that out for a "
        "peering alone"
    )
    assert config.parse(parse(WITHOUT_LOG_PROCESSOR + PEERING, "shop.yaml")).log_processor is None


@pytest.mark.parametrize(
    "lines",
    [
        f"    {LINK}\n    port: 5045\n",
        f"    {LINK}\n    host: logstash.example.net\n    port: 5045\n    protocol: tls\n",
        f"    {LINK}\n    server_name: logstash.example.net\n    port: 5045\n    protocol: tls\n",
    ],
)
def test_an_endpoint_service_takes_the_place_of_a_network(lines: str) -> None:
    """With TLS, whoever answers has to show a name that somebody knows."""
    settings = config.parse(parse(dev(logstash=lines), "shop.yaml")).log_processor
    assert settings is not None
    assert settings.logstash.cidr is None
    assert settings.logstash.private_link is not None
