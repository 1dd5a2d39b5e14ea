"""CloudWatch Logs over boto3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.aws.refusal import refusals
from infra.aws.services import LogLine


class BotoLogs:
    """Log groups of one account and region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def lines(self, group: str, since: int = 0) -> Iterator[LogLine]:
        """The group's events from this time on (milliseconds), all streams in order of time."""
        request = {"logGroupName": group, "startTime": since}
        with refusals("FilterLogEvents", f"log group {group}"):
            for page in self._client.get_paginator("filter_log_events").paginate(**request):
                for event in page["events"]:
                    yield LogLine(_id(event), event["timestamp"], event["message"])


def _id(event: Mapping[str, Any]) -> str:
    """The event's own id; the local AWS gives none to what functions print."""
    place = f"{event.get('logStreamName')} {event['timestamp']} {event['message']}"
    return str(event.get("eventId") or place)
