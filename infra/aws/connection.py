"""The real AWS, or anything that speaks its protocols, reached with boto3."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from infra.aws.cloudformation import BotoStacks
from infra.aws.ec2 import BotoPrefixLists
from infra.aws.logs import BotoLogs
from infra.aws.refusal import refusals
from infra.aws.s3 import BotoObjects
from infra.aws.services import Aws
from infra.aws.sqs import BotoQueues


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
        return Aws(
            region=region,
            stacks=BotoStacks(session.client("cloudformation", **options)),
            objects=BotoObjects(session.client("s3", **options), region),
            logs=BotoLogs(session.client("logs", **options)),
            queues=BotoQueues(session.client("sqs", **options)),
            prefix_lists=BotoPrefixLists(session.client("ec2", **options)),
        )


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
