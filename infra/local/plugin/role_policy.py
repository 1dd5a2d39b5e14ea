"""Policies of roles that stand beside their role: by another name, another policy.

CloudFormation makes the new one before what uses it is updated, and deletes the old one after all.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html
"""

from __future__ import annotations

import json

from ministack.services import iam

from infra.local.plugin.calls import Handler, Properties, call


def _put(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, dict[str, str]]:
    role, name = properties["RoleName"], properties["PolicyName"]
    document = json.dumps(properties["PolicyDocument"])
    call(iam._put_role_policy, RoleName=role, PolicyName=name, PolicyDocument=document)
    return f"{name}|{role}", {}


def _update(_id: str, _old: Properties, new: Properties, stack: str) -> tuple[str, dict[str, str]]:
    return _put("", new, stack)


def _delete(policy: str, _properties: Properties) -> None:
    name, _, role = policy.partition("|")
    # Of a role that is gone, or without it, there is nothing to delete.
    if name in iam._roles.get(role, {}).get("InlinePolicies", {}):
        call(iam._delete_role_policy, RoleName=role, PolicyName=name)


ROLE_POLICY: Handler = {"create": _put, "update": _update, "delete": _delete}
