"""The packaged function with a receiver that acknowledges, plain and inside mutual TLS."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.unit.log_processor.certificates import NAME, Identity, certificates, server_context
from tests.unit.log_processor.lumberjack_server import Counting, acknowledging
from tests.unit.log_processor.receivers import over_tls, receiving

from . import announcements, s3
from .announcements import NOTHING_FAILED, message
from .functions import Python, environment, function
from .samples import every_kind, identified

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS's runtime interface emulator runs on Linux only"
)

COPIES = 1_000
"""Of the line of each kind: more than a batch."""


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize("level", ["0", "6"])
def test_every_event_is_acknowledged(
    level: str, counting: Counting, code: Path, tmp_path: Path
) -> None:
    """Compressed or not, and whichever way the receiver counts."""
    objects, events = every_kind(COPIES)
    more = {"LOGSTASH_PROTOCOL": "lumberjack", "LOGSTASH_COMPRESSION_LEVEL": level}
    with (
        receiving(acknowledging(counting)) as receiver,
        s3.serving(s3.S3(objects)) as served,
        function(code, environment(served.port, receiver.port, **more), tmp_path / "log") as invoke,
    ):
        assert invoke(announcements.sqs(message("1", *objects))) == NOTHING_FAILED
        summaries = invoke.summaries
    assert identified(receiver.lines) == events
    assert sum(each["delivered"] for each in summaries) == len(events)
    assert [each["retries"] for each in summaries] == [0] * len(objects)


def test_both_sides_prove_who_they_are(python: Python, code: Path, tmp_path: Path) -> None:
    """The function takes its certificate, its key and the receiver's CA from a secret."""
    objects, events = every_kind(COPIES)
    made = certificates()
    behaviour = over_tls(server_context(made.receiver, client_ca=made.ca), acknowledging())
    with (
        receiving(behaviour) as receiver,
        s3.serving(s3.S3(objects, secret=secret(made.client))) as served,
        function(
            code, with_secret(served.port, receiver.port), tmp_path / "log", python=python
        ) as invoke,
    ):
        assert invoke(announcements.sqs(message("1", *objects))) == NOTHING_FAILED
    assert identified(receiver.lines) == events


def test_a_stranger_gets_nothing_accepted(code: Path, tmp_path: Path) -> None:
    """The message goes back, and the log says that the certificate is why."""
    objects, _ = every_kind(1)
    made = certificates()
    behaviour = over_tls(server_context(made.receiver, client_ca=made.ca), acknowledging())
    with (
        receiving(behaviour) as receiver,
        s3.serving(s3.S3(objects, secret=secret(made.stranger))) as served,
        function(code, with_secret(served.port, receiver.port), tmp_path / "log") as invoke,
    ):
        answer = invoke(announcements.sqs(message("1", *objects)))
        summaries = invoke.summaries
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert all("it did not accept our certificate" in each["error"] for each in summaries)
    assert receiver.lines == []


def secret(client: Identity) -> dict[str, str]:
    """Return what the secret holds."""
    return {
        "ca": certificates().ca,
        "certificate": client.certificate,
        "private_key": client.key,
        "server_name": NAME,
    }


def with_secret(s3_port: int, port: int) -> Mapping[str, str]:
    more = {"LOGSTASH_PROTOCOL": "lumberjack+tls", "LOGSTASH_SECRET": s3.SECRET}
    return environment(s3_port, port, **more)
