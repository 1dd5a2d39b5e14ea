"""A bucket's notification configuration, as S3's API has it: what others put there stays as it is.

Nothing here makes a call, and nothing changes what it is given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .properties import Type, Wanted

Configuration = dict[str, Any]

EVENTBRIDGE = "EventBridgeConfiguration"
"""There, though empty, where it is on."""

_ARN_OF = {
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}
_LIST_OF = {Type.QUEUE: "QueueConfigurations", Type.FUNCTION: "LambdaFunctionConfigurations"}


class Entry(NamedTuple):
    """One notification of the configuration."""

    list: str
    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        """What its owner, or S3, has called it."""
        return str(self.raw.get("Id", ""))

    @property
    def arn(self) -> str:
        """Of whoever is told."""
        return str(self.raw.get(_ARN_OF[self.list], ""))

    @property
    def events(self) -> tuple[str, ...]:
        """The event types."""
        return tuple(self.raw.get("Events", ()))

    def __str__(self) -> str:
        """As messages name it."""
        return f'"{self.id}" (to {self.arn})'


def of(answer: Mapping[str, Any]) -> Configuration:
    """Return the configuration that an answer of S3's holds."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def entries(configuration: Configuration) -> Iterator[Entry]:
    """Return every notification but EventBridge."""
    for name in _ARN_OF:
        for raw in configuration.get(name, ()):
            yield Entry(name, raw)


def named(configuration: Configuration, name: str | None) -> Entry | None:
    """Return the notification of this id, None if there is none."""
    return next((entry for entry in entries(configuration) if entry.id == name), None)


def including(configuration: Configuration, wanted: Wanted) -> Configuration:
    """Return the configuration with what is wanted; in place of whatever has its id."""
    if wanted.type is Type.EVENTBRIDGE:
        return {EVENTBRIDGE: {}} | configuration
    present = named(configuration, wanted.place.id)
    if present and _is(present, wanted):
        return configuration
    name = _LIST_OF[wanted.type]
    if present and present.list == name:
        put = [_raw(wanted) if raw is present.raw else raw for raw in configuration[name]]
        return configuration | {name: put}
    rest = configuration if present is None else without(configuration, present)
    return rest | {name: [*rest.get(name, ()), _raw(wanted)]}


def without(configuration: Configuration, gone: Entry) -> Configuration:
    """Return the configuration without one notification."""
    kept = [raw for raw in configuration[gone.list] if raw is not gone.raw]
    rest = {name: value for name, value in configuration.items() if name != gone.list or kept}
    return rest | {gone.list: kept} if kept else rest


def rivals(configuration: Configuration, wanted: Wanted) -> list[Entry]:
    """Return the notifications beside which S3 refuses the one that is wanted.

    They share an event type, and some key has both prefixes and both suffixes; ours has no suffix.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    """
    return [
        entry
        for entry in entries(configuration)
        if entry.id != wanted.place.id
        and _share_a_prefix(_rules(entry.raw).get("prefix", ""), wanted.prefix)
        and any(_share_a_type(one, other) for one in entry.events for other in wanted.events)
    ]


def same(one: Configuration, other: Configuration) -> bool:
    """Whether two are the same, in whatever order S3 gives them."""
    return _comparable(one) == _comparable(other)


def _is(entry: Entry, wanted: Wanted) -> bool:
    """Whether S3 has what is wanted; it writes `Prefix` for our `prefix`."""
    return (
        entry.list == _LIST_OF[wanted.type]
        and entry.arn == wanted.arn
        and set(entry.events) == set(wanted.events)
        and _rules(entry.raw) == ({"prefix": wanted.prefix} if wanted.prefix else {})
    )


def _raw(wanted: Wanted) -> dict[str, Any]:
    rules = [{"Name": "prefix", "Value": wanted.prefix}] if wanted.prefix else []
    return {
        "Id": wanted.place.id,
        _ARN_OF[_LIST_OF[wanted.type]]: wanted.arn,
        "Events": list(wanted.events),
        **({"Filter": {"Key": {"FilterRules": rules}}} if rules else {}),
    }


def _rules(raw: Mapping[str, Any]) -> dict[str, str]:
    rules = raw.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    return {rule["Name"].lower(): rule["Value"] for rule in rules if rule.get("Value")}


def _share_a_prefix(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _share_a_type(one: str, other: str) -> bool:
    return one == other or any(
        wide.endswith("*") and narrow.startswith(wide[:-1])
        for wide, narrow in ((one, other), (other, one))
    )


def _comparable(configuration: Configuration) -> dict[str, list[str]]:
    return {
        name: sorted(json.dumps(raw, sort_keys=True) for raw in value)
        if isinstance(value, list)
        else []
        for name, value in configuration.items()
    }
