"""How the schedule that repeats the grants is kept from doing so. Pure: a line for a shell."""

from __future__ import annotations

import shlex

from infra.config import Environment
from infra.deploy.analysts import Place
from infra.naming import DATABASE, stack_name

RULE = "ReportingUserSchedule"
"""What the database's stack calls it."""


def disabling(environment: Environment, place: Place) -> str:
    """The command: EventBridge knows the rule by a name that CloudFormation has made."""
    where = shlex.join(place.arguments())
    stack = shlex.quote(stack_name(environment.name, DATABASE))
    name = (
        f"aws cloudformation describe-stack-resource {where} --stack-name {stack} "
        f"--logical-resource-id {RULE} --output text "
        "--query StackResourceDetail.PhysicalResourceId"
    )
    return f'aws events disable-rule {where} --name "$({name})"'
