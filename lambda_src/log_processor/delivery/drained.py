r"""Batches over TCP or TLS, and the best that can be said where nothing acknowledges.

What is called *drain-confirmed* here is this, for each batch:

1. every line ends in a newline, since a receiver may drop or delay an unterminated tail;
2. the receiver has not closed its side before we close ours (otherwise its EOF says nothing);
3. after `shutdown(SHUT_WR)` the connection is read to EOF, and the receiver has written nothing:
   a receiver of JSON lines never does, and whoever answers is somebody else;
4. then the kernel says that our FIN was acknowledged (TCP_INFO state CLOSE or TIME_WAIT), that no
   reset came (SO_ERROR) and that nothing is left to send (SIOCOUTQ);
5. one more connection to the same address is accepted, over TLS with its handshake: a receiver
   that refuses was going down, and Logstash then closes cleanly without having taken everything.
   The next batch goes over that connection, so that a batch costs one.

It is not proof. A receiver that crashes after EOF, that drops what it has decoded, or that closes
its side by itself without reading on, in the moment between our half-close and its end, looks the
same. Steps 2 and 4 need Linux; elsewhere the EOF alone decides.

Linux replaces a socket in TIME_WAIT by a smaller one that the program no longer holds, so what
TCP_INFO shows after a clean end is CLOSE. A reset after the peer's FIN leaves CLOSE as well, and
`recv` then still returns EOF: only SO_ERROR tells (net/ipv4/tcp_input.c, tcp_reset and tcp_fin).

TLS keeps others from reading events and from taking the receiver's place, and adds nothing to
what a confirmation is worth: steps 2 to 4 are TCP's, which nobody signs. Whoever can forge packets
between the two can end both sides early, and a close_notify, which the receiver sends at any end,
would not show it. So an end without one is an end too, as rsyslog makes it. Where that matters
there is Lumberjack, whose acknowledgements are inside TLS.
"""

from __future__ import annotations

from collections.abc import Callable

from .attempts import AttemptError, explained
from .batch import Batch
from .sockets import Stream


class DrainConfirmed:
    """Carries batches to one address, each over a connection of its own."""

    def __init__(self, opened: Callable[[], Stream]) -> None:
        self._opened = opened
        self._next: Stream | None = None

    def carry(self, batch: Batch) -> None:
        """Return if the batch is drain-confirmed, else raise an AttemptError."""
        stream = self._taken()
        try:
            _send(stream, batch.content)
            _drain(stream)
        except BaseException:
            stream.abort()
            raise
        stream.close()
        self._next = self._opened_again()

    def close(self) -> None:
        """Close the connection that no batch was left for."""
        if self._next is not None:
            self._next.close()
            self._next = None

    def _taken(self) -> Stream:
        """Return the connection that is there, unless the receiver has closed it meanwhile."""
        stream, self._next = self._next, None
        if stream is None:
            return self._opened()
        if _is_usable(stream):
            return stream
        stream.abort()
        return self._opened()

    def _opened_again(self) -> Stream:
        try:
            return self._opened()
        except AttemptError as error:
            raise AttemptError(
                f"it may be going down: it took no new connection afterwards ({error})"
            ) from error


def _is_usable(stream: Stream) -> bool:
    try:
        return not stream.has_ended()
    except (OSError, AttemptError):
        return False


def _send(stream: Stream, content: bytes) -> None:
    with explained(f"it did not take {len(content)} bytes in time: it has stopped reading"):
        stream.send(content)


def _drain(stream: Stream) -> None:
    with explained("it did not close in time: it may still be reading"):
        if stream.has_ended():
            raise AttemptError("it closed the connection before everything was sent")
        stream.finish()
        stream.read_to_end()
        stream.require_drained()
