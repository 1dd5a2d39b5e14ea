"""What the settings ask of every role, as parameters of a stack."""

from __future__ import annotations

from infra import rules
from infra.blocks.role import RoleOptions
from infra.config import Roles
from infra.stacks.draft import Draft


def role_options(draft: Draft, settings: Roles) -> RoleOptions:
    """Declare the parameters that the settings ask for; once a stack."""
    with draft.group("Roles"):
        boundary = settings.permissions_boundary
        return RoleOptions(
            permissions_boundary=None
            if boundary is None
            else draft.text(
                "PermissionsBoundaryArn",
                boundary,
                rules.POLICY_ARN,
                "The managed policy that no role may exceed",
            ),
            path=None
            if settings.path == "/"
            else draft.text(
                "RolePath", settings.path, rules.ROLE_PATH, "Where roles stand, such as /team/"
            ),
        )
