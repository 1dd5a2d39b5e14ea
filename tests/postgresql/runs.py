"""Runs of the function's own code without CloudFormation, as `infra grants` makes them."""

from __future__ import annotations

from typing import Any

from lambda_src.reporting_user import properties
from lambda_src.reporting_user.work import Access, Job

from .servers import ADMINISTRATOR, Shop


class Quiet:
    """Whom nobody has to tell anything."""

    def doing(self, step: str) -> None:
        pass

    def pause(self, seconds: float) -> None:
        raise AssertionError("nothing is to be waited for")


def job(shop: Shop, **changes: Any) -> Job:
    """Return a run as `infra grants` makes one."""
    wanted = properties.parse(shop.properties(**changes)).wanted
    access = Access(shop.pair.way_to(shop.pair.primary), ADMINISTRATOR, "postgres", Quiet())
    return Job(access, shop.analyst, wanted)
