"""A security group's rules as nftables has them: what AWS lets through, and nothing besides."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest

from tests.policies.identities import Place, Resource
from tests.policies.resolver import Concrete

from .security_groups import egress, groups_of, ingress, ruleset

GROUP = "AWS::EC2::SecurityGroup"


def resource(type_: str, title: str, **properties: Any) -> Resource:
    return Resource("dev", title, type_, properties, Place())


def stack(*resources: Resource) -> Concrete:
    return Concrete("dev", {each.title: each for each in resources}, {})


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (
            {"IpProtocol": "tcp", "FromPort": 5044, "ToPort": 5044, "CidrIp": "10.90.16.0/24"},
            "ip daddr 10.90.16.0/24 tcp dport 5044-5044 accept",
        ),
        (
            {"IpProtocol": "17", "FromPort": "1", "ToPort": "9", "CidrIp": "10.0.0.0/8"},
            "ip daddr 10.0.0.0/8 udp dport 1-9 accept",
        ),
        (
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "DestinationPrefixListId": "pl-1",
            },
            "ip daddr 198.51.100.0/24 tcp dport 443-443 accept",
        ),
        (
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "DestinationSecurityGroupId": "sg-1",
            },
            "ip daddr 10.20.64.5 tcp dport 443-443 accept",
        ),
        ({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}, "ip daddr 0.0.0.0/0 accept"),
        ({"IpProtocol": "-1", "CidrIpv6": "::/0"}, "ip6 daddr ::/0 accept"),
    ],
)
def test_each_rule_is_one_that_accepts_and_the_rest_is_dropped(
    rule: dict[str, Any], line: str
) -> None:
    """Answers and the VPC's resolver pass as well; what comes in is dropped."""
    networks = {"pl-1": "198.51.100.0/24", "sg-1": "10.20.64.5"}
    text = ruleset([rule], [], interface="f", networks=networks, vpc=IPv4Network("10.20.0.0/16"))
    assert [each.strip() for each in text.splitlines() if each.startswith("    ")] == [
        "type filter hook prerouting priority filter; policy accept;",
        'iifname != "f" accept',
        "ct state established,related accept",
        "ip daddr { 10.20.0.2, 169.254.169.253 } meta l4proto { tcp, udp } th dport 53 accept",
        line,
        "drop",
        "type filter hook output priority filter; policy accept;",
        'oifname != "f" accept',
        "ct state established,related accept",
        "drop",
    ]


def test_a_group_that_lists_no_egress_lets_everything_out() -> None:
    """The rule that is there by default stays; another one does not take it back."""
    group = resource(GROUP, "Group")
    other = resource(
        "AWS::EC2::SecurityGroupEgress", "More", GroupId=group.name, IpProtocol="tcp", CidrIp="10/8"
    )
    found = egress([group], [stack(group, other)])
    assert [(rule["IpProtocol"], rule["CidrIp"]) for rule in found] == [
        ("-1", "0.0.0.0/0"),
        ("tcp", "10/8"),
    ]


def test_only_the_functions_own_groups_count() -> None:
    """Rules that others add to them count too, those of other groups do not."""
    ours, theirs = (resource(GROUP, title, SecurityGroupEgress=[]) for title in ("Ours", "Theirs"))
    opened = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8"}
    added = resource("AWS::EC2::SecurityGroupIngress", "Added", GroupId=ours.name, **opened)
    others = resource("AWS::EC2::SecurityGroupIngress", "Others", GroupId=theirs.name, **opened)
    function = resource(
        "AWS::Lambda::Function", "Function", VpcConfig={"SecurityGroupIds": [ours.ref]}
    )
    stacks = [stack(ours, theirs, added, others, function)]
    groups = groups_of(function, stacks)
    assert groups == [ours]
    assert egress(groups, stacks) == []
    assert ingress(groups, stacks) == [added.properties]
