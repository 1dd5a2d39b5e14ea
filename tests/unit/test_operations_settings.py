"""What settings may say of alarms, mail, dashboard and protection, and what contradicts itself."""

from __future__ import annotations

import pytest

from infra import config
from infra.errors import SettingsError
from infra.yaml_source import parse

GROUP = "log_processor.operations"


def dev_with(operations: str) -> config.LogProcessorOperations:
    """The group as it is read from the example `dev` with these lines instead of its own."""
    text = config.shipped()["dev"].read_text(encoding="utf-8")
    kept = text.partition("\n  operations:")[0].rstrip()
    lines = f"{kept}\n  operations: {operations}\n"
    processor = config.parse(parse(lines, "shop.yaml")).log_processor
    assert processor is not None
    return processor.operations


def test_a_file_that_says_nothing_is_watched_and_protected() -> None:
    """Files written before there was such a group go on working, and are safe."""
    assert dev_with("{}") == config.LogProcessorOperations(
        alarms=True, topic_arn=None, emails=(), dashboard=True, protected=True
    )
    assert dev_with("{}").thresholds.no_logs_minutes == 120


def test_all_of_it_can_be_switched_off() -> None:
    """An environment for an afternoon needs nobody to be woken."""
    off = dev_with("{alarms: false, dashboard: false, protected: false}")
    assert (off.alarms, off.dashboard, off.protected) == (False, False, False)


def test_silence_can_be_nothing_to_ring_for() -> None:
    """Where there is no traffic at night, no log is no fault."""
    assert dev_with("{thresholds: {no_logs_minutes: never}}").thresholds.no_logs_minutes == "never"


TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
MINUTES = "a whole number of minutes from 10 to 1440, or never"
NO_TOPIC = "the ARN of a standard SNS topic, such as arn:aws:sns:eu-west-1:123456789012:alarms"


@pytest.mark.parametrize(
    ("operations", "says"),
    [
        (
            f"{{alarms: false, topic_arn: '{TOPIC}'}}",
            f'{GROUP}.topic_arn: found "{TOPIC}"; allowed: only with alarms: true',
        ),
        (
            "{alarms: false, emails: [a@example.net]}",
            f'{GROUP}.emails: found ["a@example.net"]; allowed: only with alarms: true',
        ),
        (
            "{alarms: false, thresholds: {errors: 2}}",
            f'{GROUP}.thresholds: found {{"errors": 2}}; allowed: only with alarms: true',
        ),
        (
            f"{{topic_arn: '{TOPIC}', emails: [a@example.net]}}",
            f'{GROUP}.emails: found ["a@example.net"]; allowed: none with topic_arn: whoever has '
            "that topic subscribes to it",
        ),
        (
            "{topic_arn: 'arn:aws:sns:eu-west-1:123456789012:alarms.fifo'}",
            f'{GROUP}.topic_arn: found "{TOPIC}.fifo"; allowed: {NO_TOPIC}',
        ),
        (
            "{emails: [on-call]}",
            f'{GROUP}.emails[0]: found "on-call"; allowed: a mail address, such as '
            "on-call@example.net",
        ),
        (
            "{emails: [a@example.net, a@example.net]}",
            f'{GROUP}.emails: found ["a@example.net", "a@example.net"]; allowed: each address once',
        ),
        (
            "{thresholds: {no_logs_minutes: 9}}",
            f"{GROUP}.thresholds.no_logs_minutes: found 9; allowed: {MINUTES}",
        ),
        (
            "{thresholds: {no_logs_minutes: off}}",
            f"{GROUP}.thresholds.no_logs_minutes: found false; allowed: {MINUTES}",
        ),
        (
            "{thresholds: {no_logs_minutes: true}}",
            f"{GROUP}.thresholds.no_logs_minutes: found true; allowed: {MINUTES}",
        ),
        (
            "{thresholds: {queue_age_minutes: 5760}}",
            f"{GROUP}.thresholds.queue_age_minutes: found 5760; allowed: 5759 or less",
        ),
        (
            "{thresholds: {duration_percent: 100}}",
            f"{GROUP}.thresholds.duration_percent: found 100; allowed: 99 or less",
        ),
        ("{alarms: 'yes'}", f'{GROUP}.alarms: found "yes"; allowed: true or false'),
        (
            "{alarm: true}",
            f"{GROUP}.alarm: unknown key, found true; allowed here: alarms, dashboard, emails, "
            'protected, thresholds, topic_arn (did you mean "alarms"?)',
        ),
    ],
)
def test_what_contradicts_itself_or_cannot_be_is_refused_with_the_reason(
    operations: str, says: str
) -> None:
    """Nobody finds out by an alarm that never rang."""
    with pytest.raises(SettingsError) as refused:
        dev_with(operations)
    (problem,) = refused.value.problems
    assert problem.partition(": ")[2] == says


def test_a_topic_of_another_region_is_refused() -> None:
    """CloudWatch would refuse the alarm, in the middle of the deployment."""
    with pytest.raises(SettingsError) as refused:
        dev_with("{topic_arn: 'arn:aws:sns:eu-west-2:123456789012:alarms'}")
    (problem,) = refused.value.problems
    assert problem.endswith("; allowed: an operations.topic_arn of the region eu-west-1")


@pytest.mark.parametrize(
    ("trigger", "thresholds", "allowed"),
    [
        (
            "queue",
            "event_age_minutes: 9",
            "no thresholds.event_age_minutes with the trigger queue: queue_age_minutes",
        ),
        (
            "direct",
            "queue_age_minutes: 9",
            "thresholds.queue_age_minutes only with the trigger queue: event_age_minutes",
        ),
        (
            "eventbridge",
            "event_age_minutes: 10",
            "thresholds.event_age_minutes of less than 600 seconds, after which an event is given "
            "up (asynchronous.maximum_age_seconds)",
        ),
    ],
)
def test_a_threshold_that_could_never_ring_is_refused(
    trigger: str, thresholds: str, allowed: str
) -> None:
    """Whoever wrote it down relies on it."""
    text = config.shipped()["dev"].read_text(encoding="utf-8").partition("\n  operations:")[0]
    repeats = "" if trigger == "queue" else "\n  asynchronous: {maximum_age_seconds: 600}"
    watching = f"\n  trigger: {trigger}\n  operations: {{thresholds: {{{thresholds}}}}}\n"
    with pytest.raises(SettingsError) as refused:
        config.parse(parse(text.rstrip() + repeats + watching, "shop.yaml"))
    (problem,) = refused.value.problems
    assert problem.endswith(f"; allowed: {allowed}")


@pytest.mark.parametrize(
    "address", ["a@example.net", "first.last+infra@mail.example.co.uk", "o'brien@example.net"]
)
def test_usual_addresses_are_taken(address: str) -> None:
    """The rule is there for mistakes, not for taste."""
    assert dev_with(f'{{emails: ["{address}"]}}').emails == (address,)
