"""Events that announce objects, each as its source hands it to Lambda."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

from .s3 import LOGS

Event = dict[str, Any]

TOPIC = "arn:aws:sns:eu-west-1:123456789012:logs"
NOTHING_FAILED = {"batchItemFailures": list[object]()}


def s3(*keys: str, size: int = 5) -> Event:
    """Return S3's own notification, which encodes keys as forms are."""
    return {"Records": [_created(key, size) for key in keys]}


def sqs(*messages: Event) -> Event:
    """Return a batch of messages."""
    return {"Records": list(messages)}


def message(message_id: str, *keys: str, attempt: int = 1, size: int = 5) -> Event:
    """Return a message with S3's notification."""
    return _message(message_id, s3(*keys, size=size), attempt)


def sns(*keys: str) -> Event:
    """Return what SNS invokes a function with."""
    subscription = f"{TOPIC}:21be56ed-a058-49f5-8c98-aedd2564c486"
    record = {"EventVersion": "1.0", "EventSubscriptionArn": subscription, "EventSource": "aws:sns"}
    return {"Records": [record | {"Sns": _published(*keys)}]}


def sns_in_sqs(message_id: str, *keys: str) -> Event:
    """Return a batch whose one message is SNS's envelope."""
    return sqs(_message(message_id, _published(*keys), 1))


def eventbridge(key: str) -> Event:
    """Return an event of EventBridge, which encodes nothing."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2026-08-01T23:40:01Z",
        "region": "eu-west-1",
        "resources": [f"arn:aws:s3:::{LOGS}"],
        "detail": {
            "version": "0",
            "bucket": {"name": LOGS},
            "object": {"key": key, "size": 5, "etag": "b57f9512698f4b09e608f4f2a65852e5"},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "reason": "PutObject",
        },
    }


def _created(key: str, size: int) -> Event:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": "2026-08-01T23:40:01.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "logs",
            "bucket": {"name": LOGS, "arn": f"arn:aws:s3:::{LOGS}"},
            "object": {"key": quote_plus(key, safe="/"), "size": size, "sequencer": "0055AED6"},
        },
    }


def _message(message_id: str, body: Event, attempt: int) -> Event:
    return {
        "messageId": message_id,
        "receiptHandle": "AQEB",
        "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(attempt)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:logs",
        "awsRegion": "eu-west-1",
    }


def _published(*keys: str) -> Event:
    return {
        "Type": "Notification",
        "MessageId": "dc1e94d9-56c5-5e96-808d-cc7f68faa162",
        "TopicArn": TOPIC,
        "Subject": "Amazon S3 Notification",
        "Message": json.dumps(s3(*keys)),
        "Timestamp": "2026-08-01T23:40:01.000Z",
    }
