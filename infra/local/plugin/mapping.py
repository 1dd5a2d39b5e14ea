"""Event source mappings whose numbers come from parameters, which MiniStack leaves as text.

It compares `MaximumConcurrency` with a number while it polls: given text, every poll of every
queue fails, and nothing says so but its log. And it reads a queue whatever the function's role may
do, where Lambda refuses the mapping.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

from __future__ import annotations

from ministack.core.arn import parse_arn
from ministack.services import lambda_svc

from infra.local.plugin.adaptation import adapted
from infra.local.plugin.calls import Handler, Properties
from infra.local.plugin.rights import role_may

_READING = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")


def as_lambda_takes_it(original: Handler) -> Handler:
    """MiniStack's own handlers, given numbers as numbers, and a queue that the role may read."""
    return adapted(original, given=lambda properties: _numbered(_readable(properties)))


def _readable(properties: Properties) -> Properties:
    queue, name = properties["EventSourceArn"], lambda_svc._resolve_name(properties["FunctionName"])
    function = lambda_svc._functions.get(name)
    if function is not None and parse_arn(queue).service == "sqs":
        for action in _READING:
            if not role_may(function["config"]["Role"], f"sqs:{action}", queue):
                raise ValueError(
                    f"The provided execution role does not have permissions to call {action} on SQS"
                )
    return properties


def _numbered(properties: Properties) -> Properties:
    scaling = properties.get("ScalingConfig") or {}
    if "MaximumConcurrency" not in scaling:
        return properties
    concurrency = int(scaling["MaximumConcurrency"])
    return {**properties, "ScalingConfig": {**scaling, "MaximumConcurrency": concurrency}}
