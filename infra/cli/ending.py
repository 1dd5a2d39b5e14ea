"""Ending on a signal through every block that cleans up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class Ended(SystemExit):
    """A signal asked us to end; everything is cleaned up on the way out."""


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Have every signal that asks us to end do it through every block that cleans up.

    SIGINT too: a shell that starts us in the background has it ignored. SIGHUP stays ignored
    where it is: that is what nohup is for.
    """
    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: _end}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        handlers[signal.SIGHUP] = _end
    previous = {number: signal.signal(number, each) for number, each in handlers.items()}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise Ended(128 + number)
