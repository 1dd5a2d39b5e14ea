"""Where load balancers write their logs, and the function what it has to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from troposphere import AWSHelperFn, AWSObject, Ref

from infra import rules
from infra.blocks.log_bucket import AccessLog, LogLocation, log_bucket, state_bucket
from infra.blocks.notification import Told
from infra.blocks.references import account_regional_name, placeholder
from infra.config import LogProcessor
from infra.stacks.draft import Draft


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
    made, location = (_ours if settings.existing_bucket is None else _theirs)(
        draft, settings, key_prefix
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
        location=location, made_prefix=made, expiry_days=expiry_days, access_log=access_log
    )


def _ours(draft: Draft, settings: LogProcessor, key_prefix: Ref) -> tuple[Ref, LogLocation]:
    assert settings.bucket_name_prefix is not None
    prefix = draft.text(
        "BucketNamePrefix",
        settings.bucket_name_prefix,
        rules.BUCKET_PREFIX,
        "The log bucket's name up to -<account>-<region>-an",
    )
    name = account_regional_name(prefix)
    return prefix, LogLocation(
        name=name, state_name=name, key_prefix=key_prefix, owner=Ref("AWS::AccountId")
    )


def _theirs(draft: Draft, settings: LogProcessor, key_prefix: Ref) -> tuple[Ref, LogLocation]:
    assert settings.existing_bucket is not None
    assert settings.state_bucket_name_prefix is not None
    bucket = draft.text(
        "LogBucketName",
        settings.existing_bucket,
        rules.BUCKET_NAME,
        "The bucket that load balancers write their logs to, which exists",
    )
    prefix = draft.text(
        "StateBucketNamePrefix",
        settings.state_bucket_name_prefix,
        rules.BUCKET_PREFIX,
        "Up to -<account>-<region>-an, the name of the bucket for rejected lines and checkpoints",
    )
    return prefix, LogLocation(
        name=placeholder(bucket),
        state_name=account_regional_name(prefix),
        key_prefix=key_prefix,
        owner=_owner(draft, settings),
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
