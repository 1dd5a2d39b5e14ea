"""The network stack: a VPC of the environment's own, or handles to one that exists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import get_args

from awacs.aws import PolicyDocument
from troposphere import AWSHelperFn, GetAtt, Join, Ref

from infra import rules
from infra.blocks.flow_logs import Traffic, flow_logs
from infra.blocks.role import RoleOptions
from infra.blocks.s3_access import s3_access_policy
from infra.blocks.vpc import SLOTS, Vpc, vpc
from infra.config import (
    Environment,
    ExistingNetwork,
    FlowLogs,
    LogProcessor,
    NewNetwork,
    S3Access,
)
from infra.model import Stack, Value
from infra.stacks.draft import Draft, Given
from infra.stacks.log_buckets import log_buckets
from infra.stacks.roles import role_options

ID = "network"


@dataclass(frozen=True, kw_only=True)
class Network:
    """What other stacks need of a network, wherever it comes from."""

    vpc_id: Given
    private_subnet_ids: Given | Sequence[AWSHelperFn | str]
    """Separated by commas; or one by one, where they stand in the same template."""
    cidr: Given | None
    """The VPC's IPv4 network, where it is known."""
    private_route_table_ids: Value | None = None
    """Separated by commas, where they are known."""
    private_route_tables: int = 0
    """How many those are."""


def existing(settings: ExistingNetwork) -> Network:
    """The handles of a VPC that somebody else made: no stack."""
    return Network(
        vpc_id=settings.vpc_id,
        private_subnet_ids=",".join(settings.private_subnet_ids),
        cidr=settings.cidr,
        private_route_table_ids=",".join(settings.private_route_table_ids or ()) or None,
        private_route_tables=len(settings.private_route_table_ids or ()),
    )


def compose(environment: Environment, settings: NewNetwork) -> tuple[Stack, Network]:
    """The stack of a VPC of the environment's own, and its handles."""
    draft = Draft(ID, "VPC with public and private subnets, their routes and a way to S3")
    with draft.group("Network"):
        cidr = draft.text("VpcCidr", settings.cidr, rules.CIDR, "IPv4 network of the VPC")
        subnet_bits = draft.number(
            "SubnetBits",
            _subnet_bits(settings.cidr),
            f"Bits of the address that each subnet keeps; a VPC of /n has {SLOTS} subnets "
            f"of 32 - n - {SLOTS.bit_length() - 1}",
            minimum=4,
            maximum=16,
        )
    made = vpc(
        draft.template,
        cidr=cidr,
        subnet_bits=subnet_bits,
        zones=settings.zones,
        nat=settings.nat,
        s3_access=_s3_access(draft, environment.log_processor, settings.s3_access),
    )
    if settings.flow_logs is not None:
        _flow_logs(draft, settings.flow_logs, made, role_options(draft, environment.roles))
    handles = _outputs(draft, made)
    capabilities = ("CAPABILITY_IAM",) if settings.flow_logs is not None else ()
    return draft.finish(environment.name, capabilities=capabilities), handles


def _s3_access(
    draft: Draft, log_processor: LogProcessor | None, others: S3Access
) -> PolicyDocument:
    with draft.group("S3 endpoint"):
        return s3_access_policy(
            log_buckets=log_buckets(draft, log_processor).names if log_processor else (),
            readable=_buckets(draft, "ReadableBucket", others.readable, "Bucket that may be read"),
            writable=_buckets(
                draft, "WritableBucket", others.writable, "Bucket that this account may write to"
            ),
        )


def _buckets(draft: Draft, title: str, names: Iterable[str], description: str) -> list[Ref]:
    return [
        draft.text(
            f"{title}{number}",
            name,
            rules.BUCKET_PATTERN,
            f"{description} through the S3 endpoint; * stands for any characters",
        )
        for number, name in enumerate(names, 1)
    ]


def _flow_logs(draft: Draft, settings: FlowLogs, made: Vpc, roles: RoleOptions) -> None:
    with draft.group("Flow logs"):
        recorded = flow_logs(
            draft.template,
            "FlowLog",
            vpc_id=Ref(made.vpc),
            traffic=draft.choice(
                "FlowLogTraffic",
                settings.traffic,
                get_args(Traffic),
                "Which connections are recorded; another choice replaces the flow log, "
                "not its records",
            ),
            retention_days=draft.choice(
                "FlowLogRetentionDays",
                settings.retention_days,
                rules.LOG_RETENTION_DAYS,
                "Days that the records are kept",
            ),
            role_options=roles,
        )
    draft.output("FlowLogGroupName", Ref(recorded.log_group), "Log group of the VPC's connections")


def _outputs(draft: Draft, made: Vpc) -> Network:
    vpc_id = draft.output("VpcId", Ref(made.vpc), "The VPC")
    cidr = draft.output("VpcCidr", GetAtt(made.vpc, "CidrBlock"), "IPv4 network of the VPC")
    draft.output(
        "PublicSubnetIds",
        _joined(made.public_subnets),
        "Subnets that route to the internet gateway, separated by commas",
    )
    private_subnet_ids = draft.output(
        "PrivateSubnetIds",
        _joined(made.private_subnets),
        "Subnets that nothing outside can reach, separated by commas",
    )
    private_route_table_ids = draft.output(
        "PrivateRouteTableIds",
        _joined(made.private_route_tables),
        "Route tables of the private subnets, one a zone, separated by commas",
    )
    return Network(
        vpc_id=vpc_id,
        private_subnet_ids=private_subnet_ids,
        cidr=cidr,
        private_route_table_ids=private_route_table_ids,
        private_route_tables=len(made.private_route_tables),
    )


def _subnet_bits(cidr: str) -> int:
    return 32 - IPv4Network(cidr).prefixlen - (SLOTS.bit_length() - 1)


def _joined(resources: tuple[object, ...]) -> Join:
    return Join(",", [Ref(resource) for resource in resources])
