"""How far a request has come: what was begun last, and whether there is time to go on."""

from __future__ import annotations

from .deadline import Deadline, Sleep
from .errors import OutOfTimeError
from .log import Log


class Course:
    """What a provider tells while it works, so that the answer can be right at any moment."""

    def __init__(self, stop: Deadline, log: Log, sleep: Sleep) -> None:
        self._stop, self._log, self._sleep = stop, log, sleep
        self._closed = False
        self.step = "reading the request"
        """What was begun last."""
        self.physical_id: str | None = None
        """Of what may exist by now."""

    def doing(self, step: str) -> None:
        """Say what is begun; an OutOfTimeError if nothing may be begun any more."""
        self.check()
        self.step = step
        self._log.write("INFO", "step", step=step)

    def check(self) -> None:
        """Raise an OutOfTimeError if nothing may be begun any more."""
        if self._closed or not self.left():
            raise OutOfTimeError(f"the function's time was up after: {self.step}")

    def left(self) -> float:
        """Return the seconds in which something may still be begun."""
        return self._stop.left()

    def pause(self, seconds: float) -> None:
        """Wait; an OutOfTimeError if there would be no time left afterwards."""
        if seconds >= self.left():
            raise OutOfTimeError(f"the function's time was up after: {self.step}")
        self._sleep(seconds)

    def may_exist(self, physical_id: str) -> None:
        """Say that something of this id may exist from now on, whatever happens.

        If the request fails, CloudFormation is told this id, and deletes what it names.
        """
        self.physical_id = physical_id

    def conceal(self, secret: str) -> None:
        """Keep a text out of the log and out of reasons."""
        self._log.secrets.add(secret)

    def close(self) -> None:
        """Let nothing be begun any more: the answer is being given."""
        self._closed = True
