"""Whether the network is as the servers in it need it: as it is now, whoever has made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from infra.aws.services import NetworkFacts, Networks
from infra.config import Environment, ExistingNetwork
from infra.deploy import public_network
from infra.deploy.checkup.check import Check, failed, not_checked, ok
from infra.deploy.deployed import Found
from infra.errors import AwsError
from infra.stacks import network
from infra.words import counted

_NAMES = "endpoints are not found by their names"
_SERVERS = "RDS makes no server with a public address"


@dataclass(frozen=True)
class _Ids:
    """What the network is made of."""

    vpc: str
    public: tuple[str, ...]
    private: tuple[str, ...]


def network_checks(
    environment: Environment, found: Sequence[Found], networks: Networks
) -> Iterator[Check]:
    """The checks of a network that has a database in it, or that somebody else has made."""
    if environment.database is None and not isinstance(environment.network, ExistingNetwork):
        yield not_checked("network", "it is the environment's own, and has no database in it")
        return
    ids = _ids(environment, found)
    if ids is None:
        yield not_checked("network", "its stack is not deployed, or tells nothing yet")
        return
    try:
        facts = networks.facts(ids.vpc, [*ids.public, *ids.private])
    except AwsError as error:
        yield not_checked("network", str(error))
        return
    yield from _judged("subnets", public_network.strangers(ids.vpc, facts), f"all in {ids.vpc}")
    if environment.database is not None:
        yield from _for_servers(ids, facts)
    else:
        yield from _without_servers(ids, facts)
    why = _NAMES if environment.database is None else _SERVERS
    names = public_network.without_names(ids.vpc, facts, why)
    yield from _judged("DNS", names, f"{ids.vpc} has DNS support and DNS host names")


def _ids(environment: Environment, found: Sequence[Found]) -> _Ids | None:
    """As the settings name them, or as our own stack tells them."""
    own = environment.network
    if isinstance(own, ExistingNetwork):
        return _Ids(own.vpc_id, own.public_subnet_ids or (), own.private_subnet_ids)
    for each in found:
        if each.stack.id == network.ID and each.deployed is not None:
            keys = ("VpcId", "PublicSubnetIds", "PrivateSubnetIds")
            vpc, public, private = (each.deployed.value(key) for key in keys)
            if vpc and public and private:
                return _Ids(vpc, tuple(public.split(",")), tuple(private.split(",")))
    return None


def _for_servers(ids: _Ids, facts: NetworkFacts) -> Iterator[Check]:
    public, private = _only(ids.public, facts), _only(ids.private, facts)
    yield from _ways_out(ids, public)
    for name, some in (("public", public), ("private", private)):
        if some.zones:
            yield from _judged(
                f"zones of {name} subnets", public_network.in_one_zone(some), _in(some)
            )


def _without_servers(ids: _Ids, facts: NetworkFacts) -> Iterator[Check]:
    """One zone is enough, and no more than that."""
    if ids.public:
        yield from _ways_out(ids, _only(ids.public, facts))
    some = _only(ids.private, facts)
    if some.zones:
        alone = len(set(some.zones.values())) == 1
        yield ok("zones of private subnets", _in(some) + (", with which all ends" if alone else ""))


def _ways_out(ids: _Ids, public: NetworkFacts) -> Iterator[Check]:
    if not ids.public:
        yield not_checked("public subnets", "network.public_subnet_ids names none")
        return
    there = counted(len(ids.public), "subnet")
    good = f"{there} with a route to an internet gateway"
    yield from _judged("public subnets", public_network.without_a_way_out(public), good)


def _only(subnet_ids: Iterable[str], facts: NetworkFacts) -> NetworkFacts:
    """What is known of these subnets."""
    wanted = frozenset(subnet_ids)
    return replace(
        facts,
        leads_to_internet={
            each: leads for each, leads in facts.leads_to_internet.items() if each in wanted
        },
        zones={each: zone for each, zone in facts.zones.items() if each in wanted},
    )


def _in(facts: NetworkFacts) -> str:
    return ", ".join(sorted(set(facts.zones.values())))


def _judged(name: str, problems: Iterable[str], good: str) -> Iterator[Check]:
    found = [failed(name, problem) for problem in problems]
    yield from found or [ok(name, good)]
