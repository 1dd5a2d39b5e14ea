"""The real AWS, or anything that speaks its protocols, reached with boto3."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from infra.aws.cloudformation import BotoStacks
from infra.aws.ec2 import BotoNetworks, BotoPrefixLists
from infra.aws.functions import LONGEST_SECONDS, BotoFunctions
from infra.aws.logs import BotoLogs
from infra.aws.refusal import refusals
from infra.aws.s3 import BotoObjects
from infra.aws.secrets_manager import BotoSecrets
from infra.aws.services import Account, Aws, ObjectReader
from infra.aws.sqs import BotoQueues
from infra.aws.sts import BotoIdentity
from infra.errors import AwsError, InputError


@dataclass(frozen=True)
class Credentials:
    """An access key of one's own, instead of those that the machine is set up with."""

    access_key: str
    secret_key: str = field(repr=False)


def connect(
    region: str, endpoint_url: str | None = None, credentials: Credentials | None = None
) -> Aws:
    """Connect to a region; no call is made yet.

    With credentials, nothing of the machine's own AWS set-up is read: no variable, no file.
    """
    # Imported here, as it takes longer than all the rest of the command line.
    import boto3

    with refusals("Connecting", region):
        session = _isolated(region, credentials) if credentials else boto3.Session()
        options: dict[str, Any] = {"region_name": region, "config": _config(endpoint_url)}
        if endpoint_url:
            options["endpoint_url"] = endpoint_url
        once = {"config": options["config"].merge(_once())}
        ec2 = session.client("ec2", **options)
        return Aws(
            region=region,
            stacks=BotoStacks(session.client("cloudformation", **options)),
            objects=BotoObjects(session.client("s3", **options), region),
            logs=BotoLogs(session.client("logs", **options)),
            queues=BotoQueues(session.client("sqs", **options)),
            prefix_lists=BotoPrefixLists(ec2),
            networks=BotoNetworks(ec2),
            secrets=BotoSecrets(session.client("secretsmanager", **options)),
            functions=BotoFunctions(session.client("lambda", **options | once)),
        )


def object_reader(
    region: str | None = None, endpoint_url: str | None = None, profile: str | None = None
) -> ObjectReader:
    """Connect to S3 with the machine's own set-up; no call is made yet.

    S3 tells by itself in which region a bucket is, so none needs to be known.
    """
    with _own_set_up("GetObject", "S3", region, endpoint_url, profile) as session:
        place = session.region_name or "us-east-1"
        client = session.client(
            "s3", region_name=place, endpoint_url=endpoint_url, config=_config(endpoint_url)
        )
    return BotoObjects(client, place)


def account(region: str, endpoint_url: str | None = None, profile: str | None = None) -> Account:
    """Connect to a region with the machine's own set-up; no call is made yet."""
    with _own_set_up("Connecting", region, region, endpoint_url, profile) as session:
        usual = _config(endpoint_url)

    def later(service: str, config: Any = usual) -> _Later:
        return _Later(lambda: session.client(service, endpoint_url=endpoint_url, config=config))

    return Account(
        region=region,
        stacks=BotoStacks(later("cloudformation")),
        networks=BotoNetworks(later("ec2")),
        functions=BotoFunctions(later("lambda", usual.merge(_once()))),
        identity=BotoIdentity(later("sts")),
    )


class _Later:
    """A client that is made when it is first asked: some take as long as all the rest."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def _client(self) -> Any:
        with _usable():
            return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


@contextmanager
def _own_set_up(
    call: str, thing: str, region: str | None, endpoint_url: str | None, profile: str | None
) -> Iterator[Any]:
    """A session as the machine is set up; what is wrong with that is an AwsError."""
    import boto3

    if endpoint_url is not None:
        _check_url(endpoint_url)
    with _usable(), refusals(call, thing):
        yield boto3.Session(profile_name=profile, region_name=region)


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except ValueError as error:  # such as AWS_MAX_ATTEMPTS=many
        raise AwsError(f"This machine's AWS set-up cannot be used: {error}") from error


def _once() -> Any:
    """For a call that answers late, and that must not be made again unasked."""
    from botocore.config import Config

    retries = {"total_max_attempts": 1, "mode": "standard"}
    return Config(retries=retries, read_timeout=LONGEST_SECONDS + 10, tcp_keepalive=True)


def _check_url(text: str) -> None:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise InputError(f"--endpoint-url {text!r} is no address: write http://HOST:PORT")


def _isolated(region: str, credentials: Credentials) -> Any:
    """A session that no AWS_… variable and no broken ~/.aws/config can disturb."""
    import boto3
    import botocore.session

    nothing = (None, None, os.devnull, None)
    variables = {
        name: (in_file, None, default, conversion)
        for name, (in_file, _, default, conversion) in (
            botocore.session.Session.SESSION_VARIABLES.items()
        )
    }
    core = botocore.session.Session(
        session_vars={**variables, "config_file": nothing, "credentials_file": nothing}
    )
    return boto3.Session(
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        region_name=region,
        botocore_session=core,
    )


def _config(endpoint_url: str | None) -> Any:
    """Path-style addresses and no proxy for this machine: it has no names for buckets."""
    from botocore.config import Config

    host = urlsplit(endpoint_url).hostname if endpoint_url else None
    if host not in ("127.0.0.1", "::1", "localhost"):
        return Config(retries={"mode": "standard"})
    return Config(
        retries={"mode": "standard"},
        proxies={},
        s3={"addressing_style": "path"},
    )
