"""Delivery to rsyslog, a receiver that was not written for it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lambda_src.log_processor.accounting import Account
from lambda_src.log_processor.delivery import Connection, Deadline
from lambda_src.log_processor.formats import Kind
from lambda_src.log_processor.forwarding import forward
from lambda_src.log_processor.schemas import original
from tests.conftest import reserved_port

from .processes import running, wait_until, wait_until_listening
from .samples import ALB_LINE, CLASSIC_LINE, STATIC
from .tools import rsyslog

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Debian's rsyslog runs on Linux")

CONFIGURATION = """
global(workDirectory="{folder}" maxMessageSize="2m")
module(load="imptcp")
module(load="mmjsonparse")
template(name="event" type="string" string="%$!all-json%\\n")
input(type="imptcp" address="127.0.0.1" port="{port}" ruleset="events")
ruleset(name="events") {{
  action(type="mmjsonparse" cookie="" useRawMsg="on")
  if $parsesuccess == "OK" then {{
    action(type="omfile" file="{folder}/events" template="event")
  }} else {{
    action(type="omfile" file="{folder}/garbage")
  }}
}}
"""


@contextmanager
def receiving(folder: Path) -> Iterator[int]:
    """Run rsyslog until the block's end; yields its port."""
    root, log = rsyslog(), folder / "log"
    [libraries] = (root / "usr" / "lib").glob("*-linux-gnu*")
    configuration = folder / "rsyslog.conf"
    command = [str(root / "usr" / "sbin" / "rsyslogd"), "-n", "-f", str(configuration)]
    command += ["-i", str(folder / "pid"), "-M", str(libraries / "rsyslog")]
    with reserved_port() as port:
        configuration.write_text(CONFIGURATION.format(folder=folder, port=port))
        with running(command, os.environ | {"LD_LIBRARY_PATH": str(libraries)}, log) as process:
            wait_until_listening(process, port, log)
            yield port


def test_every_line_arrives_and_is_drain_confirmed(tmp_path: Path) -> None:
    """What is counted as delivered is in the file, each event with its types."""
    content = f"{CLASSIC_LINE}\nnonsense\n{ALB_LINE}\n".encode() * 2_500
    written = tmp_path / "events"
    account = Account()
    with receiving(tmp_path) as port:
        with Connection("127.0.0.1", port, Deadline(60.0)) as connection:
            forward([content], Kind.UNKNOWN, original(STATIC), connection, account)
        wait_until(
            lambda: written.exists() and written.read_bytes().count(b"\n") == 5_000,
            "5000 lines are written",
            tmp_path / "log",
        )
    assert (account.read, account.rejected) == (7_500, 2_500)
    assert not (tmp_path / "garbage").exists()
    events = [json.loads(line) for line in written.read_text().splitlines()]
    assert [event["LogKind"] for event in events] == ["classic", "alb"] * 2_500
    assert (events[0]["TimeTaken"], events[1]["BytesUploadedFromClient"]) == (1.048, 17)
