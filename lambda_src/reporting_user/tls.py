"""A verified TLS connection to PostgreSQL, which waits for nothing beyond the invocation's time.

https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import PropertiesError, UnreachableError

CONNECT_SECONDS = 10.0
"""For one address; a security group that lets nothing in is silent."""

BUNDLE = Path(__file__).with_name("rds_ca.pem")
"""The CAs of RDS."""

_TLS_WANTED = struct.pack("!II", 8, 80877103)

Left = Callable[[], float]
"""The seconds that are left."""

_CERTIFICATES = {
    9: "its certificate is not valid yet: compare the clocks",
    10: "its certificate has expired: let RDS renew it",
    62: "its certificate is not for the name {host!r}: set Host to the instance's own endpoint",
    64: "its certificate is not for the address {host!r}: set Host to the instance's endpoint",
}
_UNTRUSTED = (
    "its certificate comes from a CA that is not trusted: give the CAs of its region in "
    "Certificates, from https://truststore.pki.rds.amazonaws.com"
)
"""Otherwise. From OpenSSL's include/openssl/x509_vfy.h, X509_V_ERR_*."""


def context(certificates: str | None) -> ssl.SSLContext:
    """Return what trusts these CAs alone, or those of RDS.

    Not `create_default_context`, whose checks grow from one Python to the next: Python 3.13
    refuses CAs that 3.12 accepts.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the certificate and the name
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.sslsocket_class = _Socket
    try:
        trusted = BUNDLE.read_text(encoding="ascii") if certificates is None else certificates
        made.load_verify_locations(cadata=trusted.encode("ascii", "replace").decode())
    except (ValueError, ssl.SSLError):
        raise PropertiesError("Certificates must be CAs in PEM") from None
    return made


class _Socket(ssl.SSLSocket):
    """A socket whose every wait ends with the time that is left, however little arrives in it."""

    left: Left

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self._wait_no_longer()
        return super().recv_into(*arguments, **options)

    def send(self, *arguments: Any, **options: Any) -> int:
        self._wait_no_longer()
        return super().send(*arguments, **options)

    def _wait_no_longer(self) -> None:
        left = self.left()
        if not left:
            raise TimeoutError("the invocation's time is up")
        self.settimeout(left)


def connected(host: str, port: int, made: ssl.SSLContext, left: Left) -> ssl.SSLSocket:
    """Return a connection to a server that has proved to be the host; an UnreachableError else."""
    with _in_words(host, port):
        plain = _opened(host, port, left)
        try:
            return _secured(plain, host, made, left)
        except BaseException:
            plain.close()
            raise


def _opened(host: str, port: int, left: Left) -> socket.socket:
    """Connect to the first of the host's addresses that answers."""
    failure: OSError = TimeoutError()
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(max(0.001, min(CONNECT_SECONDS, left())))
            plain.connect(address)
        except OSError as error:
            plain.close()
            failure = error
        else:
            return plain
    raise failure


def _secured(plain: socket.socket, host: str, made: ssl.SSLContext, left: Left) -> ssl.SSLSocket:
    plain.settimeout(max(0.001, min(CONNECT_SECONDS, left())))
    plain.sendall(_TLS_WANTED)
    # One byte alone: more would come from somebody who wants it to be taken for encrypted.
    # https://www.postgresql.org/support/security/CVE-2021-23222/
    answer = plain.recv(1)
    if answer != b"S":
        what = "speaks no TLS" if answer == b"N" else "is no PostgreSQL"
        raise UnreachableError(f"{host} {what}: Host and Port must be those of the master")
    secure = made.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    assert isinstance(secure, _Socket)
    secure.left = left
    try:
        secure.do_handshake()
    except BaseException:
        secure.close()  # the plain socket has become a part of it
        raise
    return secure


@contextmanager
def _in_words(host: str, port: int) -> Iterator[None]:
    """Turn what the operating system and OpenSSL say into UnreachableErrors."""
    where = f"the server {host}:{port}"
    try:
        yield
    except socket.gaierror as error:
        raise UnreachableError(
            f"{where} has no address ({error.strerror}): check Host and the VPC's DNS settings"
        ) from error
    except ssl.SSLCertVerificationError as error:
        said = _CERTIFICATES.get(error.verify_code, _UNTRUSTED).format(host=host)
        raise UnreachableError(f"{where} is refused: {said}") from error
    except TimeoutError as error:
        raise UnreachableError(
            f"{where} does not answer: check that the instance is available, and that its security "
            "group lets the function in on that port"
        ) from error
    except (OSError, ValueError) as error:  # a ValueError is a name that cannot be one
        raise UnreachableError(f"{where} cannot be reached: {error}") from error
