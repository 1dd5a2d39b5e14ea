"""A role that one service takes on, with exactly the rights that it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from awacs.aws import Allow, Condition, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole
from troposphere import AWSHelperFn, Template, iam


@dataclass(frozen=True, kw_only=True)
class RoleOptions:
    """What an account may ask of every role that is made in it."""

    permissions_boundary: AWSHelperFn | str | None = None
    """The ARN of the policy that no role of the account may exceed."""
    path: AWSHelperFn | str | None = None
    """Such as `/team/`; None for `/`."""

    @property
    def properties(self) -> dict[str, Any]:
        """The same as properties of a role, as far as they are given."""
        wanted = {"Path": self.path, "PermissionsBoundary": self.permissions_boundary}
        return {name: value for name, value in wanted.items() if value is not None}


def service_role(
    template: Template,
    title: str,
    *,
    service: str,
    policy_name: str,
    statements: Sequence[Statement],
    options: RoleOptions,
    condition: Condition | None = None,
    **properties: Any,
) -> iam.Role:
    """A role that `service` alone can take on, and that may do what the statements say.

    `condition` limits for whom the service may do it.
    """
    trust = Statement(
        Effect=Allow,
        Principal=Principal("Service", service),
        Action=[AssumeRole],
        **({} if condition is None else {"Condition": condition}),
    )
    return template.add_resource(
        iam.Role(
            title,
            AssumeRolePolicyDocument=PolicyDocument(Version="2012-10-17", Statement=[trust]),
            Policies=[
                iam.Policy(
                    PolicyName=policy_name,
                    PolicyDocument=PolicyDocument(Version="2012-10-17", Statement=list(statements)),
                )
            ],
            **options.properties,
            **properties,
        )
    )
