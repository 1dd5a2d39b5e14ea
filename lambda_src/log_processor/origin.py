"""Where lines come from: one version of one object, and what its key tells."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Origin:
    """One version of one object."""

    bucket: str
    key: str
    version: str
    """The object's version id, or its ETag where the bucket keeps no versions."""

    @cached_property
    def id(self) -> str:
        """A hash that no other object, and no other version of this one, has."""
        # The parts can hold anything but NUL, so nothing else gives the same bytes.
        identity = "\0".join((self.bucket, self.key, self.version))
        return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @cached_property
    def account(self) -> str | None:
        """The account that the load balancer is in, as the key has it."""
        return self._place.get("account")

    @cached_property
    def region(self) -> str | None:
        """The region that the load balancer is in, as the key has it."""
        return self._place.get("region")

    @cached_property
    def _place(self) -> dict[str, str]:
        # [prefix/]AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/08/01/…
        found = re.search(
            r"(?:^|/)AWSLogs/(?P<account>[0-9]{12})/elasticloadbalancing/(?P<region>[a-z0-9-]+)/",
            self.key,
        )
        return found.groupdict() if found else {}
