"""The one call of EC2's that is made, and its errors in our words.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcPeeringConnectionOptions.html
"""

from __future__ import annotations

from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ..custom_resource import RefusedError
from .properties import Side, Wanted

_GONE = "InvalidVpcPeeringConnectionID.NotFound"
_NOT_ACTIVE = "OperationNotPermitted"
_DENIED = "UnauthorizedOperation"
_BUSY = {"InternalError", "RequestLimitExceeded", "ServiceUnavailable", "Unavailable"}
_SERVER_ERROR = 500
_OPTIONS = {
    Side.REQUESTER: "RequesterPeeringConnectionOptions",
    Side.ACCEPTER: "AccepterPeeringConnectionOptions",
}


class GoneError(RefusedError):
    """There is no such connection."""


class PassingError(RefusedError):
    """What may be over in a while."""

    patience = 3600.0
    """Seconds after which it is no longer believed to pass; without end, by default."""


class NotActiveError(PassingError):
    """A connection that is not active, at least not yet, or a VPC without DNS host names."""


class DeniedError(PassingError):
    """A permission that is lacking, or has not come to be known everywhere yet."""

    patience = 45.0


class Ec2(Protocol):
    """The call."""

    def modify_vpc_peering_connection_options(self, **request: Any) -> object:
        """Set the options of one side."""


def client() -> Ec2:
    """Return a client that does not wait for long: callers try again themselves."""
    patience = Config(connect_timeout=3, read_timeout=7, retries={"mode": "standard"})
    return boto3.client("ec2", config=patience)  # type: ignore[no-any-return]


def allow(ec2: Ec2, wanted: Wanted, allowed: bool) -> None:
    """Set whether the other side resolves this side's names; a RefusedError says why not."""
    try:
        ec2.modify_vpc_peering_connection_options(
            VpcPeeringConnectionId=wanted.connection,
            **{_OPTIONS[wanted.side]: {"AllowDnsResolutionFromRemoteVpc": allowed}},
        )
    except ClientError as error:
        raise _explanation(wanted.connection, error) from error
    except BotoCoreError as error:
        raise PassingError(f"EC2 cannot be reached: {error}") from error


def _explanation(connection: str, error: ClientError) -> RefusedError:
    code = error.response["Error"].get("Code", "")
    words = error.response["Error"].get("Message") or "nothing"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == _GONE:
        return GoneError(f"there is no peering connection {connection} in this account and region")
    if code == _NOT_ACTIVE:
        return NotActiveError(
            f"peering connection {connection} has to be accepted, and both VPCs need DNS host "
            f"names and DNS resolution; EC2 says: {words}"
        )
    if code == _DENIED:
        return DeniedError(
            "ec2:ModifyVpcPeeringConnectionOptions on peering connection "
            f"{connection} is denied to this function's role; EC2 says: {words}"
        )
    if code in _BUSY or status >= _SERVER_ERROR:
        return PassingError(f"EC2 does not do it for {connection} now: {code}: {words}")
    return RefusedError(f"EC2 refuses it for peering connection {connection}: {code}: {words}")
