"""What becomes of events that a function fails on: only where its role may send them, as in AWS.

MiniStack takes any destination.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

from ministack.services import lambda_svc

from infra.local.plugin.adaptation import adapted
from infra.local.plugin.calls import Handler, Properties
from infra.local.plugin.rights import role_may


def with_a_destination_of_its_role(original: Handler) -> Handler:
    """MiniStack's own handlers, which refuse a queue that the function's role may not send to."""
    return adapted(original, given=_allowed)


def _allowed(properties: Properties) -> Properties:
    failure = (properties.get("DestinationConfig") or {}).get("OnFailure") or {}
    queue = failure.get("Destination", "")
    function = lambda_svc._functions.get(lambda_svc._resolve_name(properties["FunctionName"]))
    if function is not None and ":sqs:" in queue:
        role = function["config"]["Role"]
        if not role_may(role, "sqs:SendMessage", queue):
            raise ValueError(
                "The function's execution role does not have permissions to call SendMessage on "
                f"{queue}"
            )
    return properties
