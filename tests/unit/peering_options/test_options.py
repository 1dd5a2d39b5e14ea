"""DNS resolution over a peering is switched on, waited for, and off again, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lambda_src.custom_resource import Surroundings, serve
from lambda_src.peering_options.provider import Options
from tests.unit.custom_resource.cloudformation import (
    Invocation,
    PresignedUrl,
    event,
    failed,
    presigned,
    succeeded,
)

PEERING = "pcx-0a1b2c3d4e5f60718"
ACCEPTER = {"ServiceToken": "arn", "PeeringConnectionId": PEERING, "Side": "accepter"}
NOT_ACTIVE = "OperationNotPermitted"
GONE = "InvalidVpcPeeringConnectionID.NotFound"


@dataclass
class Ec2:
    """Remembers what it was asked; `errors` meet the first calls, the last of them all further."""

    errors: list[str | Exception] = field(default_factory=list)
    for_ever: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    def modify_vpc_peering_connection_options(self, **request: Any) -> object:
        self.asked.append(request)
        if not self.errors:
            return {}
        error = self.errors[0] if self.for_ever else self.errors.pop(0)
        if isinstance(error, Exception):
            raise error
        raise ClientError({"Error": {"Code": error, "Message": "as it is"}}, "Modify")


@pytest.fixture(name="url")
def _url() -> Iterator[PresignedUrl]:
    with presigned() as url:
        yield url


@dataclass
class Time:
    """Passes only by sleeping."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def ask(url: PresignedUrl, ec2: Ec2, type_: str, properties: object, **members: Any) -> Any:
    """The one answer to one request."""
    time = Time()
    around = Surroundings(clock=lambda: time.now, sleep=time.sleep)
    given = event(type_, url.url, properties) | members
    serve(given, Invocation(seconds=300), lambda: Options(ec2), around)
    assert len(url.received) == 1
    return url.taken[-1]


def asked(side: str, allowed: bool) -> dict[str, Any]:
    return {"VpcPeeringConnectionId": PEERING, side: {"AllowDnsResolutionFromRemoteVpc": allowed}}


@pytest.mark.parametrize("type_", ["Create", "Update"])
@pytest.mark.parametrize("side", ["requester", "accepter"])
def test_one_side_is_switched_on(url: PresignedUrl, type_: str, side: str) -> None:
    """The other side is another account's, and is not touched."""
    ec2 = Ec2()
    answer = ask(url, ec2, type_, ACCEPTER | {"Side": side})
    assert answer == succeeded(f"{PEERING}/{side}")
    assert ec2.asked == [asked(f"{side.capitalize()}PeeringConnectionOptions", True)]


def test_a_connection_that_is_not_active_yet_is_waited_for(url: PresignedUrl) -> None:
    """So are a role that is not known everywhere yet, and an EC2 that is busy or away."""
    away = EndpointConnectionError(endpoint_url="https://ec2")
    ec2 = Ec2([NOT_ACTIVE, "UnauthorizedOperation", "RequestLimitExceeded", away])
    assert ask(url, ec2, "Create", ACCEPTER) == succeeded(f"{PEERING}/accepter")
    assert len(ec2.asked) == 5


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            NOT_ACTIVE,
            f"peering connection {PEERING} has to be accepted, and both VPCs need DNS host names "
            "and DNS resolution; EC2 says: as it is (tried for 279 s)",
        ),
        (
            "UnauthorizedOperation",
            "ec2:ModifyVpcPeeringConnectionOptions on peering connection "
            f"{PEERING} is denied to this function's role; EC2 says: as it is (tried for 39 s)",
        ),
        (GONE, f"there is no peering connection {PEERING} in this account and region"),
        ("Strange", f"EC2 refuses it for peering connection {PEERING}: Strange: as it is"),
    ],
)
def test_what_does_not_pass_is_said(url: PresignedUrl, error: str, reason: str) -> None:
    """The stack's events show what is wrong, and EC2's own words."""
    answer = ask(url, Ec2([error], for_ever=True), "Create", ACCEPTER)
    assert answer == failed(f"{PEERING}/accepter", reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"PeeringConnectionId": "vpc-0a1b2c3d"},
            "PeeringConnectionId is not a peering connection's id, such as pcx-1a2b",
        ),
        ({"PeeringConnectionId": None}, "PeeringConnectionId is not a peering connection's id"),
        ({"Side": "both"}, "Side is not one of requester, accepter"),
    ],
)
def test_wrong_properties_are_refused(
    url: PresignedUrl, changes: dict[str, Any], reason: str
) -> None:
    """Nothing is asked of EC2 then, and the rollback has nothing to undo."""
    ec2 = Ec2()
    answer = ask(url, ec2, "Create", ACCEPTER | changes)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "CREATE_FAILED/Example")
    assert answer["Reason"].startswith(reason)
    assert ec2.asked == []


@pytest.mark.parametrize("errors", [[], [GONE], [NOT_ACTIVE]])
def test_what_is_deleted_is_switched_off_where_there_still_is_something(
    url: PresignedUrl, errors: list[str | Exception]
) -> None:
    """The other side may have deleted the connection before."""
    ec2 = Ec2(errors)
    mine = f"{PEERING}/accepter"
    assert ask(url, ec2, "Delete", ACCEPTER, PhysicalResourceId=mine) == succeeded(mine)
    assert ec2.asked == [asked("AccepterPeeringConnectionOptions", False)]


def test_what_was_never_made_is_left_alone(url: PresignedUrl) -> None:
    """A physical id that is none of ours names nothing."""
    ec2 = Ec2()
    answer = ask(url, ec2, "Delete", ACCEPTER, PhysicalResourceId="thing-1")
    assert answer == succeeded("thing-1")
    assert ec2.asked == []


def test_a_deletion_that_is_denied_says_so(url: PresignedUrl) -> None:
    """It would otherwise seem to be off."""
    mine = f"{PEERING}/accepter"
    ec2 = Ec2(["UnauthorizedOperation"])
    answer = ask(url, ec2, "Delete", ACCEPTER, PhysicalResourceId=mine)
    assert answer["Status"] == "FAILED"
