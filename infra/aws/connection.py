"""The real AWS, or anything that speaks its protocols, reached with boto3."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from infra.aws.cloudformation import BotoStacks
from infra.aws.ec2 import BotoNetworks, BotoPrefixLists
from infra.aws.functions import BotoFunctions
from infra.aws.logs import BotoLogs
from infra.aws.refusal import refusals
from infra.aws.s3 import BotoObjects
from infra.aws.secrets_manager import BotoSecrets
from infra.aws.services import Aws, ObjectReader
from infra.aws.sqs import BotoQueues
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
            functions=BotoFunctions(session.client("lambda", **options)),
        )


def object_reader(
    region: str | None = None, endpoint_url: str | None = None, profile: str | None = None
) -> ObjectReader:
    """Connect to S3 with the machine's own set-up; no call is made yet.

    S3 tells by itself in which region a bucket is, so none needs to be known.
    """
    import boto3

    if endpoint_url is not None:
        _check_url(endpoint_url)
    try:
        with refusals("GetObject", "S3"):
            session = boto3.Session(profile_name=profile, region_name=region)
            place = session.region_name or "us-east-1"
            client = session.client(
                "s3", region_name=place, endpoint_url=endpoint_url, config=_config(endpoint_url)
            )
    except ValueError as error:  # such as AWS_MAX_ATTEMPTS=many
        raise AwsError(f"This machine's AWS set-up cannot be used: {error}") from error
    return BotoObjects(client, place)


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
