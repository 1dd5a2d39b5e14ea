"""The child process `python -m infra.local.launcher`: runs MiniStack and outlives nobody.

It is two processes. The guard makes a temporary folder, forks the emulator into a process group
of its own, and waits for either end: its standard input closing (the parent is gone, however it
went) or the emulator ending. Then it kills that group and, once the parent has had the time to
read the log, removes the folder and ends. The emulator in turn kills its group when the guard is
gone.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

_LOOPBACK = "127.0.0.1"
LOG_NAME = "emulator.log"
_LAST_STANDARD_STREAM = 2
_BACKLOG = 128
_KEEP_ALIVE_SECONDS = 75
"""As MiniStack's own main has it."""


def main() -> None:
    """Guard an emulator until standard input closes or it ends by itself."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The terminal's signals are the parent's affair; it closes our input when it ends.
        signal.signal(name, signal.SIG_IGN)
    _open_standard_streams()
    home = Path(tempfile.mkdtemp(prefix="infra-local-"))
    listener = socket.create_server((_LOOPBACK, 0), backlog=_BACKLOG)
    alive, alive_end = os.pipe()
    guarded, guarded_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(alive)
        os.close(guarded_end)
        _run_emulator(home, listener, guarded)
    os.close(alive_end)
    os.close(guarded)
    port: int = listener.getsockname()[1]
    listener.close()
    _announce(home, port)
    ready, _, _ = select.select([sys.stdin.fileno(), alive], [], [])
    _kill(child)
    if alive in ready:
        _let_the_log_be_read()
    shutil.rmtree(home, ignore_errors=True)


def _open_standard_streams() -> None:
    """Give the numbers 0 to 2 to something, or the next file opened would have one of them."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= _LAST_STANDARD_STREAM:
        pass
    os.close(number)


def _announce(home: Path, port: int) -> None:
    # Without a reader the parent has just gone, which standard input says as well.
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps({"home": str(home), "port": port}) + "\n")
        sys.stdout.flush()


def _kill(child: int) -> None:
    # There is no group when it has ended with all of it, or before it made one.
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _let_the_log_be_read() -> None:
    """Close our output, which tells the parent that the emulator has ended, and wait for it."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    select.select([sys.stdin.fileno()], [], [])


def _run_emulator(home: Path, listener: socket.socket, guarded: int) -> None:
    """In the forked process; never returns."""
    os.setpgid(0, 0)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_DFL)
    threading.Thread(target=_follow_the_guard, args=(guarded,), daemon=True).start()
    _redirect_output(home / LOG_NAME)
    # After the fork, so that the folder is the one that the guard removes.
    os.environ.update(_places(home), GATEWAY_PORT=str(listener.getsockname()[1]))
    tempfile.tempdir = None
    status = 1
    try:
        _serve(listener)
        status = 0
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stderr.flush()
        os._exit(status)


def _serve(listener: socket.socket) -> None:
    """Serve MiniStack's application on a port that is ours already.

    Its own main takes only a port's number, which somebody else can take before it does.
    """
    # Imported here: the guard needs none of it, and MiniStack reads the environment at import.
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    from infra.local.plugin import registration

    registration.register()
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = _KEEP_ALIVE_SECONDS
    asyncio.run(serve(_secure(app), config))


def _secure(app: Any) -> Any:
    """Count what comes as sent over TLS, so that policies which refuse plain HTTP can be met.

    It is plain HTTP, but it never leaves this machine.
    """

    async def secured(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "scheme": "https"}
        await app(scope, receive, send)

    return secured


def _follow_the_guard(guarded: int) -> None:
    os.read(guarded, 1)
    os.killpg(0, signal.SIGKILL)


def _redirect_output(log: Path) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(file, 1)
    os.dup2(file, 2)


def _places(home: Path) -> dict[str, str]:
    """Every folder that MiniStack, boto3 or a function may write to or read from."""
    scratch = home / "tmp"
    scratch.mkdir()
    return {
        "HOME": str(home),
        "TMPDIR": str(scratch),
        "S3_DATA_DIR": str(home / "s3"),
        "STATE_DIR": str(home / "state"),
    }


if __name__ == "__main__":
    main()
