"""TLS with verification always on, whose failures say what to do.

A session is not resumed: a batch costs one handshake of a millisecond or two, and there are
receivers that fail on it where they verify the client (OpenSSL, SSL_CTX_set_session_id_context).
"""

from __future__ import annotations

import socket
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from ..errors import DeliveryError
from .attempts import AttemptError, explained
from .deadline import Patience
from .sockets import CONNECT_SECONDS, Address, Stream, connected
from .target import TlsOptions

_CHUNK = 64 * 1024
"""Bytes that go through TLS and the socket together."""

_CLIENT_REFUSED = (
    "it did not accept our certificate, or wants one and none is set: check the client certificate "
    "and which CA the receiver trusts"
)
_NO_TLS = "it does not speak TLS on this port: use its TLS port, or the protocol without TLS"
_OLD_TLS = "it speaks no TLS from version 1.2 on: allow 1.2 or 1.3 there"
_NOTHING_IN_COMMON = (
    "it refused the handshake: it may want a client certificate, or nothing of its ciphers and "
    "ours is the same"
)
_SILENT = "it did not answer the TLS handshake in time: it may not speak TLS on this port"
_ENDED = "it ended the connection within TLS: it may not speak TLS on this port, or be going down"

_REASONS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it wants a client certificate, and none is set",
    "TLSV1_ALERT_UNKNOWN_CA": _CLIENT_REFUSED,
    "TLSV1_ALERT_ACCESS_DENIED": _CLIENT_REFUSED,
    "TLSV1_ALERT_DECRYPT_ERROR": _CLIENT_REFUSED,
    "SSLV3_ALERT_BAD_CERTIFICATE": _CLIENT_REFUSED,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": _CLIENT_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": _CLIENT_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": _CLIENT_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _CLIENT_REFUSED,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _NOTHING_IN_COMMON,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _NOTHING_IN_COMMON,
    "TLSV1_ALERT_PROTOCOL_VERSION": _OLD_TLS,
    "UNSUPPORTED_PROTOCOL": _OLD_TLS,
    "WRONG_SSL_VERSION": _OLD_TLS,
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "PACKET_LENGTH_TOO_LONG": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "UNRECOGNIZED_NAME": "it does not know the server name that was asked for",
    "TLSV1_UNRECOGNIZED_NAME": "it does not know the server name that was asked for",
}
"""What OpenSSL calls it, and what it means; none of it passes by itself."""

_CERTIFICATES = {
    9: "its certificate is not valid yet: compare the clocks",
    10: "its certificate has expired: renew it on the receiver",
    18: "its certificate is self-signed and not one that is trusted: give it as the CA",
    2: "its certificate comes from a CA that is not trusted: give that CA's certificate",
    19: "its certificate comes from a CA that is not trusted: give that CA's certificate",
    20: "its certificate comes from a CA that is not trusted: give that CA's certificate",
    21: "its certificate comes from a CA that is not trusted: give that CA's certificate",
    62: "its certificate is not for the name {name!r}: set the server name to one that it carries",
    64: "its certificate is not for the address {name!r}: set the server name to a name it carries",
}
"""From OpenSSL's include/openssl/x509_vfy.h, X509_V_ERR_*."""


@lru_cache(maxsize=4)
def context(options: TlsOptions) -> ssl.SSLContext:
    """Return what all connections with these options share.

    Not `create_default_context`, whose checks grow from one Python to the next: Python 3.13
    refuses CAs, as many receivers have, that 3.12 accepted.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the certificate and the name
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.ca is None:
        made.load_default_certs()
    else:
        _trust(made, options.ca)
    if options.certificate is not None:
        _introduce(made, options.certificate, options.private_key)
    elif options.private_key is not None:
        raise DeliveryError("a client's private key is set without its certificate: set both")
    return made


def _trust(made: ssl.SSLContext, ca: str) -> None:
    try:
        made.load_verify_locations(cadata=ca.encode("ascii", "replace").decode())  # comments may be
    except (ValueError, ssl.SSLError) as error:
        raise DeliveryError(
            f"the CA cannot be used: {_said(error)}; it must be certificates in PEM"
        ) from error
    made.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN  # trust exactly what is given


def _introduce(made: ssl.SSLContext, certificate: str, private_key: str | None) -> None:
    """Load the client's certificate, which OpenSSL reads only from files that must not stay."""
    try:
        with tempfile.TemporaryDirectory() as folder:  # nobody else may enter it
            chain = _private_file(folder, "certificate.pem", certificate)
            key = None if private_key is None else _private_file(folder, "key.pem", private_key)
            made.load_cert_chain(chain, key, _refuse_to_ask)
    except OSError as error:  # ssl.SSLError is one
        raise DeliveryError(
            f"the client certificate or its private key cannot be used: {_said(error)}; they must "
            "be PEM and belong together"
        ) from error


