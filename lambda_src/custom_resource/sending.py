"""An answer to its presigned URL, again and again until it is taken or time is up."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .deadline import Deadline, Sleep
from .errors import NotAnsweredError

TIMEOUT_SECONDS = 4.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0


def send(
    url: str,
    body: bytes,
    *,
    deadline: Deadline,
    sleep: Sleep,
    failed: Callable[[int, str], None],
) -> None:
    """Put the body there; a NotAnsweredError when it was not taken within the time.

    An attempt that only seems to have failed leaves the same bytes in the same place. `failed` is
    told of each, by its number; in no case is the URL named.
    """
    attempt, pause = 1, _FIRST_PAUSE
    while True:
        # Never all that is left: the next attempt may be quick.
        reason = _attempted(url, body, min(TIMEOUT_SECONDS, deadline.left() / 2))
        if reason is None:
            return
        failed(attempt, reason)
        if pause >= deadline.left():
            raise NotAnsweredError(
                f"CloudFormation took no answer in {attempt} attempts, the last time: {reason}"
            )
        sleep(pause)
        attempt, pause = attempt + 1, min(_LONGEST_PAUSE, 2 * pause)


def _attempted(url: str, body: bytes, timeout: float) -> str | None:
    """Return why it was not taken, None if it was."""
    # The URL's signature covers a content type, which is empty; urllib would make one up.
    headers = {"Content-Type": "", "Content-Length": str(len(body))}
    try:
        request = Request(url, data=body, headers=headers, method="PUT")  # noqa: S310 - http(s)
        with urlopen(request, timeout=max(0.1, timeout)):  # noqa: S310
            return None
    except HTTPError as error:
        with error:
            return f"HTTP status {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        # Some of these say the URL in their own words.
        cause = getattr(error, "reason", error)
        return str(cause) if isinstance(cause, OSError) and str(cause) else type(error).__name__
