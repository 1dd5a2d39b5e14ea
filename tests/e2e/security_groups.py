"""A function's security groups as rules of nftables, for the wire between it and everything else.

Pure. Security groups filter outside of the machine, drop without a word, and let answers through:
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-connection-tracking.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

from tests.policies.identities import Resource
from tests.policies.resolver import Concrete

Rule = Mapping[str, Any]

LINK_LOCAL_RESOLVER = "169.254.169.253"
_PROTOCOLS = {"6": "tcp", "17": "udp", "tcp": "tcp", "udp": "udp"}
_NAMED = (
    *("DestinationPrefixListId", "SourcePrefixListId"),
    *("DestinationSecurityGroupId", "SourceSecurityGroupId"),
)
_ANY = "-1"
_ALL = ({"IpProtocol": _ANY, "CidrIp": "0.0.0.0/0", "Description": "all, as nothing is listed"},)
"""What a group lets out that lists nothing.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
"""


def groups_of(function: Resource, stacks: Iterable[Concrete]) -> list[Resource]:
    """The groups that a function's network interfaces are in."""
    wanted = function.properties["VpcConfig"]["SecurityGroupIds"]
    groups = [each for stack in stacks for each in stack.of_type("AWS::EC2::SecurityGroup")]
    found = [group for group in groups if group.name in wanted]
    assert len(found) == len(wanted), f"{wanted} are not all in the templates"
    return found


def egress(groups: Iterable[Resource], stacks: Iterable[Concrete]) -> list[Rule]:
    """Whatever any of the groups lets out: their own rules, and those that others add."""
    own = [rule for group in groups for rule in group.properties.get("SecurityGroupEgress", _ALL)]
    return own + _added("AWS::EC2::SecurityGroupEgress", groups, stacks)


def ingress(groups: Iterable[Resource], stacks: Iterable[Concrete]) -> list[Rule]:
    """Whatever any of them lets in."""
    own = [rule for group in groups for rule in group.properties.get("SecurityGroupIngress", ())]
    return own + _added("AWS::EC2::SecurityGroupIngress", groups, stacks)


def _added(type_: str, groups: Iterable[Resource], stacks: Iterable[Concrete]) -> list[Rule]:
    names = {group.name for group in groups}
    rules = [each for stack in stacks for each in stack.of_type(type_)]
    return [each.properties for each in rules if each.properties["GroupId"] in names]


def ruleset(
    out: Sequence[Rule],
    into: Sequence[Rule],
    *,
    interface: str,
    networks: Mapping[str, str],
    vpc: IPv4Network,
) -> str:
    """The rules for the other end of the function's wire, which is `interface`.

    `networks` says which addresses stand for a prefix list or for the members of a group.
    """
    lines = (
        "table inet security_group {",
        "  chain out_of_the_function {",
        "    type filter hook prerouting priority filter; policy accept;",
        f'    iifname != "{interface}" accept',
        "    ct state established,related accept",
        f"    {_resolver(vpc)}",
        *(f"    {_accepted(rule, 'daddr', networks)}" for rule in out),
        "    drop",
        "  }",
        "  chain into_the_function {",
        "    type filter hook output priority filter; policy accept;",
        f'    oifname != "{interface}" accept',
        "    ct state established,related accept",
        *(f"    {_accepted(rule, 'saddr', networks)}" for rule in into),
        "    drop",
        "  }",
        "}",
    )
    return "\n".join(lines) + "\n"


def _resolver(vpc: IPv4Network) -> str:
    """Security groups do not filter what goes to the VPC's own resolver.

    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
    """
    resolvers = f"{vpc[2]}, {LINK_LOCAL_RESOLVER}"
    return f"ip daddr {{ {resolvers} }} meta l4proto {{ tcp, udp }} th dport 53 accept"


def _accepted(rule: Rule, side: str, networks: Mapping[str, str]) -> str:
    return " ".join((*_other_end(rule, side, networks), *_ports(rule), "accept"))


def _other_end(rule: Rule, side: str, networks: Mapping[str, str]) -> Iterator[str]:
    if "CidrIpv6" in rule:
        yield f"ip6 {side} {rule['CidrIpv6']}"
        return
    network = rule.get("CidrIp") or next(networks[rule[key]] for key in _NAMED if key in rule)
    yield f"ip {side} {network}"


def _ports(rule: Rule) -> Iterator[str]:
    protocol = str(rule["IpProtocol"])
    if protocol != _ANY:
        first, last = rule["FromPort"], rule["ToPort"]
        yield f"{_PROTOCOLS[protocol]} dport {first}-{last}"
