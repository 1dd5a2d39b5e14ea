"""The child process `python guard.py UID GID FOLDER COMMAND…`: a server that outlives nobody.

It runs the command as a user, waits for its standard input to close (the parent is gone, however
it went), ends the command and removes the folder. That the command has ended by itself is told by
closing standard output; the folder stays until the parent has read what it wants.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import time
from contextlib import suppress

LOG_NAME = "log"
AS_WE_ARE = -1
"""In place of ids: the user that runs the guard."""

_LOOKS_AFTER_SECONDS = 0.05
_ENDS_WITHIN_SECONDS = 10.0


def main(uid: int, gid: int, folder: str, command: list[str]) -> None:
    """Guard the command until standard input closes."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The terminal's signals are the parent's affair; it closes our input when it ends.
        signal.signal(name, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        _become(uid, gid, folder, command)
    ended = False
    while not select.select([0], [], [], _LOOKS_AFTER_SECONDS)[0]:
        if not ended and (ended := _has_ended(child)):
            _say_so()
    if not ended:
        _end(child)
    shutil.rmtree(folder, ignore_errors=True)


def _become(uid: int, gid: int, folder: str, command: list[str]) -> None:
    """In the forked process; never returns."""
    try:
        os.setpgid(0, 0)
        log = os.open(f"{folder}/{LOG_NAME}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, file in enumerate((nothing, log, log)):
            os.dup2(file, number)
        if uid != AS_WE_ARE:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_DFL)
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(2, f"{command[0]}: {error}\n".encode())
    finally:
        os._exit(127)


def _has_ended(child: int) -> bool:
    return os.waitpid(child, os.WNOHANG)[0] == child


def _say_so() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)


def _end(child: int) -> None:
    """Ask PostgreSQL for its immediate shutdown: nothing of it is kept."""
    os.kill(child, signal.SIGQUIT)
    deadline = time.monotonic() + _ENDS_WITHIN_SECONDS
    while not _has_ended(child):
        if time.monotonic() > deadline:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return
        time.sleep(0.01)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
