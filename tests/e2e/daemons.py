"""rsyslog and syslog-ng as receivers, which were not written for it: JSON lines to a file.

Both parse each line as JSON; what they do not understand goes to another file.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path

from tests.unit.log_processor.certificates import certificates

from .processes import running, wait_until, wait_until_listening
from .tools import rsyslog, syslog_ng, with_libraries


class Security(Enum):
    """What is asked of whom."""

    NONE = "plain TCP"
    TLS = "TLS, the receiver has a certificate"
    MUTUAL = "TLS, the client has one as well"


@dataclass
class Daemon:
    """One that runs."""

    process: subprocess.Popen[bytes]
    folder: Path

    def lines(self) -> list[bytes]:
        """Return the lines that are written so far, as JSON that it has understood."""
        file = self.folder / "events"
        written = file.read_bytes() if file.exists() else b""
        return written[: written.rfind(b"\n") + 1].splitlines(keepends=True)

    def garbage(self) -> bytes:
        """Return what was no JSON."""
        file = self.folder / "garbage"
        return file.read_bytes() if file.exists() else b""

    def wait_for(self, count: int) -> list[bytes]:
        """Return the lines, of which so many must come: it writes them in its own time."""
        file, log = self.folder / "events", self.folder / "log"
        wait_until(lambda: file.exists(), "a first line", log)
        wait_until(lambda: file.read_bytes().count(b"\n") >= count, f"{count} lines", log)
        return self.lines()

    def stop(self) -> None:
        """Let it end in good order, with everything written that it has taken."""
        self.process.terminate()
        self.process.wait(120)

    def reload(self) -> None:
        """Have it read its configuration again."""
        self.process.send_signal(signal.SIGHUP)


Start = Callable[[Path, int, Security], AbstractContextManager[Daemon]]
"""From a folder that it may fill, a port, and what is asked of whom."""

RSYSLOG = """
global(workDirectory="{folder}" maxMessageSize="2m" {files})
main_queue(queue.timeoutShutdown="60000")
module(load="imptcp")
module(load="mmjsonparse")
{load}
template(name="event" type="string" string="%$!all-json%\\n")
template(name="line" type="string" string="%rawmsg%\\n")
input(type="{input}" address="127.0.0.1" port="{port}" ruleset="events"
      supportOctetCountedFraming="off")
action(type="omfile" file="{folder}/said")
ruleset(name="events") {{
  action(type="mmjsonparse" cookie="" useRawMsg="on")
  if $parsesuccess == "OK" then {{
    action(type="omfile" file="{folder}/events" template="event")
  }} else {{
    action(type="omfile" file="{folder}/garbage" template="line")
  }}
}}
"""

RSYSLOG_TLS = """
module(load="imtcp" streamDriver.name="{driver}" streamDriver.mode="1" streamDriver.authMode="{who}"
       maxSessions="1000")
"""

RSYSLOG_FILES = """
defaultNetstreamDriver="{driver}" defaultNetstreamDriverCaFile="{folder}/ca.pem"
defaultNetstreamDriverCertFile="{folder}/certificate.pem"
defaultNetstreamDriverKeyFile="{folder}/key.pem"
"""


@contextmanager
def running_rsyslog(driver: str, folder: Path, port: int, security: Security) -> Iterator[Daemon]:
    """Run rsyslog, with one of its TLS drivers, until the block's end."""
    root = rsyslog()
    [modules] = (root / "usr" / "lib").glob("*-linux-gnu*/rsyslog")
    who = {Security.TLS: "anon", Security.MUTUAL: "x509/certvalid"}.get(security)
    tls = {"driver": driver, "who": who, "folder": folder}
    configuration = RSYSLOG.format(
        folder=folder,
        port=port,
        input="imtcp" if who else "imptcp",
        load=RSYSLOG_TLS.format_map(tls) if who else "",
        files=RSYSLOG_FILES.format_map(tls) if who else "",
    )
    file = _written(folder, configuration)
    command = [str(root / "usr/sbin/rsyslogd"), "-n", "-f", str(file)]
    command += ["-i", str(folder / "pid"), "-M", str(modules)]
    with _running(command, with_libraries(root), folder, port) as daemon:
        yield daemon


SYSLOG_NG = """
@version: current
source lines {{
  network(ip("127.0.0.1") port({port}) transport("{transport}") flags(no-parse)
          log-msg-size(2097152) max-connections(1000) {tls});
}};
log {{
  source(lines);
  if {{
    parser {{ json-parser(prefix(".json.")); }};
    destination {{ file("{folder}/events" template("${{MESSAGE}}\\n")); }};
  }} else {{
    destination {{ file("{folder}/garbage" template("${{MESSAGE}}\\n")); }};
  }};
  flags(flow-control);
}};
"""

SYSLOG_NG_TLS = """
tls(key-file("{folder}/key.pem") cert-file("{folder}/certificate.pem") ca-file("{folder}/ca.pem")
    peer-verify({who}))
"""


@contextmanager
def running_syslog_ng(folder: Path, port: int, security: Security) -> Iterator[Daemon]:
    """Run syslog-ng until the block's end."""
    root = syslog_ng()
    [modules] = (root / "usr" / "lib" / "syslog-ng").glob("[0-9]*")
    who = {Security.TLS: "optional-untrusted", Security.MUTUAL: "required-trusted"}.get(security)
    tls = SYSLOG_NG_TLS.format(folder=folder, who=who) if who else ""
    transport = "tls" if who else "tcp"
    settings = {"folder": folder, "port": port, "transport": transport, "tls": tls}
    file = _written(folder, SYSLOG_NG.format_map(settings))
    command = [str(root / "usr/sbin/syslog-ng"), "--foreground", "--no-caps", "--stderr"]
    command += ["--cfgfile", str(file), "--module-path", str(modules)]
    command += ["--persist-file", str(folder / "persist"), "--pidfile", str(folder / "pid")]
    command += ["--control", str(folder / "control")]
    with _running(command, with_libraries(root), folder, port) as daemon:
        yield daemon


DAEMONS: Mapping[str, Start] = {
    "rsyslog": partial(running_rsyslog, "gtls"),
    "rsyslog with OpenSSL": partial(running_rsyslog, "ossl"),
    "syslog-ng": running_syslog_ng,
}


def _written(folder: Path, configuration: str) -> Path:
    """Write everything that either needs."""
    made = certificates()
    (folder / "ca.pem").write_text(made.ca)
    (folder / "certificate.pem").write_text(made.receiver.certificate)
    (folder / "key.pem").write_text(made.receiver.key)
    file = folder / "configuration"
    file.write_text(configuration)
    return file


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, port: int
) -> Iterator[Daemon]:
    with running(command, environment, folder / "log") as process:
        wait_until_listening(process, port, folder / "log")
        yield Daemon(process, folder)