def _private_file(folder: str, name: str, content: str) -> str:
    path = Path(folder, name)
    path.touch(0o600, exist_ok=False)
    path.write_text(content, encoding="utf-8", errors="replace")
    return str(path)


def _refuse_to_ask() -> NoReturn:
    raise DeliveryError("the client's private key is encrypted: give it without passphrase")


def opened(address: Address, host: str, options: TlsOptions, patience: Patience) -> TlsStream:
    """Connect and agree; what is wrong with the options is said before anything is tried."""
    made = context(options)
    name = (options.server_name or host).rstrip(".")
    return secured(connected(address, patience), made, name, patience)


def secured(
    connection: socket.socket, made: ssl.SSLContext, name: str, patience: Patience
) -> TlsStream:
    """Return the connection after its handshake; it is closed if that fails."""
    try:
        with explained(_SILENT), _in_words(name):
            stream = TlsStream(connection, made, name, patience)
            stream.shake_hands()
    except BaseException:
        connection.close()  # no reset: it would overtake the alert that tells the receiver why
        raise
    return stream


class TlsStream(Stream):
    """A connection inside TLS, which is worked in memory, apart from the socket.

    Python's own TLS sockets hide resets: before 3.12.3 reading from one that was reset looks like
    reading to its end (https://github.com/python/cpython/issues/115627).
    """

    def __init__(
        self, connection: socket.socket, made: ssl.SSLContext, name: str, patience: Patience
    ) -> None:
        super().__init__(connection, patience)
        self._name = name
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = made.wrap_bio(self._in, self._out, server_hostname=name)

    def shake_hands(self) -> None:
        """Agree on keys and verify the peer."""
        while not self._agreed():
            self._flush()
            self._socket.settimeout(min(CONNECT_SECONDS, self._patience.seconds()))
            self._feed(self._socket.recv(_CHUNK))
        self._flush()

    def send(self, data: bytes) -> None:
        """Hand everything to the kernel; where the peer breaks off, say what it said of it."""
        rest = memoryview(data)
        try:
            while rest:
                with _in_words(self._name):
                    rest = rest[self._tls.write(rest) :]
                if self._out.pending >= _CHUNK or not rest:
                    self._flush()
        except ConnectionError:
            self.arrived()
            raise

    def receive(self) -> bytes:
        """Wait for some bytes; nothing is the end, with or without close_notify."""
        while True:
            content = self._decrypted()
            if content is not None:
                return content
            self._feed(super().receive())

    def arrived(self) -> bytes | None:
        """Return what is there without waiting; None for nothing, nothing for the end."""
        while True:
            content = self._decrypted()
            if content is not None:
                return content
            encrypted = super().arrived()
            if encrypted is None:
                return None
            self._feed(encrypted)

    def has_ended(self) -> bool:
        """Whether the peer has closed its side; what it said of an error is raised."""
        return self.arrived() == b"" or super().has_ended()

    def finish(self) -> None:
        """Close our side of TLS and of TCP at once.

        Not every receiver answers close_notify before TCP's end, so only that is waited for.
        Without the cork a receiver may close at close_notify, before our FIN is there, and look as
        if it had closed by itself.
        """
        if sys.platform == "linux":
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        self._notify_of_the_end()
        self._flush()
        super().finish()

    def read_to_end(self) -> None:
        """Wait for the end of TLS, then of TCP."""
        super().read_to_end()
        if self._in.pending or super().receive():
            raise AttemptError("it sent something after the end of TLS", permanent=True)

    def close(self) -> None:
        """Say so in TLS as far as that needs no waiting."""
        with suppress(OSError, AttemptError):
            self.arrived()  # session tickets: closing before they are read would be a reset
            self._notify_of_the_end()
            self._socket.settimeout(0)
            self._socket.send(self._out.read())
        super().close()

    def _agreed(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:
            with suppress(OSError):
                self._flush()  # the alert that says why
            raise
        return True

    def _decrypted(self) -> bytes | None:
        """Return what there is in memory; None for nothing, nothing for the end."""
        with _in_words(self._name):
            try:
                return self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                return None
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def _notify_of_the_end(self) -> None:
        with _in_words(self._name), suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            self._tls.unwrap()

    def _feed(self, encrypted: bytes) -> None:
        if encrypted:
            self._in.write(encrypted)
        else:
            self._in.write_eof()

    def _flush(self) -> None:
        if self._out.pending:
            super().send(self._out.read())


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    """Turn TLS's errors into AttemptErrors."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        said = _CERTIFICATES.get(error.verify_code, f"its certificate: {error.verify_message}")
        raise AttemptError(said.format(name=name), permanent=True) from error
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
        raise AttemptError(_ENDED) from error
    except ssl.SSLError as error:
        known = _REASONS.get(error.reason or "")
        raise AttemptError(known or f"TLS: {_said(error)}", permanent=bool(known)) from error
    except UnicodeError:
        raise
    except ValueError as error:  # an empty name
        raise AttemptError(f"the server name is not valid: {error}", permanent=True) from error


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    return str(error)
