"""The packaged function with rsyslog and syslog-ng, plain and over TLS."""

from __future__ import annotations

import itertools
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import reserved_port
from tests.unit.log_processor.certificates import NAME, certificates
from tests.unit.log_processor.samples import ALB_KEY

from . import announcements, s3
from .announcements import NOTHING_FAILED, message
from .daemons import DAEMONS, Security, Start
from .functions import PATIENCE, Function, environment, function
from .samples import alb, every_kind, identified, offset, offsets

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Debian's programs run on Linux")

COPIES = 400
"""Of the line of each kind: more than a batch."""


RECEIVERS = {
    f"{name}, {security.value}": (DAEMONS[name], security)
    for name, security in itertools.product(DAEMONS, Security)
    if (name, security) != ("rsyslog with OpenSSL", Security.NONE)
}
NO_CERTIFICATE = {
    "rsyslog": "127.0.0.1",  # with GnuTLS it closes the connection without an alert
    "rsyslog with OpenSSL": "it wants a client certificate, and none is set",
    "syslog-ng": "it wants a client certificate, and none is set",
}


@pytest.mark.parametrize(("start", "security"), RECEIVERS.values(), ids=RECEIVERS.keys())
def test_every_line_of_every_kind_arrives_once_with_its_id(
    start: Start, security: Security, code: Path, tmp_path: Path
) -> None:
    """What is counted as delivered is in the receiver's file, each event with its types."""
    objects, events = every_kind(COPIES)
    with (
        reserved_port() as port,
        start(tmp_path, port, security) as daemon,
        s3.serving(s3.S3(objects)) as served,
        function(
            code, secured(served.port, port, security, tmp_path), tmp_path / "function"
        ) as invoke,
    ):
        assert invoke(announcements.sqs(message("1", *objects))) == NOTHING_FAILED
        found = daemon.wait_for(len(events))
        summaries = invoke.summaries
    assert daemon.garbage() == b""
    assert len(found) == len(events)
    assert identified(found) == events
    assert [each["outcome"] for each in summaries] == ["delivered"] * len(objects)
    assert sum(each["delivered"] for each in summaries) == len(events)


@pytest.mark.parametrize("name", DAEMONS)
def test_who_brings_no_certificate_is_refused(name: str, code: Path, tmp_path: Path) -> None:
    """TLS 1.3 refuses a client after its handshake: what was sent until then does not count."""
    with (
        reserved_port() as port,
        DAEMONS[name](tmp_path, port, Security.MUTUAL) as daemon,
        s3.serving(s3.S3({ALB_KEY: alb(COPIES)})) as served,
        function(
            code, secured(served.port, port, Security.TLS, tmp_path), tmp_path / "function"
        ) as invoke,
    ):
        answer = invoke(announcements.sqs(message("1", ALB_KEY)))
        [summary] = invoke.summaries
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert (summary["outcome"], summary["delivered"]) == ("failed", 0)
    assert NO_CERTIFICATE[name] in summary["error"]
    assert daemon.lines() == []


@pytest.mark.parametrize("security", [Security.NONE, Security.TLS], ids=lambda each: each.value)
@pytest.mark.parametrize("name", ["rsyslog", "syslog-ng"])
def test_a_reload_and_a_restart_lose_nothing(
    name: str, security: Security, code: Path, tmp_path: Path
) -> None:
    """Events may arrive twice then, with the same ids; what fails is handed back and repeated."""
    count = 50_000
    slow = alb(count, lambda: time.sleep(0.005))
    with (
        reserved_port() as port,
        s3.serving(s3.S3({ALB_KEY: slow})) as served,
        function(
            code, secured(served.port, port, security, tmp_path), tmp_path / "function"
        ) as invoke,
        ThreadPoolExecutor(1) as pool,
    ):
        with DAEMONS[name](tmp_path, port, security) as daemon:
            done = pool.submit(until_delivered, invoke)
            daemon.wait_for(1)
            daemon.reload()
            daemon.wait_for(count // 10)
            daemon.stop()
        with DAEMONS[name](tmp_path, port, security) as daemon:
            done.result(PATIENCE)
            daemon.stop()  # it writes in its own time, and all of it before its end
    assert sorted({offset(line) for line in daemon.lines()}) == offsets(count)


def until_delivered(invoke: Function) -> None:
    """Hand the message out as often as it is handed back."""
    for attempt in range(1, 100):
        if invoke(announcements.sqs(message("1", ALB_KEY, attempt=attempt))) == NOTHING_FAILED:
            return
    raise AssertionError(invoke.summaries[-1])


def secured(s3_port: int, port: int, security: Security, folder: Path) -> dict[str, str]:
    """Return the function's settings for such a receiver; certificates are text or files."""
    made = certificates()
    if security is Security.NONE:
        return environment(s3_port, port)
    tls = {"LOGSTASH_PROTOCOL": "tls", "LOGSTASH_CA": made.ca, "LOGSTASH_SERVER_NAME": NAME}
    if security is Security.MUTUAL:
        key = folder / "client.key"
        key.write_text(made.client.key)
        tls |= {"LOGSTASH_CA": str(folder / "ca.pem"), "LOGSTASH_PRIVATE_KEY": str(key)}
        tls |= {"LOGSTASH_CERTIFICATE": made.client.certificate}
    return environment(s3_port, port, **tls)
