"""S3 and EventBridge invoke a function only where its policy lets them, which MiniStack never asks.

S3 already refuses a notification to a function that it may not invoke. EventBridge invokes
asynchronously, and hands what it cannot deliver to the target's dead-letter queue; MiniStack makes
one attempt and forgets what failed.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id
from ministack.services import eventbridge, lambda_svc, s3, sqs

from infra.local.plugin.rights import may_invoke

_S3, _EVENTBRIDGE = "s3.amazonaws.com", "events.amazonaws.com"
_REFUSAL = "Unable to validate the following destination configurations"

Config = Mapping[str, Any]


def validated(original: Callable[..., Any]) -> Callable[..., Any]:
    """MiniStack's own validation of a bucket's notifications, and S3's of the functions in it."""

    def validate(
        configs: Sequence[Config], region: str, bucket: str = "", skip: bool = False
    ) -> Any:
        refused = original(configs, region, bucket, skip)
        if refused or skip:
            return refused
        functions = [config["arn"] for config in configs if config["type"] == "lambda"]
        if all(_bucket_may_invoke(bucket, arn) for arn in functions):
            return None
        return s3._invalid_notification_config(_REFUSAL)

    return validate


def from_bucket(original: Callable[..., None]) -> Callable[..., None]:
    """MiniStack's own delivery to a function, if the function's policy admits the bucket."""

    def deliver(arn: str, payload: Any, region: str) -> None:
        bucket = payload["Records"][0]["s3"]["bucket"]["name"]
        if _bucket_may_invoke(bucket, arn):
            original(arn, payload, region)

    return deliver


def _bucket_may_invoke(bucket: str, function_arn: str) -> bool:
    owner = s3._bucket_owner_account(bucket) or get_account_id()
    source = f"arn:aws:s3:::{bucket}"
    return may_invoke(_S3, function_arn, source_arn=source, source_account=owner)


def from_rule(original: Callable[..., None]) -> Callable[..., None]:
    """MiniStack's own delivery to a target, if it is no function that admits not the rule."""

    def deliver(target: Config, event: Any, rule: Config, view: Any = None) -> None:
        if ":lambda:" not in target["Arn"] or _rule_may_invoke(rule, target["Arn"]):
            original(target, event, rule, view)
        else:
            _give_up(target, rule, view or eventbridge._pattern_event_view(event))

    return deliver


def _rule_may_invoke(rule: Config, function_arn: str) -> bool:
    source, account = rule["Arn"], get_account_id()
    return may_invoke(_EVENTBRIDGE, function_arn, source_arn=source, source_account=account)


def _give_up(target: Config, rule: Config, view: Any) -> None:
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if queue and sqs.queue_policy_allows(queue, _EVENTBRIDGE, rule["Arn"], get_account_id()):
        eventbridge._dispatch_to_sqs(parse_arn(queue), json.dumps(view.event_with_detail()))


def asynchronously(arn: str, payload: str) -> None:
    """Hand an event over as EventBridge does: Lambda repeats it and keeps it when it fails."""
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if function and config:
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))
