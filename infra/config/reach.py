"""What the log processor and the network need of each other: what neither can check alone."""

from __future__ import annotations

from collections.abc import Iterator

from infra.config.log_processor import LogProcessor
from infra.config.network import ExistingNetwork, NewNetwork
from infra.config.peering import Peering
from infra.config.prefix_lists import S3_PREFIX_LISTS, how_to_look_up
from infra.config.values import within

Network = NewNetwork | ExistingNetwork


def problems(
    settings: LogProcessor | None, network: Network | None, region: str | None
) -> Iterator[str]:
    """What has to be different, for each contradiction.

    Without a log processor the settings are None; a network or region that is not valid is, too.
    """
    if settings is None:
        yield from _idle_problems(network) if network is not None else ()
        return
    if region is not None:
        yield from _prefix_list_problems(settings, region)
        yield from _secret_region_problems(settings, region)
        yield from _private_link_problems(settings, region)
    if network is not None:
        yield from _secret_problems(settings, network)
        if network.peering is not None:
            yield from _peering_problems(settings, network.peering)


def _idle_problems(network: Network) -> Iterator[str]:
    """Of what only a log processor needs."""
    if network.peering is not None and network.peering.security_group_id is not None:
        yield (
            "settings of it with network.peering.security_group_id, which admits its function; "
            "leave that out for a peering alone"
        )
    if isinstance(network, ExistingNetwork) and network.secrets_manager_endpoint:
        yield "settings of it, with logstash.secret_arn, for network.secrets_manager_endpoint"


def _prefix_list_problems(settings: LogProcessor, region: str) -> Iterator[str]:
    if settings.s3_prefix_list_id is None and region not in S3_PREFIX_LISTS:
        yield (
            f"also s3_prefix_list_id, as the S3 prefix list of {region} is not among the known "
            f"ones; look it up with `{how_to_look_up(region)}`"
        )


def _secret_region_problems(settings: LogProcessor, region: str) -> Iterator[str]:
    arn = settings.logstash.secret_arn
    if arn is not None and arn.split(":")[3] != region:
        yield f"a logstash.secret_arn of the region {region}"


def _private_link_problems(settings: LogProcessor, region: str) -> Iterator[str]:
    link = settings.logstash.private_link
    if link is not None and link.service_name.split(".")[3] != region:
        yield f"a logstash.private_link.service_name of the region {region}"


def _secret_problems(settings: LogProcessor, network: Network) -> Iterator[str]:
    if isinstance(network, NewNetwork):
        return
    secret = settings.logstash.secret_arn
    if settings.function.tracing and network.cidr is None:
        yield "with function.tracing also network.cidr: there X-Ray's endpoint is"
    if secret is not None and network.cidr is None:
        yield "with logstash.secret_arn also network.cidr: there Secrets Manager's endpoint is"
    if secret is None and network.secrets_manager_endpoint:
        yield "a logstash.secret_arn with network.secrets_manager_endpoint, or neither"


def _peering_problems(settings: LogProcessor, peering: Peering) -> Iterator[str]:
    logstash = settings.logstash
    if logstash.cidr is not None and not within(logstash.cidr, peering.cidrs):
        yield (
            f"a logstash.cidr within network.peering.cidrs ({', '.join(peering.cidrs)}): only "
            "those are routed to the other VPC"
        )
    if logstash.private_link is not None and peering.security_group_id is not None:
        yield (
            "no network.peering.security_group_id with logstash.private_link: nothing of the "
            "function's arrives at that group then"
        )
