"""The buckets of logs and of state, named before they exist: several stacks speak of them."""

from __future__ import annotations

from dataclasses import dataclass

from troposphere import Ref

from infra import rules
from infra.blocks.references import account_regional_name, placeholder
from infra.config import LogProcessor
from infra.stacks.draft import Draft


@dataclass(frozen=True, kw_only=True)
class LogBuckets:
    """Their names, as text inside an Fn::Sub."""

    logs: str
    state: str
    """The same one, unless the logs stand in somebody else's."""
    made_prefix: Ref
    """The name up to its suffix of the one that is made."""

    @property
    def names(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys([self.logs, self.state]))


def log_buckets(draft: Draft, settings: LogProcessor) -> LogBuckets:
    """Declare the parameters that name them."""
    if settings.existing_bucket is None:
        return _ours(draft, settings)
    bucket = draft.text(
        "LogBucketName",
        settings.existing_bucket,
        rules.BUCKET_NAME,
        "The bucket that load balancers write their logs to, which exists",
    )
    assert settings.state_bucket_name_prefix is not None, "settings name both or neither"
    prefix = draft.text(
        "StateBucketNamePrefix",
        settings.state_bucket_name_prefix,
        rules.BUCKET_PREFIX,
        "Up to -<account>-<region>-an, the name of the bucket for rejected lines and checkpoints",
    )
    return LogBuckets(
        logs=placeholder(bucket), state=account_regional_name(prefix), made_prefix=prefix
    )


def _ours(draft: Draft, settings: LogProcessor) -> LogBuckets:
    assert settings.bucket_name_prefix is not None, "settings name either bucket"
    prefix = draft.text(
        "BucketNamePrefix",
        settings.bucket_name_prefix,
        rules.BUCKET_PREFIX,
        "The log bucket's name up to -<account>-<region>-an",
    )
    name = account_regional_name(prefix)
    return LogBuckets(logs=name, state=name, made_prefix=prefix)
