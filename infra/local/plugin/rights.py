"""What a role may do, and whom a function's policy admits.

MiniStack asks for every request that comes to it, but not where a service of it acts by itself: S3
and EventBridge invoking a function, Lambda reading a queue or keeping an event that failed.
"""

from __future__ import annotations

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, lambda_svc


def role_may(role_arn: str, action: str, resource_arn: str) -> bool:
    """Whether the role's own policies, within its boundary, allow the action."""
    name, account = role_arn.rpartition("/")[2], get_account_id()
    context = EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/lambda",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
    )
    policies = iam_evaluator._gather_role_policies(name, account)
    boundary = iam_evaluator._permissions_boundary(iam._roles, name, account)
    return _allows(iam_evaluator.evaluate(context, policies, *boundary))


def may_invoke(service: str, function_arn: str, *, source_arn: str, source_account: str) -> bool:
    """Whether there is such a function, and its policy lets a service invoke it for this source."""
    function, _, _ = lambda_svc._get_func_record_for_ref(function_arn)
    if function is None:
        return False
    context = EvalContext(
        # No role and no user: only what names the service admits it.
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=function_arn,
        region=get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": source_account},
    )
    policy = function["policy"]
    return _allows(iam_evaluator.evaluate_resource_policy(policy, context, service=service))


def _allows(result: iam_evaluator.EvalResult) -> bool:
    return bool(result.decision == "Allow")
