"""The account that an environment is in, as the options of a verb say."""

from __future__ import annotations

from infra.aws.connection import account
from infra.aws.services import Account
from infra.config import Environment
from infra.deploy.analysts import Place


def connected(
    environment: Environment, endpoint_url: str | None, profile: str | None, region: str | None
) -> tuple[Account, Place]:
    """Connect to the environment's region, unless another is named; no call is made yet."""
    place = Place(region or environment.region, profile, endpoint_url)
    return account(place.region, endpoint_url, profile), place
