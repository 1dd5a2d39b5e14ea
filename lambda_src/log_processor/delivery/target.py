"""Where events go and how, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Protocol(StrEnum):
    """How a receiver takes events, and what its confirmation is worth.

    TCP and TLS have no acknowledgement: what they confirm is called drain-confirmed, and
    `drained.py` says what that means. Lumberjack is acknowledged by the receiver itself.
    """

    TCP = "tcp"
    TLS = "tls"
    LUMBERJACK = "lumberjack"
    LUMBERJACK_TLS = "lumberjack+tls"

    @property
    def is_encrypted(self) -> bool:
        """Whether it goes through TLS."""
        return self in (Protocol.TLS, Protocol.LUMBERJACK_TLS)

    @property
    def is_acknowledged(self) -> bool:
        """Whether the receiver itself says what it has taken."""
        return self in (Protocol.LUMBERJACK, Protocol.LUMBERJACK_TLS)


@dataclass(frozen=True)
class Endpoint:
    """A host's name or address, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return it as it is written in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class TlsOptions:
    """Whom to trust and who to be; everything is optional, and verification is always on."""

    ca: str | None = None
    """Certificates to trust, as PEM; None for those that the system trusts."""
    certificate: str | None = field(default=None, repr=False)
    """The client's certificate and what leads to its CA, as PEM."""
    private_key: str | None = field(default=None, repr=False)
    """The client's key, as PEM without passphrase; None where it stands with the certificate."""
    server_name: str | None = None
    """The name that the receiver's certificate must carry; None for the endpoint's host."""


@dataclass(frozen=True)
class Target:
    """Receivers of which any one will do."""

    protocol: Protocol
    endpoints: tuple[Endpoint, ...]
    tls: TlsOptions = TlsOptions()
    compression_level: int = 0
    """Of Lumberjack: zlib's level, 0 for none."""
