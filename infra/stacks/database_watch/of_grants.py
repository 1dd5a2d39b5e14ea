"""Alarms of the function that keeps the reporting user's grants."""

from __future__ import annotations

from collections.abc import Iterator

from troposphere import AWSHelperFn

from infra.blocks.alarms import Alarm
from infra.blocks.references import embedded
from infra.stacks.database_watch.handles import Watched, of_function, of_grants
from infra.stacks.database_watch.thresholds import FIVE_MINUTES, Limits


def alarms(_: Limits, watched: Watched) -> Iterator[Alarm]:
    """Whether it fails, and whether it leaves something undone."""
    if watched.function is not None and watched.function_log is not None:
        yield _errors(watched.function, watched.function_log)
        yield _problems(watched.function, watched.function_log)


def _errors(function: AWSHelperFn, log: AWSHelperFn) -> Alarm:
    return Alarm(
        title="GrantErrors",
        description="The function that keeps the reporting user's grants fails: later databases "
        "and tables are not covered; what could be read can still be read. First read the error "
        f"in the log group {embedded(log)}: it says whether the server, a secret or a right "
        f"is missing. When that is mended: aws lambda invoke --function-name "
        f"{embedded(function)} /dev/stdout",
        metric=of_function(function, "Errors"),
        statistic="Sum",
        breach="at least",
        threshold=1,
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )


def _problems(function: AWSHelperFn, log: AWSHelperFn) -> Alarm:
    return Alarm(
        title="GrantProblems",
        description="Some grants of the reporting user could not be made, the others were. First "
        f"read the lines with the message problem in the log group {embedded(log)}: each says "
        "which grant, and what would make it possible (mostly a GRANT that the owner of the tables "
        "has to run).",
        metric=of_grants(function, "Problems"),
        statistic="Maximum",
        breach="at least",
        threshold=1,
        period_seconds=FIVE_MINUTES,
        periods=1,
        no_data="good",
    )
