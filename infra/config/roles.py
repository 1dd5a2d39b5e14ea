"""The settings that hold for every role of an environment."""

from __future__ import annotations

from pydantic import Field

from infra.config.values import PolicyArn, RolePath, Settings


class Roles(Settings):
    """What an account may ask of every role that is made in it."""

    permissions_boundary: PolicyArn | None = Field(
        default=None, description="the ARN of the managed policy that no role may exceed"
    )
    path: RolePath = Field(
        default="/",
        description="where roles stand among the account's, such as /team/; "
        "another one replaces them",
    )
