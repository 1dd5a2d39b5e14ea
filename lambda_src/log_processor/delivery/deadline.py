"""How long anything is waited for: to a moment, and for a sign of life until then."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]


class Deadline:
    """A moment after which nothing is waited for."""

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Return the seconds that are left; not below zero."""
        return max(0.0, self._end - self._clock())


class Patience:
    """How long a single wait may take; what it is changes from attempt to attempt."""

    def __init__(self, deadline: Deadline, longest: float) -> None:
        self._deadline = deadline
        self.longest = longest

    def seconds(self) -> float:
        """Return how long to wait at most, above zero; a TimeoutError after the deadline."""
        left = self._deadline.left()
        if not left:
            raise TimeoutError
        return min(left, self.longest)
