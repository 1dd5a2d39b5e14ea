"""Asynchronous invocations as Lambda makes them, where MiniStack's are different.

All attempts have the request id of the first one, by which the function finds its checkpoint. One
that is throttled was no attempt. What is given up is kept in the name of the function's role, with
what became of the last attempt. MiniStack's pauses stay: a second where Lambda waits a minute.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import contextvars
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ministack.core.arn import parse_arn
from ministack.services import eventbridge, lambda_svc

from infra.local.plugin.rights import role_may

_RETRIES, _AGE_SECONDS = 2, 21600
"""Lambda's own limits where the function has none."""

_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")


def invoke(function: dict[str, Any], event: Any) -> None:
    """Take an event of any source, and see it through in a thread of its own."""
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_see_through, function, event), daemon=True).start()


def under_one_id(original: Callable[..., Any]) -> Callable[..., Any]:
    """MiniStack's own invocation, with the request id of the event that is seen through."""

    def dispatch(
        function: Any, config: Any, event: Any, request_id: str, *rest: Any, **named: Any
    ) -> Any:
        chosen = _request_id.get() or request_id
        return original(function, config, event, chosen, *rest, **named)

    return dispatch


def _see_through(function: dict[str, Any], event: Any) -> None:
    _request_id.set(str(uuid4()))
    limits = _limits(function)
    retries = int(limits.get("MaximumRetryAttempts", _RETRIES))
    end = time.monotonic() + int(limits.get("MaximumEventAgeInSeconds", _AGE_SECONDS))
    attempts = 0
    while True:
        result = lambda_svc._execute_function_with_config_scope(function, event)
        attempts += not result.get("throttle")
        if not result.get("error"):
            return
        if attempts > retries:
            break
        pause = lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS * 2 ** max(attempts - 1, 0)
        if time.monotonic() + pause > end:
            break
        time.sleep(pause)
    condition = "RetriesExhausted" if attempts > retries else "EventAgeExceeded"
    _keep(function, _record(function, event, result, condition, attempts))


def _limits(function: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (
        function.get("event_invoke_config")
        or (function.get("event_invoke_configs") or {}).get("$LATEST")
        or {}
    )
    return found


def _record(
    function: dict[str, Any], event: Any, result: dict[str, Any], condition: str, attempts: int
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "version": "1.0",
        "timestamp": now.replace("+00:00", "Z"),
        "requestContext": {
            "requestId": _request_id.get(),
            "functionArn": f"{function['config']['FunctionArn']}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "responsePayload": result.get("body"),
    }


def _keep(function: dict[str, Any], record: dict[str, Any]) -> None:
    """Send the record to the queue that is to have it, if the role may; else it is lost."""
    destination = (_limits(function).get("DestinationConfig") or {}).get("OnFailure") or {}
    arn, config = destination.get("Destination", ""), function["config"]
    if not arn:
        return
    if not role_may(config["Role"], "sqs:SendMessage", arn):
        lambda_svc.logger.warning("%s may not send to %s", config["Role"], arn)
        return
    eventbridge._dispatch_to_sqs(parse_arn(arn), json.dumps(record))
