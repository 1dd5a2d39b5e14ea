"""What the charts ask for, in the words of the schema in use: fields, and queries in KQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.config import Schema
from infra.elk.ecs_types import ecs_types
from infra.elk.field_types import FieldType
from infra.elk.mapping import OF_LOGSTASH, REFUSED
from infra.elk.original_types import original_types

Fields = tuple[str, ...]
"""One field, or several whose values together are one."""


@dataclass(frozen=True)
class Vocabulary:
    """The names that a schema has for what the charts show."""

    types: Mapping[str, FieldType]
    """Of all its fields."""
    kind: str
    load_balancer: str
    status: str
    target_status: str
    url: Fields
    client: str
    target: Fields
    user_agent: str
    response_bytes: str
    target_group: str
    extra: str
    time_taken: str
    time_unit: str
    failed_check: str
    """The query for a health check that failed."""
    status_is_number: bool

    @property
    def requests(self) -> str:
        """The query for what is a request, and no connection or health check."""
        return f"{self.kind}: (alb or classic)"

    def status_class(self, hundreds: int) -> str:
        """The query for requests with a status of a class: 5 for server errors."""
        if self.status_is_number:
            low = 100 * hundreds
            return f"{self.status} >= {low} and {self.status} < {low + 100}"
        return f"{self.requests} and {self.status}: {hundreds}*"


def vocabulary(schema: Schema) -> Vocabulary:
    """The names in a schema."""
    return _original() if schema == "original" else _ecs()


def refused_types() -> Mapping[str, FieldType]:
    """The fields of what Elasticsearch refused: the same whatever the schema."""
    return REFUSED


def _original() -> Vocabulary:
    return Vocabulary(
        types={**OF_LOGSTASH, **original_types()},
        kind="LogKind",
        load_balancer="LoadBalancerName",
        status="Status",
        target_status="BackendStatus",
        url=("RequestUrl",),
        client="PublicIp",
        target=("InternalIpAndPort",),
        user_agent="UserAgent",
        response_bytes="BytesDownloadedByClient",
        target_group="TargetGroupId",
        extra="ExtraFields",
        time_taken="TimeTaken",
        time_unit="ms",
        failed_check="Status: FAIL",
        status_is_number=False,
    )


def _ecs() -> Vocabulary:
    return Vocabulary(
        types={**OF_LOGSTASH, **ecs_types()},
        kind="aws.elb.log_kind",
        load_balancer="aws.elb.name",
        status="http.response.status_code",
        target_status="aws.elb.backend.http.response.status_code",
        url=("url.domain", "url.path"),
        client="source.ip",
        target=("aws.elb.backend.ip", "aws.elb.backend.port"),
        user_agent="user_agent.original",
        response_bytes="http.response.body.bytes",
        target_group="aws.elb.target_group.name",
        extra="aws.elb.extra_fields",
        time_taken="aws.elb.backend_processing_time.sec",
        time_unit="s",
        failed_check="aws.elb.health_check.status: FAIL",
        status_is_number=True,
    )
