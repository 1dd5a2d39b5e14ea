"""S3's notifications in memory, as strict, as vague and as late as the real one."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

OWNER = "123456789012"
LOGS, OTHER = "their-logs", "their-other-logs"

ARNS = {
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}
EVENTBRIDGE = "EventBridgeConfiguration"

Configuration = dict[str, Any]


def refusal(code: str, message: str = "No.", status: int = 400, **more: str) -> ClientError:
    """Return what S3's client raises."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": message, **more},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        "PutBucketNotificationConfiguration",
    )


def entry(list_: str, name: str, arn: str, *events: str, **rules: str) -> dict[str, Any]:
    """Return a notification as S3 gives it: it writes the names of rules with a capital."""
    filtered = [{"Name": rule.capitalize(), "Value": value} for rule, value in rules.items()]
    return {
        "Id": name,
        ARNS[list_]: arn,
        "Events": list(events),
        **({"Filter": {"Key": {"FilterRules": filtered}}} if filtered else {}),
    }


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:eu-west-1:{OWNER}:{name}"


THEIR_QUEUE, THEIR_TOPIC = arn("sqs", "theirs"), arn("sns", "theirs")
THEIR_FUNCTION = arn("lambda", "function:theirs")

THEIRS: Configuration = {
    "QueueConfigurations": [
        entry("QueueConfigurations", "inventory", THEIR_QUEUE, "s3:ObjectRemoved:*", prefix="a/")
    ],
    "TopicConfigurations": [
        entry(
            "TopicConfigurations",
            "MTBhYmNkZWY",
            THEIR_TOPIC,
            "s3:ObjectCreated:Put",
            "s3:ObjectCreated:Copy",
            prefix="images/",
            suffix=".jpg",
        )
    ],
    "LambdaFunctionConfigurations": [
        entry("LambdaFunctionConfigurations", "thumbnails", THEIR_FUNCTION, "s3:ObjectRestore:*")
    ],
    EVENTBRIDGE: {},
}
"""One of everything, as another team has it."""


@dataclass
class S3:
    """Buckets of one account, each with its configuration."""

    buckets: dict[str, Configuration] = field(
        default_factory=lambda: {LOGS: copy.deepcopy(THEIRS), OTHER: {}}
    )
    owner: str = OWNER
    unreachable: set[str] = field(default_factory=set)
    """ARNs that S3 cannot send to."""
    lag: int = 0
    """Readings after a write that do not show it yet."""
    before: Callable[[str, int], None] = lambda call, number: None
    """Told of each call, `get` or `put`, and its number from 0; it may raise, or write itself."""
    calls: list[str] = field(default_factory=list)
    _stale: dict[str, list[Configuration]] = field(default_factory=dict)

    def get_bucket_notification_configuration(self, **request: str) -> Mapping[str, Any]:
        self._called("get", request)
        assert request.keys() == {"Bucket", "ExpectedBucketOwner"}
        stale = self._stale.get(request["Bucket"])
        found = stale.pop() if stale else self.buckets[request["Bucket"]]
        return copy.deepcopy(found) | {"ResponseMetadata": {"HTTPStatusCode": 200}}

    def put_bucket_notification_configuration(self, **request: Any) -> object:
        self._called("put", request)
        assert request.keys() == {"Bucket", "ExpectedBucketOwner", "NotificationConfiguration"}
        self.write(request["Bucket"], request["NotificationConfiguration"])
        return {}

    def write(self, bucket: str, whole: Configuration) -> None:
        """Replace a configuration, as anybody may who is allowed to."""
        assert whole.keys() <= {*ARNS, EVENTBRIDGE}
        kept = {name: value for name, value in whole.items() if value or name == EVENTBRIDGE}
        kept = _as_given(kept)
        self._validate(kept)
        if self.lag:
            self._stale[bucket] = [self.buckets[bucket]] * self.lag
        self.buckets[bucket] = kept

    def _called(self, call: str, request: Mapping[str, Any]) -> None:
        self.calls.append(call)
        self.before(call, len(self.calls) - 1)
        if request["Bucket"] not in self.buckets:
            raise refusal("NoSuchBucket", "The specified bucket does not exist", 404)
        if request.get("ExpectedBucketOwner", self.owner) != self.owner:
            raise refusal("AccessDenied", "Access Denied", 403)

    def _validate(self, whole: Configuration) -> None:
        found = [(raw, raw[ARNS[name]]) for name in ARNS for raw in whole.get(name, ())]
        names = [raw["Id"] for raw, _ in found]
        if len(set(names)) < len(names):
            raise refusal("InvalidArgument", "Same ID used for multiple configurations")
        if any(_overlap(one, other) for (one, _), (other, _) in itertools.combinations(found, 2)):
            raise refusal(
                "InvalidArgument",
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two "
                "rules if the prefixes are overlapping for the same event type.",
            )
        bad = [target for _, target in found if target in self.unreachable]
        if bad:
            raise refusal(
                "InvalidArgument",
                "Unable to validate the following destination configurations",
                ArgumentName1=f"{bad[0]}, null",
                ArgumentValue1="The destination does not exist, or S3 may not send to it",
            )


def _as_given(whole: Configuration) -> Configuration:
    """Return the configuration as S3 will give it back."""
    kept = copy.deepcopy(whole)
    for name in ARNS:
        for raw in kept.get(name, ()):
            for rule in raw.get("Filter", {}).get("Key", {}).get("FilterRules", ()):
                rule["Name"] = rule["Name"].capitalize()
    return kept


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    (prefix, suffix), (prefix2, suffix2) = _filter(one), _filter(other)
    return (
        (prefix.startswith(prefix2) or prefix2.startswith(prefix))
        and (suffix.endswith(suffix2) or suffix2.endswith(suffix))
        and any(_common(a, b) for a in one["Events"] for b in other["Events"])
    )


def _filter(raw: Mapping[str, Any]) -> tuple[str, str]:
    rules = raw.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    values = {rule["Name"].lower(): rule["Value"] for rule in rules}
    return values.get("prefix", ""), values.get("suffix", "")


def _common(one: str, other: str) -> bool:
    (family, kind), (family2, kind2) = (event.rsplit(":", 1) for event in (one, other))
    return family == family2 and (kind == kind2 or "*" in (kind, kind2))
