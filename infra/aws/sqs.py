"""SQS over boto3."""

from __future__ import annotations

from typing import Any

from infra.aws.refusal import refusals
from infra.aws.services import QueueCounts

_WAITING = "ApproximateNumberOfMessages"
_DELAYED = "ApproximateNumberOfMessagesDelayed"
_IN_FLIGHT = "ApproximateNumberOfMessagesNotVisible"


class BotoQueues:
    """Queues of one account and region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def counts(self, url: str) -> QueueCounts:
        """What the queue holds now."""
        names = [_WAITING, _DELAYED, _IN_FLIGHT]
        with refusals("GetQueueAttributes", f"queue {url}"):
            answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        counts = {name: int(answer["Attributes"].get(name, 0)) for name in names}
        return QueueCounts(
            waiting=counts[_WAITING] + counts[_DELAYED], in_flight=counts[_IN_FLIGHT]
        )
