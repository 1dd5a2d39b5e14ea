"""Settings of the log processor that contradict each other, refused with the reason and the fix."""

from __future__ import annotations

from typing import Any

import pytest

from infra import config
from infra.config import LogProcessor
from infra.errors import SettingsError
from infra.yaml_source import parse

SETTINGS = """
name: shop
application: shop
region: eu-west-1
artifact_bucket: artifacts
network: {cidr: 10.20.0.0/16, zones: 2, nat: none}
log_processor:
  log_expiry_days: 14
  s3_prefix_list_id: pl-6da54004
  logstash: {host: logstash.example.net, port: 5045, cidr: 10.90.16.0/24}
  event: {component: load-balancer}
"""
OURS = "  bucket_name_prefix: shop-logs\n"
THEIRS = "  existing_bucket: their-logs\n  state_bucket_name_prefix: shop-state\n"
FUNCTION = "  function: {log_retention_days: 7}\n"


def said_of(added: str) -> list[str]:
    """What is said of the settings, without the place in the file; nothing if all is well."""
    try:
        config.parse(parse(SETTINGS + added, "shop.yaml"))
    except SettingsError as error:
        return [problem.partition(": ")[2] for problem in error.problems]
    return []


@pytest.mark.parametrize("bucket", [OURS, THEIRS])
@pytest.mark.parametrize("trigger", ["queue", "direct", "eventbridge"])
def test_each_trigger_goes_with_each_bucket(bucket: str, trigger: str) -> None:
    """None of the six ways is refused."""
    assert said_of(f"{bucket}{FUNCTION}  trigger: {trigger}\n") == []


@pytest.mark.parametrize(
    ("added", "said"),
    [
        (
            FUNCTION,
            [
                "log_processor.existing_bucket: found null; allowed: either bucket_name_prefix, "
                "for a bucket that is made, or this"
            ],
        ),
        (
            f"{OURS}  existing_bucket: their-logs\n{FUNCTION}",
            [
                'log_processor.existing_bucket: found "their-logs"; allowed: either '
                "bucket_name_prefix, for a bucket that is made, or this"
            ],
        ),
        (
            f"  existing_bucket: their-logs\n{FUNCTION}",
            [
                "log_processor.state_bucket_name_prefix: found null; allowed: with "
                "existing_bucket a bucket's name up to its suffix"
            ],
        ),
        (
            f"{OURS}  state_bucket_name_prefix: shop-state\n{FUNCTION}",
            [
                'log_processor.state_bucket_name_prefix: found "shop-state"; allowed: only with '
                "existing_bucket: else all is kept in the log bucket"
            ],
        ),
        (
            f"{OURS}  existing_bucket_account: '123456789012'\n{FUNCTION}",
            [
                'log_processor.existing_bucket_account: found "123456789012"; allowed: only with '
                "existing_bucket"
            ],
        ),
        (
            f"{THEIRS}  existing_bucket_account: '123456789012'\n{FUNCTION}"
            "  trigger: eventbridge\n",
            [
                'log_processor.existing_bucket_account: found "123456789012"; allowed: none with '
                "the trigger eventbridge: a bucket's events go to its own account; use the "
                "trigger queue"
            ],
        ),
        (
            f"{THEIRS}  network_load_balancers: true\n{FUNCTION}",
            [
                "log_processor.network_load_balancers: found true; allowed: false with "
                "existing_bucket: whom it admits is its owner's affair"
            ],
        ),
        (
            f"{OURS}  encryption: aws:kms\n{FUNCTION}",
            [
                'log_processor.encryption: found "aws:kms"; allowed: SSE-S3: load balancers '
                "deliver to no bucket with another encryption, and say nothing"
            ],
        ),
        (
            f"{OURS}  function: {{log_retention_days: 7, maximum_concurrency: 9, "
            "reserved_concurrency: 8}\n",
            [
                "log_processor.function: found {}; allowed: a reserved_concurrency of 9 or more, "
                "as maximum_concurrency says: with fewer, the queue's messages would be "
                "throttled, and become dead letters untried"
            ],
        ),
        (
            f"{OURS}  queue: {{visibility_seconds: 719}}\n{FUNCTION}",
            [
                'log_processor.queue: found {"visibility_seconds": 719}; allowed: '
                "visibility_seconds of 720 or more, 6 times function.timeout_seconds: sooner, a "
                "second attempt would begin while the first may still be at work"
            ],
        ),
        (
            f"{OURS}  trigger: direct\n  queue: {{visibility_seconds: 720}}\n{FUNCTION}",
            [
                'log_processor.queue: found {"visibility_seconds": 720}; allowed: only with the '
                "trigger queue"
            ],
        ),
        (
            f"{OURS}  asynchronous: {{maximum_retries: 1}}\n{FUNCTION}",
            [
                'log_processor.asynchronous: found {"maximum_retries": 1}; allowed: only with the '
                "trigger direct or eventbridge"
            ],
        ),
    ],
)
def test_what_contradicts_itself_is_refused(added: str, said: list[str]) -> None:
    """Each with the key, what was found, and what would do."""
    shown = said_of(added)
    assert [_without_function(line) for line in shown] == [_without_function(one) for one in said]


def _without_function(line: str) -> str:
    """The group of the function is long: what matters is what is allowed."""
    return line if "log_processor.function" not in line else line.partition("allowed: ")[2]


def test_a_reserved_concurrency_limits_alone_where_there_is_no_queue() -> None:
    """It is then the way not to flood Logstash."""
    function = "  function: {log_retention_days: 7, reserved_concurrency: 2}\n"
    assert said_of(f"{OURS}  trigger: direct\n{function}") == []


@pytest.mark.parametrize(
    ("chosen", "seconds"), [({}, 720), ({"queue": {"visibility_seconds": 1000}}, 1000)]
)
def test_a_message_is_hidden_for_as_long_as_is_chosen(chosen: dict[str, Any], seconds: int) -> None:
    """By default six times the function's timeout."""
    dev = config.load("dev").log_processor
    assert dev is not None
    fields = dev.model_dump(by_alias=True) | chosen
    assert LogProcessor.model_validate(fields).visibility_seconds == seconds
