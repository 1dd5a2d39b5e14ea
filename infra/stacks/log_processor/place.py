"""Where load balancers write their logs, and the function what it has to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from troposphere import AWSHelperFn, AWSObject, Ref

from infra import rules
from infra.blocks.log_bucket import AccessLog, LogLocation, log_bucket, state_bucket
from infra.blocks.notification import Told
from infra.config import LogProcessor
from infra.stacks.draft import Draft
from infra.stacks.log_buckets import log_buckets


@dataclass(frozen=True, kw_only=True)
class Place:
    """The log bucket, known before anything is made of it."""

    location: LogLocation
    made_prefix: Ref
    """The name up to its suffix of the bucket that is made, for logs or for state alone."""
    expiry_days: Ref
    access_log: AccessLog | None


def place(draft: Draft, settings: LogProcessor) -> Place:
    """Declare the parameters that say where."""
    key_prefix = draft.text(
        "KeyPrefix",
        f"{settings.key_prefix}/" if settings.key_prefix else "",
        rules.KEY_PREFIX_WITH_SLASH,
        "What stands before AWSLogs/ in the keys of the logs, with its slash",
    )
    buckets = log_buckets(draft, settings)
    location = LogLocation(
        name=buckets.logs,
        state_name=buckets.state,
        key_prefix=key_prefix,
        owner=_owner(draft, settings),
    )
    expiry_days = draft.number(
        "LogExpiryDays",
        settings.log_expiry_days,
        "Days that log objects and rejected lines are kept",
        minimum=1,
        maximum=36500,
    )
    access_log = _access_log(draft, settings)
    return Place(
        location=location,
        made_prefix=buckets.made_prefix,
        expiry_days=expiry_days,
        access_log=access_log,
    )


def _owner(draft: Draft, settings: LogProcessor) -> AWSHelperFn:
    if settings.existing_bucket_account is None:
        return Ref("AWS::AccountId")
    return draft.text(
        "LogBucketAccount",
        settings.existing_bucket_account,
        rules.ACCOUNT_ID,
        "The account that the log bucket belongs to",
    )


def _access_log(draft: Draft, settings: LogProcessor) -> AccessLog | None:
    if settings.access_log is None:
        return None
    return AccessLog(
        bucket=draft.text(
            "AccessLogBucket",
            settings.access_log.bucket,
            rules.BUCKET_NAME,
            "The bucket that S3 writes down requests in",
        ),
        prefix=draft.text(
            "AccessLogPrefix",
            settings.access_log.prefix,
            rules.FOLDERS_WITH_SLASH,
            "Folders in that bucket, each with its slash",
        ),
    )


def made_bucket(
    draft: Draft, settings: LogProcessor, where: Place, told: Told | Literal["eventbridge"]
) -> AWSObject:
    """Make the log bucket, or the one for state where the log bucket exists."""
    if where.location.keeps_state_apart:
        return state_bucket(
            draft.template,
            "StateBucket",
            name_prefix=where.made_prefix,
            location=where.location,
            expiry_days=where.expiry_days,
            access_log=where.access_log,
        )
    return log_bucket(
        draft.template,
        "LogBucket",
        name_prefix=where.made_prefix,
        location=where.location,
        told=told,
        expiry_days=where.expiry_days,
        network_load_balancers=settings.network_load_balancers,
        access_log=where.access_log,
    )
