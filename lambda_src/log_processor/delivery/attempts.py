"""Why one attempt to deliver has failed, in words."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import DeliveryError


class AttemptError(DeliveryError):
    """One attempt that failed; a permanent one would fail again in the same way."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


@contextmanager
def explained(timeout: str) -> Iterator[None]:
    """Turn every error of a socket into an AttemptError; `timeout` is what a timeout means."""
    try:
        yield
    except TimeoutError as error:
        raise AttemptError(timeout) from error
    except UnicodeError as error:
        raise AttemptError(f"the host name is not valid: {error}", permanent=True) from error
    except OSError as error:
        raise AttemptError(_explanation(error)) from error


def _explanation(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"the host name cannot be resolved: {error.strerror}"
    if error.errno == errno.ECONNREFUSED:
        return f"{error.strerror}: nothing listens there; is it running, and is the port right?"
    if error.errno in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN, errno.ECONNABORTED):
        return f"it broke the connection off: {error.strerror}"
    return str(error.strerror or error)
