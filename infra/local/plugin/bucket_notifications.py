"""Notifications that would tell of the same event of the same key, which S3 refuses.

MiniStack takes them.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from ministack.services import s3

Config = Mapping[str, Any]

_REFUSAL = (
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the "
    "prefixes are overlapping for the same event type."
)


def unambiguous(original: Callable[..., Any]) -> Callable[..., Any]:
    """MiniStack's own validation of a bucket's notifications, and S3's."""

    def validated(configs: Sequence[Config], *rest: Any) -> Any:
        if any(_overlap(one, other) for one, other in combinations(configs, 2)):
            return s3._invalid_notification_config(_REFUSAL)
        return original(configs, *rest)

    return validated


def _overlap(one: Config, other: Config) -> bool:
    prefixes = [config["filter_prefix"] or "" for config in (one, other)]
    suffixes = [config["filter_suffix"] or "" for config in (one, other)]
    return (
        (prefixes[0].startswith(prefixes[1]) or prefixes[1].startswith(prefixes[0]))
        and (suffixes[0].endswith(suffixes[1]) or suffixes[1].endswith(suffixes[0]))
        and (_matches(one, other) or _matches(other, one))
    )


def _matches(one: Config, other: Config) -> bool:
    return any(s3._event_matches(event, other["events"]) for event in one["events"])
